"""Text of unknown origin made fit for Markdown."""

import re
from typing import Final

from harness.report import text

_REASON: Final = 600
_ACTIVE: Final = re.compile(r"([\\`*_{}\[\]()#!|~@$])")


def plain(quoted: str) -> str:
    """Quoted text on one line, with nothing in it that Markdown or HTML would act on."""
    line = " ".join(text.shown(quoted, _REASON).split())
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ACTIVE.sub(r"\\\1", escaped)
