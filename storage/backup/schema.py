"""The schema around a restore: empty, of the right version, without its guards for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text

from storage.migrate import FOLDER

VERSION = "alembic_version"
# Rows in these come with the schema; a database with rows in any other table is in use.
FILLED = frozenset({VERSION, "shard"})


def list_revisions() -> list[str]:
    """Return every schema version this program knows, oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def bring_to(connection: Connection, revision: str) -> None:
    """Bring the database to schema `revision` ("base": none), forwards or, for a test, backwards.

    Inside the transaction that is open. Going backwards loses what the older schema has no room
    for: only an empty database is led that way.
    """
    config = _config()
    config.attributes["connection"] = connection
    known = ["base", *list_revisions()]
    now = get_revision(connection) or "base"
    if known.index(now) < known.index(revision):
        command.upgrade(config, revision)
    elif now != revision:
        command.downgrade(config, revision)


def get_revision(connection: Connection) -> str | None:
    """Return the schema version; None for a database without one."""
    if not inspect(connection).has_table(VERSION):
        return None
    found: str | None = connection.execute(
        text(f"SELECT version_num FROM {VERSION}")
    ).scalar_one_or_none()
    return found


def reflect(connection: Connection) -> dict[str, Table]:
    """Return the tables that hold data, each after those its foreign keys name."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {str(t.name): t for t in metadata.sorted_tables if t.name != VERSION}


def list_filled(connection: Connection) -> list[str]:
    """Return the tables that have rows and would have none in a database nobody uses."""
    tables = [t for name, t in reflect(connection).items() if name not in FILLED]
    return [t.name for t in tables if connection.execute(select(t).limit(1)).first() is not None]


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Let rows in that the triggers would keep out (an approved file is no draft at first).

    The triggers are those of the database, of whatever version it is; they are back when the block
    ends, and a failure takes back the whole transaction.
    """
    if connection.dialect.name == "postgresql":
        tables = list(reflect(connection))
        for name in tables:
            connection.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
        yield
        for name in tables:
            connection.execute(text(f'ALTER TABLE "{name}" ENABLE TRIGGER USER'))
        return
    triggers = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    kept = [tuple(row) for row in connection.execute(triggers)]
    for name, _ in kept:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    for _, sql in kept:
        connection.exec_driver_sql(sql)


def count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows behind those that brought their numbers with them."""
    if connection.dialect.name != "postgresql":
        return
    for name, table in reflect(connection).items():
        for column in table.primary_key.columns:
            sequence = func.pg_get_serial_sequence(name, column.name)
            if connection.execute(select(sequence)).scalar_one() is not None:
                last = func.max(column)
                connection.execute(select(func.setval(sequence, last)).select_from(table))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
