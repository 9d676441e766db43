"""Looks at the platform's models with their own mapper: what they declare, store and load.

The model is imported before anything else of the platform, so that what it forgets to import itself is seen.
"""

import importlib
import os
import pkgutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from .blame import CannotLook, NotInstalled, Unfit, required

_MODELS = "omoi_os.models"
_RECORD = ("omoi_os.models.cost_record", "CostRecord")


def configure(module: str = _RECORD[0], name: str = _RECORD[1]) -> dict[str, object]:
    """Import the model first, configure every mapper, and describe what it declares."""
    mapper = _mapper(_load(module, name))
    return {
        "table": mapper.local_table.name,
        "columns": [_column(column) for column in mapper.local_table.columns],
        "relationships": [_relationship(relationship) for relationship in mapper.relationships],
    }


def create_table() -> list[str]:
    """Create the record's own table on the worker's database, and those that it needs; returns their names."""
    _import_every_model()
    table = _mapper(_load(*_RECORD)).local_table
    needed = _needed(table, {table.name: table})
    with _engine() as engine:
        table.metadata.create_all(engine, tables=list(needed.values()))
    return sorted(needed)


def insert_and_read(values: dict[str, Any]) -> dict[str, Any]:
    """Store a CostRecord through a session, and read it back through another; keys are column names."""
    record = _load(*_RECORD)
    table = _mapper(record).local_table
    unmapped = sorted(set(values) - set(table.columns.keys()))
    if unmapped:
        raise Unfit(f"{_RECORD[1]} maps no column {', '.join(unmapped)}")
    written = {name: value for name, value in values.items() if table.columns[name].computed is None}
    given = {name: _cast(value, table.columns[name]) for name, value in written.items()}
    with _session() as session:
        instance = record(**_attributes(record, given | _required(table, given)))
        session.add(instance)
        session.commit()
        key = _mapper(record).primary_key_from_instance(instance)
    with _session() as session:
        return _read(session.get(record, tuple(key)))


def load_relationships(key: Any) -> list[dict[str, object]]:
    """Follow each many-to-one relationship of the CostRecord with this key, one session each."""
    record = _load(*_RECORD)
    (primary,) = _mapper(record).primary_key
    found = [item for item in _mapper(record).relationships if item.direction.name == "MANYTOONE"]
    return [_followed(record, relationship, _cast(key, primary)) for relationship in found]


def _followed(record: Any, relationship: Any, key: Any) -> dict[str, object]:
    followed: dict[str, object] = {"name": relationship.key, "remote": relationship.mapper.local_table.name}
    try:
        with _session() as session:
            # Asked for, as a query does: a model may forbid that it is loaded in passing.
            wanted = required("sqlalchemy.orm").joinedload(getattr(record, relationship.key))
            related = getattr(session.get(record, key, options=[wanted]), relationship.key)
            loaded = None if related is None else relationship.mapper.primary_key_from_instance(related)[0]
            return followed | {"key": _plain(loaded), "error": None}
    except CannotLook:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the platform's mapping raises is what we came to see
        return followed | {"key": None, "error": f"{type(error).__name__}: {error}".splitlines()[0]}


def _load(module: str, name: str) -> Any:
    required("sqlalchemy")
    found = getattr(importlib.import_module(module), name, None)
    if found is None:
        raise Unfit(f"{module} offers no {name}")
    return found


def _mapper(record: Any) -> Any:
    required("sqlalchemy.orm").configure_mappers()
    return required("sqlalchemy").inspect(record)


def _import_every_model() -> None:
    package = importlib.import_module(_MODELS)
    for module in pkgutil.walk_packages(package.__path__, f"{_MODELS}."):
        importlib.import_module(module.name)


def _needed(table: Any, known: dict[str, Any]) -> dict[str, Any]:
    """The tables that a table's foreign keys lead to, and theirs in turn, added to those that are known."""
    for key in table.foreign_keys:
        other = key.column.table
        if other.name not in known:
            known[other.name] = other
            _needed(other, known)
    return known


def _column(column: Any) -> dict[str, object]:
    return {
        "name": column.name,
        "type": _python_type(column).__name__,
        "nullable": bool(column.nullable),
        "has_default": _has_default(column),
        "primary_key": bool(column.primary_key),
    }


def _relationship(relationship: Any) -> dict[str, object]:
    mapper = relationship.mapper
    return {"name": relationship.key, "target": mapper.class_.__name__, "remote": mapper.local_table.name}


def _python_type(column: Any) -> type:
    try:
        return column.type.python_type
    except NotImplementedError:
        return object


def _has_default(column: Any) -> bool:
    automatic = column.primary_key and column.autoincrement in (True, "auto") and _python_type(column) is int
    return automatic or any(
        item is not None for item in (column.default, column.server_default, column.identity, column.computed)
    )


def _required(table: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Values for the NOT NULL columns that nobody else fills."""
    return {
        column.name: _sample(column)
        for column in table.columns
        if column.name not in given and not column.nullable and not _has_default(column)
    }


def _sample(column: Any) -> Any:
    enumerated = getattr(column.type, "enums", None)
    if enumerated:
        return (list(column.type.enum_class) if column.type.enum_class else enumerated)[0]
    makers: dict[type, Callable[[], Any]] = {
        bool: bool, int: int, float: float, Decimal: Decimal, dict: dict, list: list, bytes: bytes,
        datetime: _now, date: date.today, UUID: uuid4,
    }  # fmt: skip
    return makers.get(_python_type(column), lambda: str(uuid4())[: getattr(column.type, "length", None)])()


def _now() -> datetime:
    return datetime.now().astimezone()


def _cast(value: Any, column: Any) -> Any:
    """Turn what JSON can carry into what the column's type takes."""
    if value is None:
        return None
    kind = _python_type(column)
    parsers: dict[type, Callable[[str], Any]] = {datetime: datetime.fromisoformat, Decimal: Decimal, UUID: UUID}
    parse = parsers.get(kind, kind if kind in (str, int, float) else None)
    try:
        return value if parse is None else parse(str(value))
    except (ValueError, ArithmeticError) as error:
        raise Unfit(f"the column {column.name} takes {kind.__name__}, not {value!r}") from error


def _attributes(record: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Rename columns to the attributes that carry them."""
    mapper = _mapper(record)
    columns = mapper.local_table.columns
    return {mapper.get_property_by_column(columns[name]).key: value for name, value in values.items()}


def _read(instance: Any) -> dict[str, Any]:
    if instance is None:
        raise Unfit("the record committed by one session is not there for the next")
    mapper = _mapper(type(instance))
    return {
        column.name: _plain(getattr(instance, mapper.get_property_by_column(column).key))
        for column in mapper.local_table.columns
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


@contextmanager
def _engine() -> Generator[Any]:
    sqlalchemy = required("sqlalchemy")
    try:
        engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"], poolclass=sqlalchemy.pool.NullPool)
    except ImportError as error:
        raise NotInstalled(error, error.name or "the driver in DATABASE_URL") from error
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _session() -> Generator[Any]:
    with _engine() as engine, required("sqlalchemy.orm").Session(engine) as session:
        yield session
