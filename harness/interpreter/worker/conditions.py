"""Decides, without running anything, which branch of an `if` this Python takes: three answers, None is unknown."""

from __future__ import annotations

import ast
import operator
import os
import sys
from typing import Any

FACTS = {"version_info": sys.version_info, "platform": sys.platform, "name": os.name}
OWNERS = {"version_info": "sys", "platform": "sys", "name": "os"}
COMPARE: dict[type, Any] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def truth(test: ast.expr) -> bool | None:
    """What the test gives at run time in this Python, as far as its text alone tells."""
    if waits(test):
        return False
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        return combined([truth(value) for value in test.values], all_needed=isinstance(test.op, ast.And))
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return compared(test.left, test.ops[0], test.comparators[0])
    return None


def is_main(test: ast.expr) -> bool:
    """Whether the test is `__name__ == "__main__"`, which no import makes true."""
    if not isinstance(test, ast.Compare):
        return False
    sides = [test.left, *test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


def waits_for_checker(test: ast.expr) -> bool:
    """Whether the test speaks of TYPE_CHECKING anywhere."""
    return any(waits(node) for node in ast.walk(test))


def waits(node: ast.AST) -> bool:
    """Whether this is TYPE_CHECKING itself, under whatever name `typing` was imported."""
    return getattr(node, "id", None) == "TYPE_CHECKING" or getattr(node, "attr", None) == "TYPE_CHECKING"


def combined(parts: list[bool | None], *, all_needed: bool) -> bool | None:
    """And, or: one decisive part decides, else an unknown part leaves it unknown."""
    if (not all_needed) in parts:
        return not all_needed
    return None if None in parts else all_needed


def compared(left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
    """A comparison of the Python's version or platform with a literal."""
    fact = known_fact(left)
    if fact is None or type(op) not in COMPARE:
        return None
    try:
        return bool(COMPARE[type(op)](fact, ast.literal_eval(right)))
    except (ValueError, TypeError):
        return None


def known_fact(node: ast.expr) -> Any:
    """The value of `sys.version_info`, `sys.platform` or `os.name`, or None."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    return FACTS[node.attr] if OWNERS.get(node.attr) == node.value.id else None
