"""YAML whose numbers keep their text and whose keys are never doubled."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import cast

import yaml


class YamlRefused(Exception):
    """The text is no YAML document that can be read exactly."""


class _ExactLoader(yaml.SafeLoader):
    """A safe loader that reads 0.1 as one tenth and refuses doubled keys."""


def read(path: Path) -> object:
    """Read one YAML document; raises YamlRefused, or OSError when the file cannot be opened."""
    try:
        return cast("object", yaml.load(path.read_text(encoding="utf-8"), Loader=_ExactLoader))  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise YamlRefused(" ".join(str(error).split())) from error


def _exact_number(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    """Build a decimal from the digits that are written."""
    text = loader.construct_scalar(node).replace("_", "")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"{text} is not a finite number", node.start_mark
        ) from error


def _mapping_without_doubles(loader: _ExactLoader, node: yaml.MappingNode) -> dict[object, object]:
    """Build a mapping, or refuse the second of two equal keys."""
    seen: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = _built(loader, key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        seen[key] = _built(loader, value_node)
    return seen


def _built(loader: _ExactLoader, node: yaml.Node) -> object:
    """Build whatever a node holds."""
    return cast("object", loader.construct_object(node, deep=True))  # pyright: ignore[reportUnknownMemberType] - the stubs leave it open


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _exact_number)
_ExactLoader.add_constructor("tag:yaml.org,2002:map", _mapping_without_doubles)
