"""The demo: invented, marked, varied, entered once, and worked on like anything real."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.commands.refusals import CommandRefused
from bot.seed import COMMUNE, VILLAGE, announce, plan_deadlines, seed
from bot.settings import Settings
from dialogs.model import Officer
from storage import declarations, due, officers, places
from storage.audit import list_entries
from storage.database import Database
from storage.declarations import Filter
from storage.demo import get_seeded
from storage.evidence import get_for_officer
from storage.migrate import migrate
from storage.models import declaration, metadata
from storage.photos import PhotoStore
from storage.seams import Seams, to_ms
from tests.world import Clock, settings_in

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class House:
    """A migrated database with its settings, at a moment that stands still."""

    database: Database
    settings: Settings
    seams: Seams
    clock: Clock

    async def seed(self, *, empty: bool = False, places: Path | None = None) -> list[str]:
        """Seed it."""
        return await seed(self.database, self.settings, self.seams, empty=empty, places=places)

    async def count_rows(self) -> dict[str, int]:
        """Return how many rows each table has."""
        async with self.database.reading() as connection:
            return {
                table.name: (
                    await connection.execute(select(func.count()).select_from(table))
                ).scalar_one()
                for table in metadata.sorted_tables
            }


@asynccontextmanager
async def living_in(folder: Path) -> AsyncIterator[House]:
    """Open the database in `folder`, migrated if it is not."""
    settings, clock = settings_in(folder), Clock(NOW)
    seams = Seams(now=clock.now)
    await migrate(settings.database_url)
    database = Database(settings.database_url, seams)
    await database.start()
    yield House(database, settings, seams, clock)
    await database.stop()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living_in(tmp_path) as house:
        yield house


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo in it, to be copied: drawing its photos takes a while."""
    folder = tmp_path_factory.mktemp("seeded")

    async def make() -> None:
        async with living_in(folder) as house:
            assert await house.seed() == [
                "demo entered: commune 20242, one officer, 30 invented declarations"
            ]

    asyncio.run(make())
    return folder


@pytest.fixture
async def demo(tmp_path: Path, seeded: Path) -> AsyncIterator[House]:
    shutil.copytree(seeded, tmp_path / "demo")
    async with living_in(tmp_path / "demo") as house:
        yield house


async def test_the_demo_has_files_of_every_kind_all_marked(demo: House) -> None:
    async with demo.database.reading() as connection:
        rows = (await connection.execute(select(declaration.c.status, declaration.c.demo))).all()
        files = await declarations.list_files(connection, scope=COMMUNE, wanted=Filter())
        found = [
            await declarations.get_file(
                connection, scope=COMMUNE, public_id=file.declaration.public_id
            )
            for file in files
        ]
        overdue = await declarations.count_waiting(
            connection, scope=COMMUNE, before_ms=to_ms(NOW - timedelta(days=5))
        )
    assert Counter(row.status for row in rows) == {
        "draft": 4, "submitted": 15, "returned": 3, "approved": 6, "rejected": 2,
    }  # fmt: skip
    assert all(row.demo for row in rows)
    assert overdue == (15, 6)
    assert sum(file.twins for file in found if file) == 2
    assert sum(not file.person.settled for file in files) == 2
    assert sum(file.declaration.village_text is not None for file in files) == 2
    assert sum(file.declaration.photos > 0 for file in files) == 6
    assert {e.verdict for file in files for e in file.declaration.evidence} == {"clear", "blurry"}
    assert sum(bool(file.declaration.reviewed) for file in files) == 3
    assert all(file.declaration.items for file in files if file.declaration.status == "returned")


async def test_the_photos_of_the_demo_are_there_to_look_at(demo: House) -> None:
    store = PhotoStore.open(demo.settings.photo_store)
    async with demo.database.reading() as connection:
        files = await declarations.list_files(connection, scope=COMMUNE, wanted=Filter())
        ids = [e.id for file in files for e in file.declaration.evidence]
        keys = [await get_for_officer(connection, scope=COMMUNE, number=number) for number in ids]
    pictures = [await store.read(k.photo) for k in keys if k] + [
        await store.read(k.thumb) for k in keys if k
    ]
    assert len(ids) == 9
    assert len(set(pictures)) == 2 * len(ids)
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures)


async def test_every_decision_of_the_demo_is_in_the_journal_and_told(demo: House) -> None:
    async with demo.database.reading() as connection:
        files = await declarations.list_files(
            connection, scope=COMMUNE, wanted=Filter(status="approved")
        )
        journal = [
            [entry.action for entry in await list_entries(connection, declaration=f.declaration.id)]
            for f in files
        ]
        notice = await due.next_due_ms(connection)
    assert all(f.declaration.decision and f.declaration.decision.told for f in files)
    assert sorted(journal, key=len) == [
        ["submit", "approve"], ["submit", "approve"], ["submit", "approve"],
        ["submit", "score", "approve"], ["submit", "score", "approve"],
        ["submit", "score", "score", "approve"],
    ]  # fmt: skip
    assert notice is None


async def test_nothing_of_the_demo_lies_in_the_future(demo: House) -> None:
    async with demo.database.reading() as connection:
        files = await declarations.list_files(connection, scope=COMMUNE, wanted=Filter())
        info = await places.get_info(connection, COMMUNE)
    moments = [f.declaration.submitted_at for f in files]
    moments += [f.declaration.decision.at for f in files if f.declaration.decision]
    assert all(moment and moment < NOW for moment in moments)
    assert (info.submit_by, info.answer_by) == (date(2026, 11, 25), date(2026, 11, 30))
    returned = [f.declaration.return_by for f in files if f.declaration.status == "returned"]
    assert all(day and day > NOW.date() for day in returned)


async def test_seeding_again_adds_nothing(demo: House) -> None:
    before = await demo.count_rows()
    assert await demo.seed() == ["already seeded (demo): nothing changed"]
    assert await demo.seed(empty=True) == ["already seeded (demo): nothing changed"]
    assert await demo.count_rows() == before


async def test_an_empty_installation_has_criteria_and_nothing_else(house: House) -> None:
    assert await house.seed(empty=True) == ["criteria sets entered, no demo data"]
    rows = await house.count_rows()
    assert {name for name, count in rows.items() if count} == {"criteria_version", "note", "shard"}
    assert await house.seed() == ["already seeded (empty): nothing changed"]
    assert await house.count_rows() == rows


async def test_no_invented_people_come_beside_real_officers(house: House) -> None:
    await house.database.write(
        lambda c: officers.add_officer(
            c, name="Người thật", role="commune_officer", place=COMMUNE, at_ms=1
        )
    )
    assert await house.seed() == ["criteria sets entered, no demo data"]
    assert (await house.count_rows())["declaration"] == 0


async def test_an_operators_places_are_entered_and_again_without_doubles(
    house: House, tmp_path: Path
) -> None:
    file = tmp_path / "places.toml"
    file.write_text(
        '[[commune]]\ncode = "20242"\ncontact_name = "cô Mẫu"\nanswer_by = 2026-12-01\n'
        'villages = ["tổ 2", "xóm Đình", "tổ 1"]\n',
        "utf-8",
    )
    said = [await house.seed(places=file), await house.seed(places=file), await house.seed()]
    async with house.database.reading() as connection:
        villages = await places.list_villages(connection, COMMUNE)
        info = await places.get_info(connection, COMMUNE)
        what = await get_seeded(connection)
    assert said == [
        ["communes entered: 1, new villages: 3"],
        ["communes entered: 1, new villages: 0"],
        ["already seeded (places): nothing changed"],
    ]
    assert [(v.code, v.name, v.kind) for v in villages] == [
        ("20242-001", "tổ 1", "residential_group"),
        ("20242-002", "tổ 2", "residential_group"),
        ("20242-003", "xóm Đình", "xom"),
    ]
    assert (info.contact_name, info.answer_by, what) == ("cô Mẫu", date(2026, 12, 1), "places")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("not toml", "Expected"),
        ("", "must hold"),
        ("[[commune]]\n", "no commune has the code None"),
        ('[[commune]]\ncode = "99999"\n', "no commune has the code 99999"),
        ('[[commune]]\ncode = "20242"\nphone = "1"\n', "phone is none of controller"),
        ('[[commune]]\ncode = "20242"\nanswer_by = "mai"\n', "answer_by must be a date"),
        ('[[commune]]\ncode = "20242"\nvillages = [1]\n', "villages must be a list of names"),
        ('[[commune]]\ncode = "20242"\nvillages = [" "]\n', "name is empty"),
        ('[[commune]]\ncode = "20242"\ndifficult = true\n', "difficult needs difficult_source"),
    ],
)
async def test_a_file_of_places_that_is_wrong_enters_nothing(
    house: House, tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "places.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(CommandRefused, match=complaint):
        await house.seed(places=file)
    rows = await house.count_rows()
    assert (rows["commune_info"], rows["village"]) == (0, 0)


@pytest.mark.parametrize(
    ("today", "deadlines"),
    [
        (date(2026, 11, 25), (date(2026, 11, 25), date(2026, 11, 30))),
        (date(2026, 11, 26), (date(2026, 12, 20), date(2026, 12, 27))),
        (date(2026, 12, 31), (date(2027, 11, 25), date(2027, 11, 30))),
    ],
)
def test_the_demos_deadlines_have_never_passed(today: date, deadlines: tuple[date, date]) -> None:
    assert plan_deadlines(today) == deadlines


async def test_the_start_announces_chat_village_and_a_fresh_link_each_time(demo: House) -> None:
    base = demo.settings.base_url
    lines = [await announce(demo.database, demo.settings, demo.seams) for _ in range(2)]
    tokens = [said[2].rpartition(f"{base}/officer/")[2] for said in lines]
    assert [said[:2] for said in lines] == [
        [f"Người dân / citizens: {base}/", f"tổ 12 (mẫu / demo): {base}/go/{VILLAGE}"]
    ] * 2
    assert len(set(tokens)) == 2
    async with demo.database.reading() as connection:
        link = await officers.get_link(connection, tokens[1], now_ms=to_ms(NOW))
        late = to_ms(NOW + timedelta(minutes=15))
        old = await officers.get_link(connection, tokens[1], now_ms=late)
    expected = Officer(1, "Cán bộ mẫu", "commune_officer", COMMUNE)
    assert link is not None
    assert old is not None
    assert (link.officer, link.usable, old.usable) == (expected, True, False)


async def test_without_a_demo_only_the_chat_is_announced(house: House) -> None:
    await house.seed(empty=True)
    lines = await announce(house.database, house.settings, house.seams)
    assert lines == [f"Người dân / citizens: {house.settings.base_url}/"]
