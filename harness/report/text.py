"""Text of unknown origin made fit to show: nothing invisible, nothing endless."""

import re
from typing import Final

from harness.model import Seen

REASON: Final = 4_000
VALUE: Final = 1_500
ITEMS: Final = 40

# Control characters, and the marks that reorder or hide what stands beside them.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def shown(text: str, limit: int = REASON) -> str:
    """The text with invisible characters named, cut with a note when longer than `limit` characters."""
    kept = _INVISIBLE.sub(_named, text[:limit].replace("\r\n", "\n"))
    return kept if len(text) <= limit else f"{kept} … (cut here: {len(text) - limit:,} more characters in report.json)"


def seen(value: Seen) -> str:
    """What an instrument saw or expected, one line per item."""
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}" if len(str(value)) < VALUE else shown(str(value), VALUE)
        case float():
            return f"{value:.6g}"
        case str():
            return shown(value, VALUE)
        case tuple():
            return _items(value)


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best: `0.25 s`, `38 s`, `2 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def share(counted: int, total: int) -> str:
    """A share in percent; what is neither nothing nor all is never rounded to it."""
    if not total:
        return "—"
    if counted in (0, total):
        return "100 %" if counted else "0 %"
    return f"{min(max(100 * counted / total, 0.01), 99.99):.2f} %"


def _items(items: tuple[str, ...]) -> str:
    lines = [shown(item, VALUE // 5) for item in items[:ITEMS]]
    if len(items) > ITEMS:
        lines.append(f"… (cut here: {len(items) - ITEMS:,} more in report.json)")
    return "\n".join(lines) if lines else "none"


def _named(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[0]):04X}⟩"
