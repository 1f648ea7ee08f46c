"""The schema comes about by migrations, equals the models, and refuses what the rules refuse."""

import io
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from dialogs.review import MOVES
from storage.database import Connection, Database
from storage.migrate import (
    DatabaseUnusable,
    SchemaRefused,
    check_schema,
    get_head,
    get_revision,
    migrate,
    write_sql,
)
from storage.migrations.guards import MOVES_0001
from storage.models import (
    STATUSES,
    audit,
    criteria_version,
    declaration,
    metadata,
    officer,
    person,
)
from storage.seams import Seams

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


def lines_of(sql: str) -> list[str]:
    """Return the lines of one CREATE statement in an order that does not matter to SQL."""
    return sorted(line.strip().rstrip(",") for line in sql.strip().rstrip(";").splitlines())


def by_name(statements: list[str]) -> dict[str, list[str]]:
    """Return the tables and indexes that statements create."""
    found = {}
    for statement in statements:
        created = re.search(r"(?m)^CREATE (?:UNIQUE )?(TABLE|INDEX) (\w+)", statement.strip())
        if created and created[2] != "alembic_version":
            found[f"{created[1]} {created[2]}"] = lines_of(statement.strip()[created.start() :])
    return found


async def test_the_migrations_make_what_the_models_say_on_sqlite(tmp_path: Path) -> None:
    await migrate(url_of(tmp_path))
    made = create_engine(f"sqlite:///{tmp_path}/test.db")
    said = create_engine(f"sqlite:///{tmp_path}/models.db")
    metadata.create_all(said)
    everything = text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    with made.connect() as one, said.connect() as other:
        migrated = by_name(list(one.execute(everything).scalars()))
        modelled = by_name(list(other.execute(everything).scalars()))
    made.dispose()
    said.dispose()
    assert migrated == modelled
    assert len(modelled) > len(metadata.tables)


def test_the_migrations_make_what_the_models_say_on_postgresql() -> None:
    out = io.StringIO()
    write_sql("postgresql", out)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = metadata.sorted_tables
    said = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
    said += [
        str(CreateIndex(i).compile(dialect=dialect)) for table in tables for i in table.indexes
    ]
    assert by_name(out.getvalue().split(";\n")) == by_name(said)


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
    with pytest.raises(SchemaRefused, match=r"newer version \(schema 9999, .* knows 0006\)"):
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


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (update(audit).values(action="other"), "the journal is never changed"),
        (delete(audit), "the journal is never shortened"),
        (text("REPLACE INTO audit (id, at_ms, action, via) VALUES (1, 2, 'x', 'chat')"), "journal"),
    ],
)
async def test_the_journal_can_only_grow(database: Database, statement: object, words: str) -> None:
    line = insert(audit).values(id=1, at_ms=1, action="submit", via="chat")
    await database.write(lambda c: c.execute(line))
    with pytest.raises(IntegrityError, match=words):
        await database.write(lambda c: c.execute(statement))  # type: ignore[call-overload]
    async with database.reading() as connection:
        kept = (await connection.execute(select(audit.c.id, audit.c.action))).all()
    assert [tuple(row) for row in kept] == [(1, "submit")]
