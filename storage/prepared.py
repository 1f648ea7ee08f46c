"""Prepared statements: compiled once, then run with plain values, for what every turn asks.

SQLAlchemy builds and checks a statement anew each time it runs, which costs more than a small
query itself. Here values go to the driver as they are, and rows come as the driver gives them:
only numbers and texts (a Boolean column comes as 0 or 1 on SQLite).
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, TableValuedAlias, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter

from storage.database import Connection
from storage.lanes import LaneConnection
from storage.straight import StraightConnection

_JSON = msgspec.json.Encoder()


class one_of(ColumnElement[bool]):
    """The condition that a column has one of the values given as the list `name`."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values: BindParameter[Any] = bindparam(name, type_=ARRAY(column.type))


@compiles(one_of, "sqlite")
def _in_json(condition: one_of, compiler: SQLCompiler, **kw: Any) -> str:
    values = compiler.process(bindparam(condition.values.key), **kw)
    return f"{compiler.process(condition.column, **kw)} IN (SELECT value FROM json_each({values}))"


@compiles(one_of, "postgresql")
def _in_array(condition: one_of, compiler: SQLCompiler, **kw: Any) -> str:
    values = compiler.process(condition.values, **kw)
    return f"{compiler.process(condition.column, **kw)} = ANY ({values})"


def columns(name: str, **types: Any) -> TableValuedAlias:
    """Return the rows given to `Prepared.write` as a PostgreSQL table; `types` are its columns."""
    lists = [bindparam(column, type_=ARRAY(kind)) for column, kind in types.items()]
    return func.unnest(*lists).table_valued(*types, name=name).render_derived(name=name)


class Prepared:
    """A statement whose values are bound by name; a list is given to `one_of`."""

    def __init__(self, statement: Any = None, **forms: Any) -> None:
        """Take the statement, or one for each dialect (`sqlite=..., postgresql=...`)."""
        self._forms = forms or {"sqlite": statement, "postgresql": statement}
        self._compiled: dict[str, tuple[str, tuple[str, ...], Mapping[str, Any]]] = {}

    async def rows(self, connection: Connection, **values: Any) -> Sequence[Any]:
        """Return its rows, each a tuple."""
        sql, names, fixed = self._for(connection.dialect)
        if isinstance(connection, LaneConnection):
            return connection.rows(sql, [_as_json(values.get(n, fixed[n])) for n in names])
        given = tuple(values.get(n, fixed[n]) for n in names)
        if isinstance(connection, StraightConnection):
            return await connection.rows(sql, given)
        if connection.dialect.name == "sqlite":
            given = tuple(_as_json(value) for value in given)
        return (await connection.exec_driver_sql(sql, given)).all()

    async def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it for every row; return how many rows of the table were written.

        On PostgreSQL it runs once for all of them: its form there takes `columns`.
        """
        sql, names, fixed = self._for(connection.dialect)
        if connection.dialect.name == "postgresql":
            lists = tuple(fixed[n] if n not in rows[0] else [r[n] for r in rows] for n in names)
            if isinstance(connection, StraightConnection):
                return await connection.write(sql, lists)
            return (await connection.exec_driver_sql(sql, lists)).rowcount
        pick = itemgetter(*names)
        given = [pick({**fixed, **row}) for row in rows]
        if isinstance(connection, LaneConnection):
            return connection.write(sql, given)
        return (await connection.exec_driver_sql(sql, given)).rowcount

    def _for(self, dialect: Dialect) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._forms[dialect.name].compile(dialect=dialect)
            found = compiled.string, tuple(compiled.positiontup), compiled.params
            self._compiled[dialect.name] = found
        return found


def _as_json(value: Any) -> Any:
    return _JSON.encode(value).decode() if isinstance(value, list | tuple) else value
