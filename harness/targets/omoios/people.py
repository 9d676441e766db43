"""Who stands how to a project of OmoiOS: roles are held in organisations, planted by the harness's own SQL."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from uuid import uuid4

import psycopg

from harness.errors import CannotTell
from harness.observe import planting, tables
from harness.services.databases import connect
from harness.targets import tokens
from harness.targets.http import Api
from harness.targets.omoios.desk import Desk, Tenancy
from harness.targets.replies import INSTRUMENT
from harness.targets.surface import API
from harness.targets.terms import PageGuide, Person, Role

Connection = psycopg.Connection

# Projects have no members of their own: a role in the organisation stands in, an administrator for a project's owner.
ROLES: Final[Mapping[Role, str]] = {
    "viewer": "viewer",
    "member": "member",
    "removed": "member",
    "project owner": "admin",
    "organisation admin": "admin",
    "organisation owner": "owner",
    "stranger": "member",
}
# Newcomers wait in a list until somebody lets them in.
_APPROVED: Final[Mapping[str, object]] = {"waitlist_status": "approved"}
_SYSTEM: Final = "SELECT name, id FROM roles WHERE organization_id IS NULL"


def seed(database_url: str) -> Tenancy:
    """Plant an organisation that a person owns; CannotTell when the platform has no such thing."""
    with connect(database_url) as connection:
        roles = _roles(connection)
        owner = _user(connection)
        organization = _organization(connection, owner)
        _join(connection, organization, owner, roles["owner"])
    return Tenancy(organization=organization, user=owner, roles=roles)


class People(Desk):
    """The verbs about people, and about where they look."""

    def person(self, role: Role, project_id: str) -> Person:
        """Somebody with the role that stands in for this one."""
        with connect(self.instance.database_url) as connection:
            organization = self.tenancy.organization
            if role == "stranger":
                organization = _organization(connection, _user(connection))
            user = _user(connection)
            _join(connection, organization, user, self.tenancy.roles[ROLES[role]])
        stand_in = f"somebody with the role {ROLES[role]} in an organisation"
        self.journal.find(INSTRUMENT, f"who stands in for: {role}", observed=stand_in, examined=1)
        person = Person(id=user, token=tokens.mint(user, secret=self.instance.secret))
        if role == "removed":
            once = Api(self.instance.url, token=person.token)
            once.get(f"{API}/projects/{project_id}")
            once.close()
            self.remove(person, project_id)
        return person

    def remove(self, person: Person, project_id: str) -> None:  # noqa: ARG002 - see ROLES
        """Have the platform end somebody's membership of the organisation."""
        members = f"{API}/organizations/{self.tenancy.organization}/members"
        answer = self.api.delete(f"{members}/{self._membership(person)}")
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            raise CannotTell(f"{answer.operation} answered {answer.status}, so nobody could be removed")
        self.api.demand(answer)

    def page(self, project_id: str, spec_id: str) -> PageGuide:  # noqa: ARG002 - there is none
        """Nowhere: the page is an application of its own, with a build and a server that are not in this source."""
        raise CannotTell("the platform's page is a separate application that is not part of this source")

    def adopt_task(self, task_id: str) -> None:
        """Move the planted task's ticket into a project of the organisation."""
        project = self.plant_project()
        with connect(self.instance.database_url) as connection:
            connection.execute(
                "UPDATE tickets SET project_id = %s FROM tasks WHERE tasks.ticket_id = tickets.id AND tasks.id = %s",
                (project, task_id),
            )

    def _membership(self, person: Person) -> str:
        with connect(self.instance.database_url) as connection:
            row = connection.execute(
                "SELECT id FROM organization_memberships WHERE user_id = %s AND organization_id = %s",
                (person.id, self.tenancy.organization),
            ).fetchone()
        if row is None:
            raise CannotTell("somebody who was planted as a member is none")
        return str(row[0])


def _roles(connection: Connection) -> Mapping[str, object]:
    try:
        found: dict[str, object] = dict(connection.execute(_SYSTEM).fetchall())
    except psycopg.errors.UndefinedTable as error:
        raise CannotTell("this platform has no organisations with roles yet, so nobody can be let in") from error
    missing = set(ROLES.values()) - found.keys()
    if missing:
        raise CannotTell(f"the platform's migrations leave no role {', '.join(sorted(missing))}")
    return found


def _user(connection: Connection) -> str:
    known = {"email": f"{uuid4().hex}@tenant.example", "is_active": True, "is_verified": True, **_APPROVED}
    return str(planting.plant(connection, "users", _there(connection, "users", known)))


def _organization(connection: Connection, owner: str) -> str:
    known = {"owner_id": owner, "slug": f"tenant-{uuid4().hex}", "is_active": True}
    return str(planting.plant(connection, "organizations", _there(connection, "organizations", known)))


def _there(connection: Connection, name: str, values: Mapping[str, object]) -> Mapping[str, object]:
    """Those of the values that this version's table has a column for."""
    table = tables.read(connection, name)
    return {column: value for column, value in values.items() if table is None or table.column(column) is not None}


def _join(connection: Connection, organization: str, user: str, role: object) -> None:
    planting.plant(
        connection,
        "organization_memberships",
        {"organization_id": organization, "user_id": user, "role_id": role, "agent_id": None},
    )
