"""`python -m harness.images`: make the images of the containers, and say what each of them is."""

import argparse
import sys
import time

from harness import suite
from harness.errors import ConformError
from harness.images.kitchen import Kitchen
from harness.images.pantry import Pantry
from harness.services.containers import naming
from harness.services.containers.engine import Engine


def main() -> int:
    """Make what is missing; 0, or 3 with one line about what kept it from being made."""
    told = argparse.ArgumentParser(prog="nox -s images --", description=__doc__)
    told.add_argument("--fresh", action="store_true", help="bootstrap the distribution anew")
    asked = told.parse_args()
    began = time.monotonic()
    try:
        _make(fresh=asked.fresh)
    except ConformError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return error.exit_code
    print(f"all images are there after {time.monotonic() - began:.1f} s; {naming.VARIABLE} gives them other names")
    return 0


def _make(*, fresh: bool) -> None:
    with Pantry.open() as pantry:
        for made in Kitchen(Engine.connect(), pantry, suite.find(None), fresh=fresh).make():
            print(f"{made.image.name} {made.image.id} {'made' if made.anew else 'there already'}")


if __name__ == "__main__":
    sys.exit(main())
