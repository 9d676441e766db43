"""From the word on the command line to a driver: a name we know, or a file that holds one."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final, cast

from harness.errors import Misuse
from harness.targets.platform import Driver

NAMES: Final = ("reference", "omoios")


def find(word: str) -> Driver:
    """Give the driver called `word`, or the `driver` of the Python file it names; Misuse when there is none."""
    if word in NAMES:
        return _driver(importlib.import_module(f"harness.targets.{word}"), word)
    path = Path(word)
    if path.suffix != ".py" or not path.is_file():
        known = ", ".join(NAMES)
        raise Misuse(f"there is no target {path.name}", hint=f"name one of {known}, or a file that defines `driver`")
    return _driver(_loaded(path), word)


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"conform_target_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise Misuse(f"{path.name} cannot be loaded as a module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name while they are being made.
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise Misuse(f"the target file {path.name} fails", causes=(cause,), hint="mend the file") from error
    return module


def _driver(module: ModuleType, word: str) -> Driver:
    if not hasattr(module, "driver"):
        raise Misuse(f"{word} defines no `driver`", hint="CONTRIBUTING shows what a target file holds")
    lacking = [name for name in Driver.__annotations__ if not hasattr(module.driver, name)]
    if lacking:
        raise Misuse(f"the driver of {word} lacks {', '.join(lacking)}", hint="CONTRIBUTING shows what a driver says")
    return cast("Driver", module.driver)
