"""Changes the prices of a scratch copy, each by a factor of its own, and says by which."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import yaml

Place = tuple[str, ...]
# YAML 1.1 reads a number like 5e-06, without a point, as text.
Leaf = Decimal | str


class _Dumper(yaml.SafeDumper):
    """A dumper that writes decimals as plain numbers."""


def _number(_: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    kind = "float" if "." in text else "int"
    return yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", text)


_Dumper.add_representer(Decimal, _number)


def rewrite(path: Path, tree: Mapping[str, Any], *, change: Callable[[Place, Leaf], Leaf]) -> None:
    """Write a pricing file whose every number or text is what `change` makes of it, given its place."""
    changed = _changed(tree, (), change)
    path.write_text(yaml.dump(changed, Dumper=_Dumper, sort_keys=False), encoding="utf-8")


def _changed(tree: object, place: Place, change: Callable[[Place, Leaf], Leaf]) -> object:
    if isinstance(tree, Decimal | str):
        return change(place, tree)
    if isinstance(tree, dict):
        entries = cast("dict[object, object]", tree)
        return {key: _changed(value, (*place, str(key)), change) for key, value in entries.items()}
    return tree
