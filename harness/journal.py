"""What instruments said during one check: the only place where readings are made.

Steps receive instruments that already hold a journal. They have no way to write one themselves (an import contract
keeps the model out of `steps`), so a pass cannot be typed, only earned.
"""

from datetime import UTC, datetime

from harness.model import Evidence, Figure, Outcome, Reading, Seen, Tally


class Journal:
    """Collects the readings, findings, artifacts and figures of the check that is running."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.findings: list[Reading] = []
        self.artifacts: list[str] = []
        self.figures: list[Figure] = []

    def clear(self) -> None:
        """Forget everything, for the next check."""
        self.readings.clear()
        self.findings.clear()
        self.artifacts.clear()
        self.figures.clear()

    def note(
        self,
        instrument: str,
        claim: str,
        *,
        observed: Seen,
        examined: int,
        expected: Seen = None,
        seconds: float = 0.0,
        tally: Tally | None = None,
    ) -> None:
        """Add a reading; `examined` is the number of things looked at, `seconds` how long that took.

        `tally` is what of it counts for a success metric of the document.
        """
        self.readings.append(
            Reading(
                instrument=instrument,
                claim=claim,
                observed=observed,
                examined=examined,
                expected=expected,
                seconds=seconds,
                tally=tally,
            )
        )

    def find(self, instrument: str, claim: str, *, observed: Seen, examined: int) -> None:
        """Add a finding: shown in the report, never part of an outcome."""
        self.findings.append(Reading(instrument=instrument, claim=claim, observed=observed, examined=examined))

    def draw(self, figure: Figure) -> None:
        """Add what the report shows as a picture."""
        self.figures.append(figure)

    def evidence(
        self, check: str, outcome: Outcome, *, seconds: float, mask: str | None = None, repairs: tuple[str, ...] = ()
    ) -> Evidence:
        """Give what was collected as the evidence of a check that has just ended; `repairs` is what was mended."""
        return Evidence(
            check=check,
            outcome=outcome,
            at=datetime.now(UTC),
            readings=tuple(self.readings),
            findings=tuple(self.findings),
            artifacts=tuple(self.artifacts),
            figures=tuple(self.figures),
            mask=mask,
            round="repaired" if repairs else "shipped",
            repairs=repairs,
            seconds=round(seconds, 6),
        )
