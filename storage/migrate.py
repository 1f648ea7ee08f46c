"""Bring the database to the schema of this program: safe to repeat, safe for two at once."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import inspect, make_url, text

from storage.database import UNAVAILABLE, Connection, Database, DatabaseGone
from storage.models import metadata
from storage.seams import Seams

FOLDER = Path(__file__).parent / "migrations"
# Any number nobody else takes: PostgreSQL keeps the second migration waiting by it.
LOCK = 20_260_101_2


class SchemaRefused(Exception):
    """The database's schema cannot be used or mended; the text is one line for the operator."""

    code = "schema_refused"


class DatabaseUnusable(Exception):
    """The database cannot be opened, read or written; the text is one line for the operator."""

    code = "database_unusable"


@lru_cache(maxsize=1)
def get_head() -> str:
    """Return the schema version of this program, read once from the migrations folder."""
    head = _script().get_current_head()
    assert head is not None, "there is always a first migration"
    return head


async def get_revision(connection: Connection) -> str | None:
    """Return the schema version the database is at; None where nothing was ever migrated."""
    return await connection.run_sync(_revision)


async def migrate(url: str) -> tuple[str | None, str]:
    """Bring the database at `url` up to this program; return the versions (before, after).

    The whole way is one transaction: all of it or nothing. A second process waits and then finds
    nothing to do. Raises SchemaRefused for a schema that is newer or not ours, DatabaseUnusable
    when the database cannot be used.
    """
    database = Database(url, Seams())
    try:
        check_opens(url)
        await database.start()
        # A claim: who waited for another process sees then what that one has done.
        async with database.claim() as claim:
            before = await claim.write(lambda c: c.run_sync(_upgrade))
    except UNAVAILABLE as error:
        raise DatabaseUnusable(describe(error)) from error
    finally:
        await database.stop()
    return before, get_head()


def check_opens(url: str) -> None:
    """Raise DatabaseUnusable unless `url` opens as a database.

    Asked before the program's own connections: where one of those cannot open, its thread (of
    aiosqlite) may outlive the event loop of a command and cover the refusal with its own end.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        return
    try:
        with closing(sqlite3.connect(parts.database or "")) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"the database cannot be used: {error}") from error


async def check_schema(connection: Connection) -> None:
    """Raise SchemaRefused, saying what to do, unless the schema is exactly this program's."""
    revision = await get_revision(connection)
    if revision == get_head():
        return
    _check_known(revision)
    raise SchemaRefused("the database has no schema of this version yet: run `make migrate`")


def describe(error: Exception) -> str:
    """Return one of `database.UNAVAILABLE` in one line, without the statement and its values."""
    known = getattr(error, "orig", None) or (error if isinstance(error, DatabaseGone) else None)
    reason = str(known or type(error).__name__)
    return f"the database cannot be used: {reason.splitlines()[0]}"


def _upgrade(connection: SyncConnection) -> str | None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    before = _revision(connection)
    _check_known(before)
    if before is None and (theirs := _tables(connection)):
        raise SchemaRefused(
            f"the database already holds tables ({', '.join(theirs[:3])}) but no schema version: "
            "name an empty one"
        )
    if before != get_head():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before


def _check_known(revision: str | None) -> None:
    known = {script.revision for script in _script().walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaRefused(
            f"the database is of a newer version (schema {revision}, this program knows "
            f"{get_head()}): install the newer program"
        )


def _revision(connection: SyncConnection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _tables(connection: SyncConnection) -> Sequence[str]:
    return sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@lru_cache(maxsize=1)
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
