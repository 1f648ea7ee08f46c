"""rollup_country: the country's table from kept sums, against counting declarations.

Kept: 27 M households of each title in 3,321 communes with 30 villages each. Raw: the same table
counted from as many declarations as can be made here in a minute or two; nothing is extrapolated,
so the ratio is that against those few and would be smaller still for all. Before, both are asked
about the same files and must give the same table.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks.figures import Figure, table
from benchmarks.households import TITLES, VILLAGES, fill_files, fill_sums
from benchmarks.people import settings_in
from benchmarks.rounds import Side, interleaved
from benchmarks.upkeep import measure_upkeep
from dialogs.figures import Figures, total
from storage import recount, sums
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.models import declaration, place_sum
from storage.seams import Seams
from storage.search import PlaceIndex
from storage.sums import Sums, Wanted

BUDGET = 0.02
HOUSEHOLDS, FILES = 27_000_000, 1_000_000
KEPT, RAW = 2026, 2025
ROUNDS, READS = 5, 5
HEAD = ("side", "files", "rows read", "CPU, ms", "ratio", "budget")


async def measure() -> list[Figure]:
    """Print both tables and return their figures."""
    with TemporaryDirectory(prefix="khaihoc-bench-") as folder:
        settings, index = settings_in(Path(folder)), PlaceIndex.load()
        file = Path(folder) / "khaihoc.db"
        await migrate(settings.database_url)
        began = time.perf_counter()
        fill_files(file, index, files=FILES, period=RAW)
        database = Database(settings.database_url, Seams())
        await database.start()
        await database.write(lambda connection: recount.repair(connection, at_ms=0))
        households = fill_sums(file, index, households=HOUSEHOLDS, period=KEPT)
        took = time.perf_counter() - began
        print(f"{FILES:,} declarations and sums of {households:,} made in {took:.0f} s")
        figure = await _compare(database, [p.code for p in index.provinces()], households)
        await database.stop()
    return [figure, await measure_upkeep()]


async def _compare(database: Database, provinces: list[str], households: int) -> Figure:
    async def kept(period: int) -> Sums:
        wanted = Wanted(period)
        return await database.read(lambda c: sums.list_provinces(c, provinces, wanted))

    async def counted() -> Sums:
        return await database.read(_count)

    assert await kept(RAW) == await counted(), "kept and counted differ"
    whole = {title: total(parts) for title, parts in (await kept(KEPT)).items()}
    assert {t: f.registered for t, f in whole.items()} == dict.fromkeys(TITLES, households)

    async def read_kept() -> int:
        for _ in range(READS):
            await kept(KEPT)
        return READS

    async def read_raw() -> int:
        await counted()
        return 1

    ours, raw = await interleaved((Side(read_kept), Side(read_raw)), ROUNDS)
    ratio = ours.against(raw)
    # What the country's table is added from: its communes; the villages lie beside them.
    read = await database.read(_count_communes)
    rows = [
        ("kept", households * len(TITLES), read, ours.us / 1000, ratio, BUDGET),
        ("raw", FILES, FILES, raw.us / 1000, None, None),
    ]
    villages = f"{VILLAGES} villages in each commune"
    print(table(f"The country's figures by province and title ({villages})", HEAD, rows))
    return Figure("rollup_country", ratio, f"x counting {FILES:,} files", BUDGET)


async def _count(connection: Connection) -> Sums:
    """Count the files themselves, in the shape of `list_provinces`; none of them was taken back."""
    c = declaration.c
    query = select(c.title, c.province, c.status, func.count()).where(c.period == RAW)
    grouped = query.group_by(c.title, c.province, c.status)
    found: Sums = {}
    for title, province, status, number in await connection.execute(grouped):
        parts = found.setdefault(title, {})
        name = "taken_back" if status == "draft" else status
        parts[province] = parts.get(province, Figures()) + Figures(**{name: number})
    return found


async def _count_communes(connection: Connection) -> int:
    place = place_sum.c
    query = select(func.count()).where(place.period == KEPT, func.length(place.place) == 5)
    number: int = (await connection.execute(query)).scalar_one()
    return number
