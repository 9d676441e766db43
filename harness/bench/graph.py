"""`python -m harness.bench.graph SOURCE PACKAGE`: draws the import graph of a package as a run does, and no more."""

import os
import sys
from pathlib import Path

from harness.interpreter import scan
from harness.interpreter.client import Worker
from harness.probes import import_graph


def main() -> None:
    """Scan the package in a worker and look for its cycles."""
    source, package = sys.argv[1:]
    with Worker(sys.executable, Path(source), env={"PATH": os.environ["PATH"]}) as worker:
        measured = import_graph.measure_import_graph(scan.read(worker, package))
    print(f"{measured.modules} modules, {measured.imports} imports")


if __name__ == "__main__":
    main()
