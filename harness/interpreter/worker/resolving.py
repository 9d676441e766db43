"""Imports one module and looks up every name that it imports later, without running its functions."""

from __future__ import annotations

import importlib
from typing import Any

from .failures import Package


class Examination:
    """What one child is to do: import a module, resolve what it imports later, report where a class comes from."""

    def __init__(self, module: dict[str, Any], inside: Package, identity: list[str]) -> None:
        self.asked = module
        self.module: str = module["module"]
        self.path: str = module["path"]
        self.executed: bool = module["executed"]
        self.imports: list[dict[str, Any]] = module["imports"]
        self.inside = inside
        self.identity = identity

    def blank(self) -> dict[str, Any]:
        """A report that says nothing yet."""
        return {"module": self.module, "failure": None, "unresolved": [], "identities": []}

    def report(self) -> dict[str, Any]:
        """Everything there is to say about the module; nothing more is resolved when it fails to import."""
        report = self.blank()
        try:
            # A program's main file is not imported by anybody: only what it imports is looked at.
            if not self.executed:
                imported = importlib.import_module(self.module)
                report["identities"] += self.homes(getattr(imported, "__dict__", {}), 0)
        except BaseException as error:  # noqa: BLE001 - a module may raise anything, also SystemExit
            report["failure"] = self.inside.failure(error)
            return report
        for statement in self.imports:
            self.resolve(statement, report)
        return report

    def resolve(self, statement: dict[str, Any], report: dict[str, Any]) -> None:
        """Import what a statement would import; each name that does not resolve is reported with its line."""
        target, line = statement["target"], statement["line"]
        try:
            found = load(target)
        except BaseException as error:  # noqa: BLE001 - a module may raise anything, also SystemExit
            report["unresolved"].append(self.unresolved(target, line, error))
            return
        for name in statement["names"]:
            self.look_up(found, name, statement, report)

    def look_up(self, found: Any, name: str, statement: dict[str, Any], report: dict[str, Any]) -> None:
        """One name of `from found import name`: an attribute, or else a submodule, as Python itself does it."""
        if name == "*":
            return
        try:
            value = attribute_or_submodule(found, name)
        except BaseException as error:  # noqa: BLE001 - a module's __getattr__ may raise anything
            report["unresolved"].append(self.unresolved(f"{found.__name__}.{name}", statement["line"], error))
            return
        # What is imported with the module has been seen as its attribute.
        if statement["kind"] == "function" or self.executed:
            report["identities"] += self.homes({name: value}, statement["line"])

    def unresolved(self, target: str, line: int, error: BaseException) -> dict[str, Any]:
        """A name that does not resolve, and the importing line."""
        return {"target": target, "line": line, "failure": self.inside.failure(error)}

    def homes(self, names: dict[str, Any], line: int) -> list[dict[str, Any]]:
        """Where the classes asked about come from, under the names that this module gives them."""
        return [
            {"name": name, "home": str(getattr(names[name], "__module__", "")), "line": line}
            for name in self.identity
            if name in names
        ]


def load(target: str) -> Any:
    """The module called so; the scan keeps the dots of a relative import that leads out of the package."""
    if target.startswith("."):
        raise ImportError("attempted relative import beyond top-level package")
    return importlib.import_module(target)


def attribute_or_submodule(found: Any, name: str) -> Any:
    """What `from found import name` binds; ImportError in Python's words when there is no such thing."""
    try:
        return getattr(found, name)
    except AttributeError:
        pass
    full = f"{found.__name__}.{name}"
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        if error.name != full:
            raise
    raise ImportError(f"cannot import name {name!r} from {found.__name__!r}", name=found.__name__)
