"""The schema comes about by migrations, equals the models, and refuses what the rules refuse."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Inspector, create_engine, delete, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from dialogs.review import MOVES
from storage.audit import add
from storage.database import Connection, Database
from storage.migrate import (
    DatabaseUnusable,
    SchemaRefused,
    check_schema,
    get_head,
    get_revision,
    migrate,
)
from storage.migrations.guards import MOVES_0001
from storage.models import (
    STATUSES,
    audit,
    audit_head,
    criteria_version,
    declaration,
    metadata,
    officer,
    person,
)
from storage.seams import Seams
from tests.databases import server

ROOT = Path(__file__).resolve().parents[2]


def url_of(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/test.db"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    await migrate(url_of(tmp_path))
    database = Database(url_of(tmp_path), Seams())
    await database.start()
    yield database
    await database.stop()


def shape_of(connection: SyncConnection) -> dict[str, Any]:
    """Return what a database says of its tables, in an order that does not matter to SQL."""
    found = inspect(connection)
    return {
        name: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], c["default"])
                for c in found.get_columns(name)
            ),
            "key": found.get_pk_constraint(name)["constrained_columns"],
            "links": sorted(
                (str(f["name"]), *f["constrained_columns"], f["referred_table"])
                for f in found.get_foreign_keys(name)
            ),
            "unique": sorted((str(u["name"]), *u["column_names"]) for u in unique(found, name)),
            "checks": sorted(
                (str(c["name"]), c["sqltext"]) for c in found.get_check_constraints(name)
            ),
            "indexes": sorted(
                (str(i["name"]), str(i["column_names"]), bool(i["unique"]), str(where(i)))
                for i in found.get_indexes(name)
            ),
        }
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def unique(found: Inspector, name: str) -> Sequence[Any]:
    return found.get_unique_constraints(name)


def where(index: Mapping[str, Any]) -> object:
    """Return what a partial index is about."""
    options = index.get("dialect_options", {})
    return options.get("sqlite_where", options.get("postgresql_where"))


async def made_by(url: str, make: Callable[[SyncConnection], None] | None) -> dict[str, Any]:
    """Return the shape of a database after `make`, or after the migrations."""
    if make is None:
        await migrate(url)
    database = Database(url, Seams())
    await database.start()
    try:
        if make is not None:
            await database.write(lambda c: c.run_sync(make))
        async with database.reading() as connection:
            return await connection.run_sync(shape_of)
    finally:
        await database.stop()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_the_migrations_make_what_the_models_say(tmp_path: Path, kind: str) -> None:
    names = ("migrated", "modelled")
    urls = [
        server().create(name) if kind == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/{name}"
        for name in names
    ]
    migrated = await made_by(urls[0], None)
    modelled = await made_by(urls[1], metadata.create_all)
    for name in names if kind == "postgresql" else ():
        server().run(f"DROP DATABASE {name} WITH (FORCE)")
    assert migrated == modelled
    assert set(modelled) == set(metadata.tables)


async def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    first = await migrate(url_of(tmp_path))
    again = await migrate(url_of(tmp_path))
    assert (first, again) == ((None, get_head()), (get_head(), get_head()))


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from storage.migrate import migrate; "
        "print(asyncio.run(migrate(sys.argv[1])))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, url_of(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert said == [f"('{get_head()}', '{get_head()}')", f"(None, '{get_head()}')"]


async def test_a_newer_database_is_refused_untouched(database: Database, tmp_path: Path) -> None:
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda c: c.execute(newer))
    with pytest.raises(SchemaRefused, match=r"newer version \(schema 9999, .* knows 0010\)"):
        await migrate(url_of(tmp_path))
    async with database.reading() as connection:
        assert await get_revision(connection) == "9999"
        with pytest.raises(SchemaRefused, match="newer"):
            await check_schema(connection)


async def test_a_database_that_was_never_migrated_says_what_to_do(tmp_path: Path) -> None:
    database = Database(url_of(tmp_path), Seams())
    async with database.reading() as connection:
        with pytest.raises(SchemaRefused, match="run `make migrate`"):
            await check_schema(connection)
    await database.stop()


async def test_tables_of_unknown_origin_are_refused(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/test.db")
    metadata.create_all(engine)
    engine.dispose()
    with pytest.raises(SchemaRefused, match="holds tables"):
        await migrate(url_of(tmp_path))


async def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "test.db").mkdir()
    with pytest.raises(DatabaseUnusable, match=r"^the database cannot be used: [^\n]+$"):
        await migrate(url_of(tmp_path))


def test_the_database_allows_the_moves_of_the_rules_and_no_others() -> None:
    moves = {(source, rule.target) for rule in MOVES.values() for source in rule.sources}
    assert set(MOVES_0001) == moves


async def add_file(connection: Connection, status: str) -> None:
    """Write a declaration and lead it to `status` along allowed moves."""
    await connection.execute(insert(person).values(id=1, settled=True, at_ms=1))
    await connection.execute(
        insert(officer).values(id=1, name="A", role="commune_officer", place="20242", at_ms=1)
    )
    await connection.execute(insert(criteria_version).values(version="v", digest="d", content="{}"))
    file = {"id": 1, "public_id": "p", "person_id": 1, "title": "citizen", "period": 2026}
    file |= {"criteria": "v", "version": 1, "province": "48", "commune": "20242", "at_ms": 1}
    file |= {"code": "KH26", "total": 80, "decision_officer": 1, "status": "draft"}
    await connection.execute(insert(declaration).values(**file))
    for step in {"draft": (), "submitted": ("submitted",)}.get(status, ("submitted", status)):
        await connection.execute(update(declaration).values(status=step))


REACHABLE = [status for status in STATUSES if status != "withdrawn"]


@pytest.mark.parametrize("target", STATUSES)
@pytest.mark.parametrize("source", REACHABLE)
async def test_sql_moves_a_declaration_only_as_the_rules_do(
    database: Database, source: str, target: str
) -> None:
    await database.write(lambda c: add_file(c, source))
    move = update(declaration).values(status=target)
    if source == target or (source, target) in MOVES_0001:
        await database.write(lambda c: c.execute(move))
        expected = target
    else:
        with pytest.raises(IntegrityError, match="this status cannot follow that one"):
            await database.write(lambda c: c.execute(move))
        expected = source
    async with database.reading() as connection:
        assert (await connection.execute(select(declaration.c.status))).scalar_one() == expected


async def test_a_declaration_begins_as_a_draft(database: Database) -> None:
    async def work(connection: Connection) -> None:
        await add_file(connection, "submitted")
        copy = text(
            "INSERT INTO declaration (public_id, title, period, criteria, status, version, "
            "province, commune, code, total, at_ms) "
            "SELECT 'q', title, period, criteria, status, version, province, commune, 'KH27', "
            "total, at_ms FROM declaration"
        )
        await connection.execute(copy)

    with pytest.raises(IntegrityError, match="begins as a draft"):
        await database.write(work)


REPLACED = (
    "REPLACE INTO audit (id, at_ms, action, via, seq, digest) VALUES ({}, 2, 'x', 'chat', {}, '')"
)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (update(audit).values(action="other"), "the journal is never changed"),
        (delete(audit), "the journal is never shortened"),
        (text(REPLACED.format(1, 2)), "the journal is never changed"),
        (text(REPLACED.format(2, 1)), "the journal is never changed"),
        (update(audit_head).values(digest="0"), "the journal is never changed"),
        (delete(audit_head), "the journal is never shortened"),
    ],
)
async def test_the_journal_can_only_grow(database: Database, statement: object, words: str) -> None:
    await database.write(lambda c: add(c, "submit", at_ms=1))
    with pytest.raises(IntegrityError, match=words):
        await database.write(lambda c: c.execute(statement))  # type: ignore[call-overload]
    async with database.reading() as connection:
        kept = (await connection.execute(select(audit.c.id, audit.c.action))).all()
    assert [tuple(row) for row in kept] == [(1, "submit")]
