"""Everything is constructed here, from Settings; tests build the program the same way."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from bot.channels import Served, list_entrances, open_channels
from bot.settings import Settings
from bot.worker import Loops, Roles, Worker
from dialogs.facts import Rules
from handlers.admin import admin_router
from handlers.blocks import Blocks
from handlers.callers import may_call
from handlers.delivery import Deliveries
from handlers.door import Door
from handlers.errors import install_errors
from handlers.health import health_router
from handlers.i18n import Words
from handlers.images.inspector import ImageInspector
from handlers.jobs import Jobs
from handlers.limits import Limits, Rate
from handlers.measures import Measures
from handlers.media import Media
from handlers.metrics import metrics_router
from handlers.needs import Needs
from handlers.parts import Parts
from handlers.retention import Retention, Terms
from handlers.shown import shown_router
from handlers.turns import Turns
from handlers.wake import Wake
from handlers.web.direct import ShortCut
from handlers.web.going import Going
from handlers.web.headers import CompressPublic, SecurityHeaders, Static
from handlers.web.page import STATIC
from handlers.web.pages import Pages
from handlers.web.routes import Chat
from handlers.web.sessions import Sessions
from handlers.web.speech import Speech
from storage.criteria import load_criteria_sets
from storage.criteria_versions import all_sets, keep_versions
from storage.database import Database
from storage.peers import peers_of
from storage.photos import Incoming, PhotoStore
from storage.seams import Seams
from storage.search import PlaceIndex

if TYPE_CHECKING:
    from handlers.far.dialling import Dialler
    from handlers.far.fetching import Far

WEB = Served()


@dataclass(frozen=True, slots=True)
class Program:
    """One running program: the parts, the web application, the loops."""

    settings: Settings
    parts: Parts
    app: FastAPI
    worker: Worker
    turns: Turns
    jobs: Jobs
    needs: Needs
    door: Door = field(repr=False)


@asynccontextmanager
async def run_program(
    settings: Settings,
    *,
    seams: Seams | None = None,
    roles: Roles | None = None,
    dialler: "Dialler | None" = None,
) -> AsyncIterator[Program]:
    """Build the program on a migrated database and run its loops until the block ends.

    `dialler`: see `open_channels`.
    """
    async with AsyncExitStack() as stack:
        parts = await build_parts(settings, seams or Seams())
        stack.push_async_callback(parts.database.stop)
        inspector = await stack.enter_async_context(ImageInspector())
        served = await stack.enter_async_context(open_channels(settings, parts, dialler))
        program = build_program(settings, parts, inspector, served)
        await stack.enter_async_context(program.worker.running(roles))
        yield program


async def build_parts(settings: Settings, seams: Seams) -> Parts:
    """Open the database, load criteria, places, words and photo store."""
    database = Database(settings.database_url, seams)
    await database.start()
    peers = peers_of(database)
    library = load_criteria_sets()
    await database.write(lambda c: keep_versions(c, library))
    async with database.reading() as connection:
        sets = await all_sets(connection, library)
    return Parts(
        database=database,
        seams=seams,
        rules=Rules(minimum_age=settings.minimum_age, notice_seconds=settings.notice_delay_seconds),
        zone=settings.zone,
        words=Words(settings.zone),
        library=library,
        sets=sets,
        index=PlaceIndex.load(),
        photos=PhotoStore.open(settings.photo_store, seams.crashpoint),
        incoming=Incoming(Path(settings.var_dir) / "incoming", seams.token, seams.crashpoint),
        limits=Limits(_rates(settings)),
        wake=Wake(peers.tell),
        peers=peers,
        secret=cache(settings.derive_key),
        photo_max_bytes=settings.photo_max_mb * 1024 * 1024,
        public_url=settings.base_url,
        officer_link_minutes=settings.officer_link_minutes,
        secure_cookies=settings.base_url.startswith("https:"),
        blocks=Blocks(database),
        measures=Measures(),
        trusted_proxies=settings.trusted_proxies,
        metrics_token=settings.metrics_token.get_secret_value(),
    )


def _rates(settings: Settings) -> dict[str, Rate]:
    return {
        "messages": Rate(settings.limit_messages, 10.0),
        "sessions": Rate(settings.limit_sessions, 60.0),
        "uploads": Rate(settings.limit_uploads, 3600.0),
        "api": Rate(settings.limit_api, 60.0),
    }


def build_program(
    settings: Settings,
    parts: Parts,
    inspector: ImageInspector,
    served: Served = WEB,
) -> Program:
    """Put doors and loops together."""
    channels, needs, door = served.channels, Needs(parts), Door(parts)
    entry = served.enter(door)
    turns = Turns(parts, channels, needs, door)
    terms = Terms(
        timedelta(days=settings.raw_retention_days), timedelta(days=settings.draft_retention_days)
    )
    jobs = Jobs(parts, Retention(parts, terms), channels)
    deliveries = Deliveries(parts, channels)
    far = _far(parts, served)
    loops = Loops(turns, Media(parts, inspector, far), jobs, deliveries, entry.loops)
    worker = Worker(parts, loops)
    sessions, speech = Sessions(parts), Speech(parts, needs)
    app = FastAPI(title="KhaiHoc", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    going = Going(parts.words, list_entrances(settings))
    app.include_router(Pages(parts, sessions, needs, settings.default_locale, going).router())
    app.include_router(Chat(parts, door, sessions, speech, "citizen").router())
    app.include_router(Chat(parts, door, sessions, speech, "officer").router())
    app.include_router(shown_router(parts))
    for router in entry.routers:
        app.include_router(router)
    app.include_router(admin_router())
    app.include_router(health_router())
    app.include_router(metrics_router())
    static = may_call("anyone")(Static(directory=STATIC))
    app.mount("/static", static, name="static")
    app.add_middleware(CompressPublic)
    app.add_middleware(ShortCut, routes=app.routes, handlers=app.exception_handlers)
    install_errors(app, parts.words, parts.measures)
    # The outermost, so that the answer to a failure carries the headers too.
    app.add_middleware(SecurityHeaders, secure=parts.secure_cookies)
    return Program(settings, parts, app, worker, turns, jobs, needs, door)


def _far(parts: Parts, served: Served) -> "Far | None":
    """Return what fetches far photos, where a channel has any."""
    if served.fetcher is None:
        return None
    from handlers.far.fetching import Far

    return Far(parts, served.fetcher)
