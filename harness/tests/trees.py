"""Lays the tiny broken trees of the fixtures over a copy of the harmless one, and looks at them."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from harness.interpreter import scan
from harness.interpreter.client import Worker
from harness.interpreter.scan import Scan

TREES: Final = Path(__file__).parents[2] / "fixtures" / "miniatures" / "trees"


def lay(defect: str, folder: Path) -> Path:
    """A source root that has this one defect, below the folder."""
    source = folder / "platform"
    shutil.copytree(TREES / "harmless", source)
    shutil.copytree(TREES / defect, source, dirs_exist_ok=True)
    return source


def worker(source: Path) -> Worker:
    """A worker in our own Python, which has none of the platform's dependencies and writes beside the source."""
    return Worker(sys.executable, source, env={"PATH": os.environ.get("PATH", ""), "TMPDIR": str(source.parent)})


def scanned(source: Path) -> Scan:
    """The scan of a source root, by a worker of its own."""
    with worker(source) as asked:
        return scan.read(asked)
