"""What a report format is: a name, the file it fills, and one pure function from report to text."""

from typing import Protocol

from harness.report.document import Report


class Format(Protocol):
    """One way to write a report down; each lives in a module of its own beside this one."""

    @property
    def name(self) -> str:
        """What people call the format."""
        ...

    @property
    def filename(self) -> str:
        """The file it fills in the run's folder."""
        ...

    def render(self, report: Report) -> str:
        """The whole file, as text to be stored in UTF-8."""
        ...
