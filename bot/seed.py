"""What a new installation begins with: criteria versions, and the demo or an operator's places."""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot.commands.enrolling import give
from bot.demo.people import Case, read_cases
from bot.demo.pictures import draw_certificate
from bot.demo.writing import Photo, Stage, write_case
from bot.place_files import CommuneEntry, enter_places, read_place_file
from bot.settings import Settings
from dialogs.model import Officer
from handlers.images.inspector import ImageInspector
from storage import officers
from storage.criteria import CriteriaLibrary, load_criteria_sets
from storage.criteria_versions import keep_versions
from storage.database import Connection, Database
from storage.demo import get_seeded, is_lived_in, set_seeded
from storage.evidence import Keys
from storage.photos import PhotoStore
from storage.places import list_villages
from storage.seams import Seams, to_ms
from storage.search import PlaceIndex

PLACES = Path(__file__).parent / "demo" / "places.toml"
COMMUNE, VILLAGE = "20242", "20242-012"
TITLE = "citizen"
OFFICER = "Cán bộ mẫu"
# Hand in by, answered by (month, day): the first that has not passed when the demo is made.
DEADLINES = (((11, 25), (11, 30)), ((12, 20), (12, 27)))


async def seed(
    database: Database,
    settings: Settings,
    seams: Seams,
    *,
    empty: bool = False,
    places: Path | None = None,
) -> list[str]:
    """Keep the criteria versions, then enter `places`, nothing, or the demo; say what was done.

    The demo comes once, and never where officers or declarations already are. Raises
    CommandRefused for a file of places that cannot be used, CriteriaChanged, PhotoStoreError.
    """
    library = load_criteria_sets()
    await database.write(lambda c: keep_versions(c, library))
    if places is not None:
        return await _seed_places(database, read_place_file(places))
    async with database.reading() as connection:
        done, lived_in = await get_seeded(connection), await is_lived_in(connection)
    if done is not None:
        return [f"already seeded ({done}): nothing changed"]
    if empty or lived_in:
        await database.write(lambda c: set_seeded(c, "empty"))
        return ["criteria sets entered, no demo data"]
    return await _seed_demo(database, settings, seams, library)


async def _seed_places(database: Database, entries: tuple[CommuneEntry, ...]) -> list[str]:
    async def work(connection: Connection) -> int:
        await set_seeded(connection, "places")
        return await enter_places(connection, entries)

    new = await database.write(work)
    return [f"communes entered: {len(entries)}, new villages: {new}"]


async def _seed_demo(
    database: Database, settings: Settings, seams: Seams, library: CriteriaLibrary
) -> list[str]:
    cases = read_cases()
    photos = await _keep_photos(PhotoStore.open(settings.photo_store, seams.crashpoint), cases)
    seams.crashpoint("seed.photos_kept")
    await database.write(lambda c: _write_demo(c, settings, seams, library, photos))
    return [f"demo entered: commune {COMMUNE}, one officer, {len(cases)} invented declarations"]


async def _keep_photos(
    store: PhotoStore, cases: tuple[Case, ...]
) -> Mapping[Case, tuple[Photo, ...]]:
    """Draw the pictures of the demo and keep them as photos of real people are kept."""
    kept: dict[Case, tuple[Photo, ...]] = {}
    number = 0
    async with ImageInspector() as inspector:
        with tempfile.TemporaryDirectory() as folder:
            for case in cases:
                for look in case.photos:
                    number += 1
                    path = Path(folder) / str(number)
                    drawn = await asyncio.to_thread(draw_certificate, number, look)
                    await asyncio.to_thread(path.write_bytes, drawn)
                    photo = await _keep_photo(store, inspector, path)
                    kept[case] = (*kept.get(case, ()), photo)
    return kept


async def _keep_photo(store: PhotoStore, inspector: ImageInspector, path: Path) -> Photo:
    seen = await inspector.inspect(path)
    keys = Keys(await store.keep(seen.full), await store.keep(seen.thumb))
    return Photo(keys, (seen.width, seen.height), seen.original_sha256, seen.verdict)


async def _write_demo(
    connection: Connection,
    settings: Settings,
    seams: Seams,
    library: CriteriaLibrary,
    photos: Mapping[Case, tuple[Photo, ...]],
) -> None:
    if await get_seeded(connection) is not None:
        return  # another process was first
    commune = PlaceIndex.load().get(COMMUNE)
    assert commune is not None, "the demo's commune is in the list of communes"
    now = seams.now()
    today = now.astimezone(settings.zone).date()
    await _write_places(connection, today)
    stage = Stage(
        connection=connection,
        seams=seams,
        commune=commune,
        criteria=library.current(TITLE, today.year),
        officer=await _write_officer(connection, to_ms(now)),
        now=now,
        zone=settings.zone,
        photos=photos,
    )
    for hour, case in enumerate(read_cases()):
        await write_case(stage, case, hour % 24)
    await set_seeded(connection, "demo")


async def _write_places(connection: Connection, today: date) -> None:
    submit_by, answer_by = plan_deadlines(today)
    days = {"submit_by": submit_by, "answer_by": answer_by}
    entries = [replace(entry, info={**entry.info, **days}) for entry in read_place_file(PLACES)]
    await enter_places(connection, entries, demo=True)


async def _write_officer(connection: Connection, at_ms: int) -> Officer:
    number = await officers.add_officer(
        connection, name=OFFICER, role="commune_officer", place=COMMUNE, at_ms=at_ms, demo=True
    )
    return Officer(number, OFFICER, "commune_officer", COMMUNE)


def plan_deadlines(today: date) -> tuple[date, date]:
    """Return the days to hand in and to be answered by: the next ones not passed on `today`."""
    for year in (today.year, today.year + 1):
        for submit_by, answer_by in DEADLINES:
            if date(year, *submit_by) >= today:
                return date(year, *submit_by), date(year, *answer_by)
    raise AssertionError("next year has deadlines that have not passed")


async def officer_link(
    connection: Connection, officer: Officer, settings: Settings, seams: Seams
) -> str:
    """Return a fresh one-time address of an officer; only the hash of its token is kept."""
    minutes = settings.officer_link_minutes
    token = await give(connection, officer.id, seams, kind="link", minutes=minutes)
    return f"{settings.base_url}/officer/{token}"


async def announce(database: Database, settings: Settings, seams: Seams) -> list[str]:
    """Return what `make run` prints: the chat's address, and in a demo where to try it.

    Makes a new one-time link for the demo's officer each time.
    """
    lines = [f"Người dân / citizens: {settings.base_url}/"]
    async with database.reading() as connection:
        demo = await officers.find_demo(connection)
        villages = await list_villages(connection, COMMUNE) if demo else ()
    if demo is None:
        return lines
    for village in villages:
        if village.code == VILLAGE:
            lines.append(f"{village.name} (mẫu / demo): {settings.base_url}/go/{VILLAGE}")
    link = await database.write(lambda c: officer_link(c, demo, settings, seams))
    minutes = settings.officer_link_minutes
    lines.append(f"Cán bộ mẫu, một lần, {minutes} phút / demo officer, once, {minutes} min: {link}")
    return lines
