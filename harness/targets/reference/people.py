"""Who stands how to a project of the reference implementation: planted by the harness's own SQL, tokens minted."""

from typing import Final, assert_never
from uuid import uuid4

import psycopg

from harness.observe import planting
from harness.services.databases import connect
from harness.targets import tokens
from harness.targets.http import Api
from harness.targets.reference.desk import Desk, Tenancy
from harness.targets.surface import API
from harness.targets.terms import PageGuide, Person, Role

Connection = psycopg.Connection
_TOKEN_KEY: Final = "omoi.token"  # noqa: S105 - where the page keeps a token, not one


def seed(database_url: str) -> Tenancy:
    """Plant an organisation and its owner, whatever else their tables may demand by now."""
    with connect(database_url) as connection:
        organization = str(planting.plant(connection, "organizations"))
        return Tenancy(organization=organization, user=_colleague(connection, organization, "owner"))


class People(Desk):
    """The verbs about people, and about where they look."""

    def person(self, role: Role, project_id: str) -> Person:
        """Somebody who stands so to a project; a project has one owner, whoever asks."""
        with connect(self.instance.database_url) as connection:
            user = self._somebody(connection, role, project_id)
        person = Person(id=user, token=tokens.mint(user, secret=self.instance.secret))
        if role == "removed":
            _look(self.instance.url, person, project_id)
            self.remove(person, project_id)
        return person

    def remove(self, person: Person, project_id: str) -> None:
        """Have the platform itself remove somebody."""
        self.api.demand(self.api.delete(f"{API}/projects/{project_id}/members/{person.id}"))

    def page(self, project_id: str, spec_id: str) -> PageGuide:
        """The page about a project, opened at a spec by the organisation's owner."""
        return PageGuide(
            url=f"{self.instance.url}/?project={project_id}&spec={spec_id}",
            storage={_TOKEN_KEY: self.token},
            total=f'[data-spec-id="{spec_id}"] [data-total]',
            alert="[data-alert]",
        )

    def adopt_task(self, task_id: str) -> None:
        """Move the planted task's project into the organisation."""
        with connect(self.instance.database_url) as connection:
            connection.execute(
                "UPDATE projects SET organization_id = %s FROM tickets JOIN tasks ON tasks.ticket_id = tickets.id "
                "WHERE projects.id = tickets.project_id AND tasks.id = %s",
                (self.tenancy.organization, task_id),
            )

    def _somebody(self, connection: Connection, role: Role, project_id: str) -> str:
        organization = self.tenancy.organization
        match role:
            case "viewer" | "member" | "removed":
                standing = "viewer" if role == "viewer" else "member"
                return _participant(connection, organization, project_id, standing)
            case "project owner":
                return self._owner(connection, project_id)
            case "organisation admin" | "organisation owner":
                return _colleague(connection, organization, role.removeprefix("organisation "))
            case "stranger":
                return _stranger(connection)
            case _:
                assert_never(role)

    def _owner(self, connection: Connection, project_id: str) -> str:
        """The project's owner, who is made somebody else than the organisation's owner first."""
        row = connection.execute("SELECT owner_id FROM projects WHERE id = %s", (project_id,)).fetchone()
        if row is not None and row[0] != self.tenancy.user:
            return str(row[0])
        owner = _colleague(connection, self.tenancy.organization, "member")
        connection.execute("UPDATE projects SET owner_id = %s WHERE id = %s", (owner, project_id))
        return owner


def _look(url: str, person: Person, project_id: str) -> None:
    """Let somebody look at a project once, so that whatever remembers them does."""
    once = Api(url, token=person.token)
    once.demand(once.get(f"{API}/projects/{project_id}"))
    once.close()


def _colleague(connection: Connection, organization: str, role: str) -> str:
    """Somebody with a role in an organisation."""
    user = str(planting.plant(connection, "users", {"email": f"{uuid4().hex}@tenant.example"}))
    membership = {"organization_id": organization, "user_id": user, "role": role}
    planting.plant(connection, "organization_memberships", membership)
    return user


def _participant(connection: Connection, organization: str, project_id: str, role: str) -> str:
    """Somebody with a role in a project, and the same one in its organisation."""
    user = _colleague(connection, organization, role)
    planting.plant(connection, "project_memberships", {"project_id": project_id, "user_id": user, "role": role})
    return user


def _stranger(connection: Connection) -> str:
    """A member of a project of an organisation of which nobody else is."""
    organization = str(planting.plant(connection, "organizations"))
    owner = _colleague(connection, organization, "owner")
    elsewhere = {"organization_id": organization, "owner_id": owner}
    project = str(planting.plant(connection, "projects", elsewhere))
    return _participant(connection, organization, project, "member")
