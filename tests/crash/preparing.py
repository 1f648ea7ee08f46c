"""What the harness begins with: migrated databases, officers with their secrets, pictures."""

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path

from handlers.images.inspector import ImageInspector, Inspected
from storage import officers, places
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.seams import Seams, to_ms
from tests.crash.engines import Engine
from tests.crash.life import Stage
from tests.crash.mother import LifeFailed, run_child
from tests.drill.pictures import photo
from tests.world import COMMUNE, START

PICTURES = {"clear1": (1, True), "clear2": (2, True), "clear3": (3, True), "blurry1": (4, False)}
VILLAGES = [(f"{COMMUNE}-{n:03}", f"tổ {n}", "residential_group") for n in range(1, 19)]
# As many links as an officer can need whose way in is killed again and again.
LINKS = 6
YEAR_MS = 365 * 86_400_000


def secrets() -> dict[str, str]:
    """Return the secrets given out: links "officer.0", "officer.1" ... and a program's token."""
    names = [f"officer.{n}" for n in range(LINKS)] + ["program"]
    return {name: hashlib.sha256(name.encode()).hexdigest() for name in names}


def make_stage(folder: Path) -> Stage:
    """Draw the pictures, and let the real inspector look at each of them once."""
    photos = {name: photo(number, sharp=sharp) for name, (number, sharp) in PICTURES.items()}
    looked = folder / "inspected"

    async def work() -> None:
        looked.write_bytes(pickle.dumps(await _inspected(photos, folder)))

    _in_child(work, folder)
    return Stage(photos, pickle.loads(looked.read_bytes()), secrets())


async def _inspected(photos: Mapping[str, bytes], folder: Path) -> dict[str, Inspected]:
    found = {}
    async with ImageInspector() as inspector:
        for name, data in photos.items():
            path = folder / name
            path.write_bytes(data)
            found[hashlib.sha256(data).hexdigest()] = await inspector.inspect(path)
    return found


def make_template(engine: Engine, home: Path, *, bare: bool) -> Path:
    """Make a home with a migrated database; unless `bare`, with a commune and its officers."""
    home.mkdir()

    async def work() -> None:
        await engine.make(home)
        await migrate(engine.url(home))
        database = Database(engine.url(home), Seams())
        await database.start()
        if not bare:
            await database.write(_furnish)
        await database.stop()

    _in_child(work, home)
    return home


async def _furnish(connection: Connection) -> None:
    await places.add_villages(connection, VILLAGES)  # type: ignore[arg-type]
    at_ms = to_ms(START)
    number = await officers.add_officer(
        connection, name="Cán bộ mẫu", role="commune_officer", place=COMMUNE, at_ms=at_ms
    )
    for name, token in secrets().items():
        await officers.add_credential(
            connection,
            token=token,
            officer_id=number,
            kind="api" if name == "program" else "link",
            at_ms=at_ms,
            expires_ms=at_ms + YEAR_MS,
        )


def _in_child(work: object, folder: Path) -> None:
    log = folder / "preparing.log"
    if run_child(work, log) != 0:  # type: ignore[arg-type]
        raise LifeFailed(log.read_text("utf-8"))
