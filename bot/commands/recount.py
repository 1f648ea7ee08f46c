"""`recount`: are the kept sums of places what counting every file gives?"""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.database import Connection, Database
    from storage.recount import Difference
    from storage.seams import Seams

    Found = tuple[int, list[Difference]]


def recount(
    repair: Annotated[
        bool, typer.Option("--repair", help="Set what is wrong, on record in the journal")
    ] = False,
) -> None:
    """Count all files and compare the sums of places: a line a difference, exit 1 for any.

    Columns: place, parent, period, title, real or demo, count, kept, counted.
    """
    from bot.commands.opening import with_database

    rows, wrong = with_database(_repair if repair else _compare)
    for one in wrong:
        parent, period, place, title, demo = one.key
        kind = "demo" if demo else "real"
        for name, kept, counted in one.counts():
            columns = (place, parent, period, title, kind, name, kept, counted)
            typer.echo("\t".join(map(str, columns)))
    state = "repaired" if repair and wrong else "different"
    typer.echo(f"{rows} sums, {len(wrong)} {state}", err=bool(wrong))
    if wrong and not repair:
        raise typer.Exit(1)


async def _compare(_: "Settings", database: "Database", __: "Seams") -> "Found":
    from storage.recount import count_rows, list_differences

    async def work(connection: "Connection") -> "Found":
        return await count_rows(connection), await list_differences(connection)

    return await database.read(work)


async def _repair(_: "Settings", database: "Database", seams: "Seams") -> "Found":
    from storage import recount
    from storage.seams import to_ms

    at_ms = to_ms(seams.now())

    async def work(connection: "Connection") -> "Found":
        wrong = await recount.repair(connection, at_ms=at_ms)
        return await recount.count_rows(connection), wrong

    return await database.write(work)
