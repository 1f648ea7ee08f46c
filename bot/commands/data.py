"""`migrate`, `seed`, `check`, `criteria check`: the data this installation stands on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.findings import Finding
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


def check(
    zalo_event: Annotated[
        Path | None,
        typer.Option(help="Only say how a captured webhook request of the Zalo OA was signed"),
    ] = None,
    zalo_webhook: Annotated[
        Literal["set", "test", "delete"] | None,
        typer.Option(help="Only tell Zalo where its bot finds us, let it try, or take it back"),
    ] = None,
) -> None:
    """Say part by part what is OK, or what to do."""
    if zalo_event is not None:
        _check_event(zalo_event)
        return
    import asyncio

    if zalo_webhook is not None:
        from bot.environment import read_settings
        from bot.zalo_doctor import change_webhook

        _tell([asyncio.run(change_webhook(read_settings(), zalo_webhook))])
        return

    from bot.doctor import examine, examine_settings

    settings, first = examine_settings()
    findings: list[Finding] = [first]
    if settings is not None:
        findings += asyncio.run(examine(settings))
    _tell(findings)


def _tell(findings: "Sequence[Finding]") -> None:
    """Print a line for each part; exit status 1 when any is not OK."""
    for finding in findings:
        typer.echo(f"{finding.part:<10} {'OK    ' if finding.ok else 'NOT OK'} {finding.words}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _check_event(file: Path) -> None:
    """Say why a captured event passes our check of signatures, or what to set so that it does."""
    from bot.commands.refusals import CommandRefused
    from bot.environment import read_settings
    from handlers.zalo.signature import Signature, explain_event

    settings = read_settings()
    if not settings.zalo_oa_id:
        raise CommandRefused("ZALO_OA_ID is not set: there is no account to check for")
    try:
        captured = file.read_bytes()
    except OSError as error:
        raise CommandRefused(f"{file}: {error.strerror}") from error
    known = Signature(
        settings.zalo_oa_app_id,
        settings.zalo_oa_id,
        settings.zalo_oa_signed_id,
        settings.zalo_oa_webhook_secret.get_secret_value(),
    )
    explained = explain_event(captured, known, settings.zalo_oa_app_secret.get_secret_value())
    typer.echo(f"{'event':<10} {'OK    ' if explained.ok else 'NOT OK'} {explained.words}")
    if not explained.ok:
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
