"""`migrate`, `seed`, `check`, `criteria check`: the data this installation stands on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.doctor import Finding
    from bot.settings import Settings
    from storage.database import Database
    from storage.seams import Seams

criteria = typer.Typer(help="Criteria sets.", no_args_is_help=True)


def migrate() -> None:
    """Bring the database schema up to this program."""
    import asyncio

    from bot.environment import read_settings
    from storage.migrate import migrate as bring_up

    before, after = asyncio.run(bring_up(read_settings().database_url))
    done = f"is up to date ({after})" if before == after else f"{before or 'none'} -> {after}"
    typer.echo(f"schema {done}")


def seed(
    empty: Annotated[bool, typer.Option("--empty", help="Leave the demo out, for good")] = False,
    places: Annotated[
        Path | None,
        typer.Option(help="A TOML file of communes and villages to enter instead of the demo"),
    ] = None,
) -> None:
    """Enter the criteria sets and, once, the demo commune."""
    from bot.commands.opening import with_database
    from bot.seed import seed as enter

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> list[str]:
        return await enter(database, settings, seams, empty=empty, places=places)

    for line in with_database(work):
        typer.echo(line)


def check() -> None:
    """Say part by part what is OK, or what to do."""
    import asyncio

    from bot.doctor import examine, examine_settings

    settings, first = examine_settings()
    findings: list[Finding] = [first]
    if settings is not None:
        findings += asyncio.run(examine(settings))
    for finding in findings:
        typer.echo(f"{finding.part:<10} {'OK    ' if finding.ok else 'NOT OK'} {finding.words}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@criteria.command("check")
def check_criteria(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of TOML files; the program's own without it")
    ] = None,
) -> None:
    """Read criteria files and print each set, or every problem with its file and key."""
    from storage.criteria import CRITERIA_FOLDER, load_criteria_sets

    for one in load_criteria_sets(folder or CRITERIA_FOLDER).sets:
        state = "open" if one.open else "closed"
        until = one.valid_to_year or "..."
        typer.echo(
            f"{one.version}\t{one.title}\t{one.status}\t{state}\t{one.valid_from_year}-{until}\t"
            f"{len(one.indicators)} indicators\t{one.digest[:12]}"
        )
