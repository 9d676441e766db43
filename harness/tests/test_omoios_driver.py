"""What the driver of OmoiOS says of a capability that is not there, and of one that it does not know yet."""

import json
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from harness.errors import CannotTell, OutOfReach, PlatformLacks, PlatformMisbehaved, PlatformOffersNone
from harness.journal import Journal
from harness.targets.inside import Inside
from harness.targets.omoios.desk import Tenancy
from harness.targets.omoios.target import Tenant
from harness.targets.terms import Instance, Scope

COSTS: Final[Mapping[str, object]] = {"/api/v1/costs/summary": {}, "/api/v1/costs/forecast": {}}
Verb = Callable[[Tenant], object]


@contextmanager
def platform(paths: Mapping[str, object], *, refusal: str = "", status: int = 400) -> Generator[Tenant]:
    """A tenant of a platform that publishes these paths and refuses everything else with these words."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/openapi.json"
            self.send_response(200 if known else status)
            self.end_headers()
            said: object = {"paths": paths} if known else {"detail": refusal}
            self.wfile.write(json.dumps(said, separators=(",", ":")).encode())

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - says nothing
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        instance = Instance(url=url, database_url="postgresql://nowhere", secret="s" * 64)
        tenant = Tenant(instance, Journal(), Tenancy(organization="o", user="u", roles={}))
        yield tenant
        tenant.close()
        server.shutdown()


def forecast(one: Tenant) -> object:
    """Ask for the forecast of a project."""
    return one.forecast(Scope(kind="project", id="p"), provider="a", model="b")


def total(one: Tenant) -> object:
    """Ask what a spec cost so far."""
    return one.costs_of_spec("s")


def final(one: Tenant) -> object:
    """Ask what a completed spec cost."""
    return one.final_costs_of_spec("s")


def summary(one: Tenant) -> object:
    """Ask what a project cost."""
    return one.summary("project", "p")


def limit(one: Tenant) -> object:
    """Limit what a spec may cost."""
    return one.set_budget(Scope(kind="spec", id="s"), Decimal(1))


@pytest.mark.parametrize(
    ("verb", "newer"),
    [
        (total, "/api/v1/specs/{spec_id}/costs"),
        (final, "/api/v1/specs/{spec_id}/cost-summary"),
        (forecast, "/api/v1/projects/{project_id}/forecast"),
    ],
)
def test_what_is_nowhere_published_is_lacking_and_what_is_new_is_unknown(verb: Verb, newer: str) -> None:
    """Its own description tells; a path that this driver was not written for is not held against anybody."""
    with platform(COSTS) as tenant, pytest.raises(PlatformLacks, match="offers no way to"):
        verb(tenant)
    with platform({**COSTS, newer: {}}) as tenant, pytest.raises(CannotTell, match="does not know yet"):
        verb(tenant)


@pytest.mark.parametrize("verb", [summary, limit])
def test_a_scope_that_the_platform_says_it_does_not_know_is_lacking(verb: Verb) -> None:
    """Any other refusal may have another reason."""
    with platform(COSTS, refusal="Invalid scope_type: project") as tenant, pytest.raises(PlatformLacks):
        verb(tenant)
    with platform(COSTS, refusal="scope_id required") as tenant, pytest.raises(PlatformOffersNone) as refused:
        verb(tenant)
    assert not isinstance(refused.value, PlatformLacks)
    with platform(COSTS, refusal="Invalid scope_type: project", status=500) as tenant:
        with pytest.raises(PlatformMisbehaved) as failed:
            verb(tenant)
        assert not isinstance(failed.value, PlatformLacks)


def test_what_is_done_elsewhere_is_out_of_reach() -> None:
    """Neither its agents' program nor its page are here, and without its interpreter no task begins or ends."""
    with platform(COSTS) as tenant:
        with pytest.raises(OutOfReach):
            tenant.run_task("t")
        with pytest.raises(CannotTell, match="separate application"):
            tenant.page("p", "s")
        for verb in (partial(tenant.start_task, "t"), tenant.complete_task, tenant.fail_task):
            with pytest.raises(CannotTell, match="interpreter is not at hand"):
                verb("t")


def test_before_there_were_specs_none_is_made_and_nothing_may_be_asked_of_it() -> None:
    """Only a path that is not there tells so, not a project that is not found."""
    with platform(COSTS, refusal="Not Found", status=404) as tenant:
        spec = tenant.create_spec("p", "s")
        for verb in (tenant.advance_spec, tenant.status_of_spec):
            with pytest.raises(PlatformOffersNone, match="no specifications yet"):
                verb(spec)
    with platform(COSTS, refusal="Project not found", status=404) as tenant, pytest.raises(PlatformOffersNone):
        tenant.create_spec("p", "s")


def test_a_way_to_record_is_one_where_it_is_published() -> None:
    """Before sandboxes reported anything there was one way alone."""
    with platform(COSTS) as tenant:
        assert len(tenant.ways_to_record()) == 1
    with platform({**COSTS, "/api/v1/sandboxes/{sandbox_id}/events": {"post": {}}}) as tenant:
        assert len(tenant.ways_to_record()) == 2


@pytest.mark.parametrize(("service", "ways"), [("def record_sandbox_cost(self): ...", 2), ("", 1)])
def test_what_sandboxes_report_is_a_way_to_record_where_the_service_keeps_it(
    tmp_path: Path, service: str, ways: int
) -> None:
    """In the first weeks in which sandboxes reported, nobody wrote a cost down for that."""
    folder = tmp_path / "omoi_os" / "services"
    folder.mkdir(parents=True)
    (folder / "cost_tracking.py").write_text(service)
    with platform({**COSTS, "/api/v1/sandboxes/{sandbox_id}/events": {"post": {}}}) as tenant:
        inside = Inside(sys.executable, tmp_path, env={})
        tenant.instance = replace(tenant.instance, inside=inside)
        assert len(tenant.ways_to_record()) == ways
        inside.close()


def test_tasks_are_made_by_the_route_or_by_the_queue_where_there_is_none() -> None:
    """The route is asked where it is published; else the platform's own code, which is not at hand here."""
    with platform({"/api/v1/tasks": {"get": {}}}) as tenant, pytest.raises(CannotTell, match="not at hand"):
        tenant.create_task_of_ticket("t", "a task")
    with platform({"/api/v1/tasks": {"post": {}}}) as tenant, pytest.raises(PlatformMisbehaved, match="POST"):
        tenant.create_task_of_ticket("t", "a task")
