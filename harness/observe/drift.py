"""Says where two tables that should be one differ: the migrated one and the one that the models create."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.observe.tables import Column, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Differences that change what can be stored, and those in indexes, checks and defaults, which do not."""

    violations: tuple[str, ...]
    differences: tuple[str, ...]
    examined: int


def between(migrated: Table, models: Table | None) -> Drift:
    """Compare columns, types, nullability, keys and foreign keys; the rest becomes differences."""
    if models is None:
        return Drift(violations=(f"the models create no table {migrated.name}",), differences=(), examined=1)
    facts = (_columns, _foreign_keys, _unique)
    return Drift(
        violations=tuple(line for fact in facts for line in _lines(migrated, models, fact)),
        differences=tuple(line for fact in (_defaults, _indexes, _checks) for line in _lines(migrated, models, fact)),
        examined=sum(len(fact(migrated) | fact(models)) for fact in facts),
    )


def _lines(migrated: Table, models: Table, fact: Callable[[Table], frozenset[str]]) -> Iterator[str]:
    for line in sorted(fact(migrated) - fact(models)):
        yield f"only the migrated table has {line}"
    for line in sorted(fact(models) - fact(migrated)):
        yield f"only the model has {line}"


def _columns(table: Table) -> frozenset[str]:
    return frozenset(map(_column, table.columns))


def _column(column: Column) -> str:
    return f"{column.name} {column.type}{'' if column.nullable else ' NOT NULL'}"


def _foreign_keys(table: Table) -> frozenset[str]:
    return frozenset(
        f"foreign key {','.join(key.columns)} → {key.table}({','.join(key.remote)}) "
        f"on delete {key.on_delete} on update {key.on_update}"
        for key in table.foreign_keys
    )


def _unique(table: Table) -> frozenset[str]:
    primary = {f"primary key ({','.join(table.key)})"} if table.key else set[str]()
    return frozenset(primary | {f"unique ({','.join(columns)})" for columns in table.unique})


def _defaults(table: Table) -> frozenset[str]:
    return frozenset(f"{column.name} default {column.default}" for column in table.columns if column.default)


def _indexes(table: Table) -> frozenset[str]:
    return frozenset(f"index {definition}" for definition in table.indexes)


def _checks(table: Table) -> frozenset[str]:
    return frozenset(check.definition for check in table.checks)
