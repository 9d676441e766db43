"""One record that shows every status and every outcome, for the tests of judging and reporting."""

from datetime import UTC, datetime

from harness import gate, verdict
from harness.model import (
    Canary,
    Check,
    Criterion,
    Environment,
    Evidence,
    Failed,
    Figure,
    Footer,
    Gap,
    Header,
    Inconclusive,
    NotApplicable,
    Outcome,
    Passed,
    Profile,
    Reading,
    Record,
    Requirement,
    Run,
    Source,
    Tally,
    Target,
)
from harness.report import compose
from harness.report.document import Report
from harness.tests import pictures

STARTED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOSTILE = "</script><script>alert('taken')</script>\x00\x1b[31m\u202e"
FAILURE = "create_app needs omoi_os.services.cost_tracking, which is missing"

READINGS = (
    Reading(
        instrument="imports",
        claim="every module of the closure resolves",
        expected=0,
        observed=("omoi_os.api.routes.costs", "omoi_os.services.cost_tracking"),
        examined=31,
        seconds=1.25,
        tally=Tally(metric="imports", right=29, of=31),
    ),
    Reading(instrument="ledger", claim="calls served", observed=0, examined=7),
)
FINDINGS = (Reading(instrument="imports", claim="modules outside the closure fail", observed=2, examined=140),)


def check(identity: str, title: str, *, profile: Profile = "core") -> Check:
    """Name a check, with three steps and a place in a feature file."""
    steps = ("Given an interpreter of the platform", "When each module is imported first", f"Then {title}")
    return Check(
        id=identity, title=title, profile=profile, needs="source", steps=steps, location="features/billing.feature:12"
    )


def evidence(
    identity: str,
    outcome: Outcome,
    *,
    mask: str | None = None,
    path: str | None = None,
    figures: tuple[Figure, ...] = (),
) -> Evidence:
    """Record one execution, with readings and a finding."""
    return Evidence(
        check=identity,
        outcome=outcome,
        at=STARTED,
        readings=READINGS,
        findings=FINDINGS,
        artifacts=("artifacts/imports.txt",),
        figures=figures,
        mask=mask,
        path=path,
        seconds=1.5,
    )


IMPORTS = Requirement(
    id="REQ-BILL-001",
    title="The billing service can be imported",
    text="CostTrackingService shall be importable from its module.",
    source=Source(section="3.1", kind="document"),
    reading="The closure of the billing modules counts; other modules are findings.",
    criteria=(
        Criterion(
            id="REQ-BILL-001.1",
            text="Imports resolve at runtime",
            checks=(
                check("REQ-BILL-001.1/each-module[1]", "each module imports"),
                check("REQ-BILL-001.1/later", "names inside functions resolve"),
            ),
        ),
        Criterion(
            id="REQ-BILL-001.2",
            text="No import closes a circle",
            checks=(check("REQ-BILL-001.2/no-circle", "the graph has no circle"),),
        ),
    ),
)
MODEL = Requirement(
    id="REQ-BILL-002",
    title="The cost record is stored",
    text="Migrations shall create the table.",
    source=Source(section="3.1", kind="document"),
    reading="Extra columns are differences.",
    criteria=(
        Criterion(
            id="REQ-BILL-002.1",
            text="The model imports",
            checks=(check("REQ-BILL-002.1/imports", "mappers are configured"),),
        ),
        Criterion(
            id="REQ-BILL-002.2",
            text="Migrations create the table",
            checks=(check("REQ-BILL-002.2/upgrade", "the head is reached"),),
        ),
        Criterion(
            id="REQ-BILL-002.3",
            text="Declared relationships load",
            checks=(check("REQ-BILL-002.3/relationships", "relationships load"),),
        ),
    ),
)
PRICES = Requirement(
    id="REQ-BILL-003",
    title="Prices come from the pricing file",
    text="Unknown models shall get the default price.",
    source=Source(section="3.1", kind="derived"),
    reading="",
    criteria=(
        Criterion(
            id="REQ-BILL-003.1",
            text="Unknown models cost the default",
            checks=(check("REQ-BILL-003.1/default", "the default is charged"),),
        ),
        Criterion(
            id="REQ-BILL-003.2",
            text="A malformed file stops the start",
            checks=(check("REQ-BILL-003.2/malformed", "the start stops", profile="hardened"),),
            hardened=True,
        ),
    ),
)
REQUIREMENTS = (IMPORTS, MODEL, PRICES)
REQUIRED = tuple(
    each.id
    for requirement in REQUIREMENTS
    for criterion in requirement.criteria
    for each in criterion.checks
    if each.profile == "core"
)
EVIDENCE = (
    evidence("REQ-BILL-001.1/each-module[1]", Failed(because=FAILURE), figures=pictures.EVERY),
    evidence("REQ-BILL-001.2/no-circle", Inconclusive(because="grimp stopped at a syntax error")),
    evidence("REQ-BILL-002.1/imports", Inconclusive(because="hidden by start: it did not come up"), mask="start"),
    evidence("REQ-BILL-002.2/upgrade", Passed()),
    evidence("REQ-BILL-002.3/relationships", NotApplicable(because="no relationship is declared")),
    evidence("REQ-BILL-003.1/default", Passed(), path="rest"),
    evidence("REQ-BILL-003.1/default", Passed(), path="service"),
)
RUN = Run(
    id="20261122T093000-1a2b",
    target=Target(
        name="reference",
        version="0.1.0",
        digest="9f2b61c0" * 8,
        source="/srv/suite/reference_impl",
        python="/srv/venv/bin/python",
        gaps=(Gap(criterion="REQ-BILL-001.1", because="the cost module is being split"),),
    ),
    environment=Environment(services="embedded", addresses={}, versions={"python": "3.11"}, seed=4711, machine="linux"),
    profile="core",
    selection=(),
    started=STARTED,
    suite="/srv/suite",
    options=("--target", "reference"),
)
CANARIES = (
    Canary(channel="sql", seen=True, lane="source", address="postgresql://me:p/w@1@127.0.0.1:5433/db", version="18.4"),
    Canary(channel="bus", seen=False, lane="service", address="redis://:secret@127.0.0.1:6380", version="7.2.4"),
)
FOOTER = Footer(lines=10, digest="0" * 64, seconds=38.2, finished=STARTED, target_digest="9f2b61c0" * 8)


def record(
    *,
    seen: tuple[Evidence, ...] = EVIDENCE,
    required: tuple[str, ...] = REQUIRED,
    run: Run = RUN,
    footer: Footer | None = FOOTER,
) -> Record:
    """Build the record of a run that saw this."""
    header = Header(run=run, requirements=REQUIREMENTS, required=required)
    return Record(header=header, evidence=seen, canaries=CANARIES, footer=footer)


def report(subject: Record | None = None) -> Report:
    """Judge, decide and compose, as `conform report` does."""
    subject = subject or record()
    judgement = verdict.judge(subject)
    return compose.compose(subject, judgement, gate.decide(judgement))
