"""One defect that hides others: who is asked again, what then speaks for them, and that nothing becomes green by it."""

from dataclasses import replace

from harness import acceptance, gate, repairs, verdict
from harness.errors import EXIT_NONCONFORMANT, EXIT_UNDETERMINED
from harness.model import (
    Criterion,
    Evidence,
    Failed,
    Header,
    Inconclusive,
    NotApplicable,
    Outcome,
    Passed,
    Record,
    Repair,
)
from harness.tests.record import check, criterion, evidence, header, record, requirement

HOME, HIDDEN, OTHER = check("REQ-A-001.1/home"), check("REQ-A-001.2/hidden"), check("REQ-A-001.2/other")
SYMPTOM = Failed(because='column "id" is of type integer but expression is of type character varying')
REPAIR = Repair(
    name="key",
    because="the key is a number",
    symptom="is of type integer",
    statements=("ALTER TABLE cost_records ALTER COLUMN id TYPE varchar",),
    judged_by=("REQ-A-001.1",),
)


def known() -> Header:
    """A run of a target that knows one repair."""
    plain = header(requirement(criterion(1, HOME), criterion(2, HIDDEN, OTHER)))
    target = replace(plain.run.target, repairs=(REPAIR,))
    return replace(plain, run=replace(plain.run, target=target))


def seen(check_id: str, outcome: Outcome, *, mended: bool = False) -> Evidence:
    """One line, of the platform as it was shipped or under the repair."""
    (line,) = evidence([(check_id, outcome)])
    return replace(line, round="repaired", repairs=(REPAIR.name,)) if mended else line


def told(*lines: Evidence) -> Record:
    """A whole record of these lines."""
    return replace(record(known(), ()), evidence=lines)


def test_whoever_shows_the_symptom_is_asked_again_but_not_where_the_defect_is_at_home() -> None:
    """A check that failed for another reason, or passed, has seen what it wanted to see."""
    for outcome in (SYMPTOM, Inconclusive(because=f"hidden by record: {SYMPTOM.because}")):
        shown = [seen(HOME.id, SYMPTOM), seen(HIDDEN.id, outcome), seen(OTHER.id, Failed(because="2 instead of 1"))]
        again = repairs.masked(known(), shown)
        assert again.repairs == (REPAIR,)
        assert again.planned.required == (HIDDEN,)


def test_behind_one_defect_there_may_be_another() -> None:
    """A symptom that shows only once another defect was mended has it mended too; one that stays is left alone."""
    second = replace(REPAIR, name="second", symptom="no such column")
    first = known()
    both = replace(first, run=replace(first.run, target=replace(first.run.target, repairs=(REPAIR, second))))
    behind = replace(seen(HIDDEN.id, Failed(because="no such column"), mended=True))
    assert repairs.masked(both, [behind], mended=(REPAIR,)).repairs == (REPAIR, second)
    assert repairs.masked(both, [seen(HIDDEN.id, SYMPTOM, mended=True)], mended=(REPAIR,)).repairs == ()
    last = replace(seen(HIDDEN.id, Passed()), round="repaired", repairs=("key", "second"))
    judged = verdict.judge(told(seen(HIDDEN.id, SYMPTOM), behind, last, seen(OTHER.id, Passed()))).criteria[1]
    assert (judged.status, judged.repairs) == ("conformant", ("key", "second"))


def test_without_the_symptom_nothing_is_mended() -> None:
    """A repair that nobody needs is no part of a run."""
    again = repairs.masked(known(), [seen(HIDDEN.id, Passed()), seen(HOME.id, SYMPTOM)])
    assert (again.repairs, again.planned.required) == ((), ())


def test_under_repair_the_second_round_speaks_alone() -> None:
    """What the first round saw was the defect; the criterion says what was mended for its verdict."""
    for outcome, status in ((Passed(), "conformant"), (Failed(because="2 instead of 1"), "nonconformant")):
        found = told(seen(HIDDEN.id, SYMPTOM), seen(OTHER.id, Passed()), seen(HIDDEN.id, outcome, mended=True))
        judged = {one.subject: one for one in verdict.judge(found).criteria}["REQ-A-001.2"]
        assert (judged.status, judged.repairs) == (status, ("key",))
        assert not any("is of type integer" in reason for reason in judged.because)


def test_a_round_that_saw_nothing_leaves_open_what_is_behind_the_defect() -> None:
    """A repair that does not fit shows nothing, and what failed before failed by the defect alone."""
    unfit = seen(HIDDEN.id, Inconclusive(because="the repair “key” does not fit"), mended=True)
    judged = verdict.judge(told(seen(HIDDEN.id, SYMPTOM), seen(OTHER.id, Passed()), unfit)).criteria[1]
    assert (judged.status, judged.repairs) == ("undetermined", ("key",))
    assert any("does not fit" in reason for reason in judged.because)


def test_what_conforms_only_under_repair_is_no_step_of_a_rollout() -> None:
    """A line of acceptance rests on what the platform does as it is."""
    home, hidden = check("REQ-EVT-001.1/a"), check("REQ-EVT-001.2/a")
    criteria = (
        Criterion(id="REQ-EVT-001.1", text="", checks=(home,)),
        Criterion(id="REQ-EVT-001.2", text="", checks=(hidden,)),
    )
    first = header(requirement(*criteria, name="REQ-EVT-001"))
    for mended, state in ((False, "met"), (True, "undetermined")):
        lines = (seen(home.id, Passed()), seen(hidden.id, Passed(), mended=mended))
        found = replace(record(first, ()), evidence=lines)
        line = next(
            one
            for one in acceptance.assess(found, verdict.judge(found)).lines
            if one.parts[0].subject == criteria[0].id
        )
        assert line.state == state


def test_what_does_not_apply_only_under_repair_opens_no_gate() -> None:
    """As it was shipped nobody could look whether it applies."""
    lack = NotApplicable(because="it declares no relationship")
    lines = (
        seen(HOME.id, Passed()),
        seen(HIDDEN.id, SYMPTOM),
        seen(HIDDEN.id, lack, mended=True),
        seen(OTHER.id, lack),
    )
    decision = gate.decide(verdict.judge(told(*lines)))
    assert decision.exit_code == EXIT_UNDETERMINED
    assert any("not-applicable only under repair: key" in reason for reason in decision.reasons)


def test_what_conforms_only_under_repair_opens_no_gate() -> None:
    """As it was shipped the platform does not do it, whether the defect's home was asked for or not."""
    hidden = (seen(HIDDEN.id, SYMPTOM), seen(OTHER.id, Passed()), seen(HIDDEN.id, Passed(), mended=True))
    for home, code in ((Passed(), EXIT_UNDETERMINED), (SYMPTOM, EXIT_NONCONFORMANT)):
        decision = gate.decide(verdict.judge(told(seen(HOME.id, home), *hidden)))
        assert decision.exit_code == code
        assert any("only under repair: key" in reason for reason in decision.reasons)
