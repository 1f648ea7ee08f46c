"""The doctor: is everything this installation needs there, and what to do where it is not."""

import shutil
from datetime import UTC, datetime, timedelta

from bot.channels import list_channels
from bot.environment import read_settings
from bot.findings import Finding
from bot.settings import Settings, SettingsRefused
from dialogs.criteria import CriteriaInvalid
from handlers.health import LEAST_FREE_BYTES
from handlers.i18n import LOCALES, MissingCatalogue, Words
from storage.criteria import load_criteria_sets
from storage.criteria_versions import CriteriaChanged, check_versions
from storage.database import UNAVAILABLE, Connection, Database
from storage.health import newest_ms
from storage.migrate import (
    DatabaseUnusable,
    SchemaRefused,
    check_opens,
    check_schema,
    describe,
    get_head,
)
from storage.photos import PhotoStore, PhotoStoreError
from storage.seams import Seams, from_ms

# No moment of this program's data lies before it was written.
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MB = 1024 * 1024
AHEAD = timedelta(minutes=1)
TRIED = b"is the photo store writable?"


def examine_settings() -> tuple[Settings | None, Finding]:
    """Return this process's settings, None when they are refused, and the finding."""
    try:
        settings = read_settings()
    except SettingsRefused as refused:
        return None, Finding("settings", False, str(refused))
    return settings, Finding("settings", True, f"data in {settings.var_dir}")


async def examine(settings: Settings, seams: Seams | None = None) -> list[Finding]:
    """Return the finding of every other part, in the order in which to mend them."""
    seams = seams or Seams()
    return [
        *await _stored(settings, seams),
        _disk(settings),
        await _photos(settings),
        _catalogues(settings),
        _channels(settings),
        *await _zalo(settings, seams),
    ]


async def _stored(settings: Settings, seams: Seams) -> list[Finding]:
    """Look at the database, and by what it holds at the clock and the criteria."""
    try:
        database = Database(settings.database_url, seams)
        check_opens(settings.database_url)
        try:
            async with database.reading() as connection:
                await check_schema(connection)
                fine = Finding("database", True, f"{settings.database_url}, schema {get_head()}")
                newest = await newest_ms(connection)
                return [fine, _clock(seams, newest), await _criteria(connection)]
        finally:
            await database.stop()
    except SchemaRefused as refused:
        wrong = str(refused)
    except DatabaseUnusable as unusable:
        wrong = f"{unusable}: look at DATABASE_URL and its folder"
    except UNAVAILABLE as error:
        wrong = f"{describe(error)}: look at DATABASE_URL and its folder"
    except OSError as error:
        wrong = f"{error.filename}: {error.strerror}"
    return [Finding("database", False, wrong), _clock(seams, None), await _criteria(None)]


def _clock(seams: Seams, newest: int | None) -> Finding:
    now = seams.now()
    latest = max(FIRST_DAY, from_ms(newest)) if newest is not None else FIRST_DAY
    if now + AHEAD < latest:
        late = f"the clock says {now:%Y-%m-%d %H:%M} UTC, data is of {latest:%Y-%m-%d %H:%M}"
        return Finding("clock", False, f"{late}: set it (NTP)")
    return Finding("clock", True, f"{now:%Y-%m-%d %H:%M} UTC")


async def _criteria(connection: Connection | None) -> Finding:
    """Look at the files, and where there is a database at what it keeps of them."""
    try:
        library = load_criteria_sets()
        if connection is not None:
            await check_versions(connection, library)
    except CriteriaInvalid as invalid:
        count = len(invalid.problems)
        return Finding("criteria", False, f"{count} problems: `criteria check` lists them")
    except CriteriaChanged as changed:
        return Finding("criteria", False, str(changed))
    return Finding("criteria", True, ", ".join(one.version for one in library.sets))


async def _photos(settings: Settings) -> Finding:
    try:
        store = PhotoStore.open(settings.photo_store)
        await store.erase(await store.keep(TRIED))
    except (PhotoStoreError, OSError) as error:
        return Finding("photos", False, f"{error}: look at PHOTO_STORE, its rights and its disk")
    return Finding("photos", True, f"{settings.photo_store} can be written")


def _disk(settings: Settings) -> Finding:
    """Look at the room left for uploads, and on SQLite for the database."""
    folder = settings.var_dir.resolve()
    while not folder.exists():  # made at the first start
        folder = folder.parent
    free = shutil.disk_usage(folder).free // MB
    words = f"{free} MB free for {settings.var_dir}"
    if free < LEAST_FREE_BYTES // MB:
        return Finding("disk", False, f"{words}, {LEAST_FREE_BYTES // MB} MB needed: make room")
    return Finding("disk", True, words)


def _catalogues(settings: Settings) -> Finding:
    try:
        Words(settings.zone)
    except MissingCatalogue as missing:
        return Finding("catalogues", False, f"{missing} is not compiled: run `make catalogues`")
    return Finding("catalogues", True, ", ".join(LOCALES))


def _channels(settings: Settings) -> Finding:
    return Finding("channels", True, f"{', '.join(list_channels(settings))} at {settings.base_url}")


async def _zalo(settings: Settings, seams: Seams) -> list[Finding]:
    """Ask Zalo about the surfaces that are on."""
    on = [name for name in list_channels(settings) if name.startswith("zalo_")]
    if not on:
        return []
    from bot.zalo_doctor import examine_bot, examine_oa

    found = await examine_bot(settings) if "zalo_bot" in on else []
    return [*found, *(await examine_oa(settings, seams) if "zalo_oa" in on else [])]
