"""Finds the import statements and classes of one parsed file, and when each import would run."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from .conditions import is_main, truth, waits_for_checker

# An import in a `try` whose handler catches one of these is allowed to fail.
FORGIVING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
TRIES = (ast.Try, ast.TryStar) if hasattr(ast, "TryStar") else (ast.Try,)
BRANCHES = ("body", "orelse", "finalbody")


class Statements:
    """Walks the statements of one file; `package` is what its relative imports start from."""

    def __init__(self, package: str, *, calls: bool) -> None:
        self.package = package
        self.calls = calls
        self.imports: list[dict[str, Any]] = []
        self.classes: list[dict[str, Any]] = []

    def read(self, body: Iterable[ast.stmt], kind: str = "runtime", *, guarded: bool = False) -> None:
        """Collect from these statements, which run at `kind` and may fail to import when `guarded`."""
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self.read_import(statement, kind, guarded=guarded)
                continue
            if self.calls:
                self.read_calls(own_expressions(statement), kind, guarded=guarded)
            self.read_inside(statement, kind, guarded=guarded)

    def read_inside(self, statement: ast.stmt, kind: str, *, guarded: bool) -> None:
        """Collect from the statements within this one."""
        if isinstance(statement, FUNCTIONS):
            self.read(statement.body, later(kind), guarded=guarded)
        elif isinstance(statement, ast.ClassDef):
            self.classes.append({"name": statement.name, "line": statement.lineno})
            self.read(statement.body, kind, guarded=guarded)
        elif isinstance(statement, ast.If):
            self.read_if(statement, kind, guarded=guarded)
        elif isinstance(statement, TRIES):
            self.read_try(statement, kind, guarded=guarded)
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            self.read(statement.body, kind, guarded=guarded or any(map(suppresses, statement.items)))
        elif isinstance(statement, ast.Match):
            for case in statement.cases:
                self.read(case.body, kind, guarded=guarded)
        else:
            for branch in BRANCHES:
                self.read(getattr(statement, branch, ()), kind, guarded=guarded)

    def read_if(self, statement: ast.If, kind: str, *, guarded: bool) -> None:
        """Leave out a branch that this Python never takes; what only a type checker takes is marked so."""
        taken = truth(statement.test)
        if is_main(statement.test):
            self.read(statement.body, later(kind), guarded=guarded)
        elif taken is not False:
            self.read(statement.body, kind, guarded=guarded)
        elif waits_for_checker(statement.test):
            self.read(statement.body, "type-checking", guarded=guarded)
        if taken is not True:
            self.read(statement.orelse, kind, guarded=guarded)
        elif waits_for_checker(statement.test):
            self.read(statement.orelse, "type-checking", guarded=guarded)

    def read_try(self, statement: Any, kind: str, *, guarded: bool) -> None:
        """What a forgiving handler covers is guarded, and so is the fallback in that handler."""
        forgiving = [forgives(one.type) for one in statement.handlers]
        self.read(statement.body, kind, guarded=guarded or any(forgiving))
        for one, forgives_it in zip(statement.handlers, forgiving):  # noqa: B905 - of one length by construction
            self.read(one.body, kind, guarded=guarded or forgives_it)
        self.read(statement.orelse, kind, guarded=guarded)
        self.read(statement.finalbody, kind, guarded=guarded)

    def read_import(self, statement: ast.Import | ast.ImportFrom, kind: str, *, guarded: bool) -> None:
        """Note one import statement, with its relative dots resolved."""
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                self.note(alias.name, [], statement, kind, guarded=guarded)
            return
        target = absolute(self.package, statement.level, statement.module or "")
        self.note(target, [alias.name for alias in statement.names], statement, kind, guarded=guarded)

    def read_calls(self, expressions: Iterable[ast.AST], kind: str, *, guarded: bool) -> None:
        """Note the modules that `import_module("x")` and `__import__("x")` name literally."""
        for expression in expressions:
            deferred = later(kind) if isinstance(expression, ast.Lambda) else kind
            if isinstance(expression, ast.Call) and (target := literal_target(expression, self.package)):
                self.note(target, [], expression, kind, guarded=guarded)
            self.read_calls(ast.iter_child_nodes(expression), deferred, guarded=guarded)

    def note(self, target: str, names: list[str], at: ast.stmt | ast.expr, kind: str, *, guarded: bool) -> None:
        """Keep one import."""
        self.imports.append({"target": target, "names": names, "line": at.lineno, "kind": kind, "guarded": guarded})


def later(kind: str) -> str:
    """When something runs that is inside a function: not at import."""
    return "function" if kind == "runtime" else kind


def absolute(package: str, level: int, name: str) -> str:
    """The module that `level` dots and a name mean inside `package`; dots that lead out of it are kept."""
    if not level:
        return name
    parts = package.split(".")
    if level > len(parts):
        return "." * level + name
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def literal_target(call: ast.Call, package: str) -> str:
    """The module that a call imports by a literal string, or nothing."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called not in {"import_module", "__import__"} or not call.args:
        return ""
    name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
    if not isinstance(name, str):
        return ""
    dots = len(name) - len(name.lstrip("."))
    return absolute(package, dots, name[dots:])


def own_expressions(statement: ast.stmt) -> list[ast.AST]:
    """The expressions of a statement itself, without the statements inside it."""
    nested = (ast.stmt, ast.excepthandler, *((ast.match_case,) if hasattr(ast, "match_case") else ()))
    return [node for node in ast.iter_child_nodes(statement) if not isinstance(node, nested)]


def forgives(caught: ast.expr | None) -> bool:
    """Whether a handler catches a failed import."""
    if caught is None:
        return True
    named = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(last_name(one) in FORGIVING for one in named)


def suppresses(item: ast.withitem) -> bool:
    """Whether a `with` is `suppress(ImportError)` or the like."""
    call = item.context_expr
    return isinstance(call, ast.Call) and last_name(call.func) == "suppress" and any(map(forgives, call.args))


def last_name(expression: ast.expr) -> str:
    """The last part of a dotted name."""
    return expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")
