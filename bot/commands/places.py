"""`village`, `commune`, `qr`: what an operator enters about places, and their QR codes."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialogs.places import VillageKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bot.settings import Settings
    from dialogs.model import CommuneInfo
    from dialogs.places import Village
    from storage.database import Connection, Database
    from storage.seams import Seams

villages = typer.Typer(help="Villages of a commune: add, list.", no_args_is_help=True)
communes = typer.Typer(help="What a commune says about itself.", no_args_is_help=True)

CommuneCode = Annotated[str, typer.Argument(metavar="COMMUNE", help="Official code, 5 digits")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%d/%m/%Y"])]


@villages.command("add")
def add_villages(
    commune: CommuneCode,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help='Such as "Tổ 12"')],
    kind: Annotated[
        VillageKind | None, typer.Option(help="Its local word; read from the name without it")
    ] = None,
) -> None:
    """Add villages by name and print their codes; names that are there are left alone."""
    from bot.commands.opening import with_database
    from bot.commands.place_codes import get_commune
    from bot.place_files import enter_villages

    code = get_commune(commune).code

    async def work(
        settings: "Settings", database: "Database", seams: "Seams"
    ) -> "tuple[Village, ...]":
        return await database.write(lambda c: enter_villages(c, code, names, kind=kind))

    _print_villages(with_database(work))


@villages.command("list")
def list_villages(commune: CommuneCode) -> None:
    """Print the villages of a commune, a line each: code, kind, name."""
    from bot.commands.opening import with_database
    from bot.commands.place_codes import get_commune
    from storage.places import list_villages as read

    code = get_commune(commune).code

    async def work(
        settings: "Settings", database: "Database", seams: "Seams"
    ) -> "tuple[Village, ...]":
        async with database.reading() as connection:
            return await read(connection, code)

    _print_villages(with_database(work))


def _print_villages(listed: "tuple[Village, ...]") -> None:
    for village in listed:
        typer.echo(f"{village.code}\t{village.kind}\t{village.name}")


@communes.command("set")
def set_commune(
    commune: CommuneCode,
    controller: Annotated[str | None, typer.Option(help="Who answers for the data")] = None,
    reviewers: Annotated[str | None, typer.Option(help="Who sees the files")] = None,
    contact_name: Annotated[str | None, typer.Option(help="Whom people may call")] = None,
    contact_phone: Annotated[str | None, typer.Option(help="At which number")] = None,
    paper_place: Annotated[str | None, typer.Option(help="Where paper forms are taken")] = None,
    submit_by: Day = None,
    answer_by: Day = None,
    difficult: Annotated[
        bool | None, typer.Option("--difficult/--not-difficult", help="Lower pass mark")
    ] = None,
    difficult_source: Annotated[str | None, typer.Option(help="The decision that says so")] = None,
) -> None:
    """Set what a commune says about itself; what is not named stays. Prints all of it."""
    from bot.commands.opening import with_database
    from bot.commands.place_codes import get_commune
    from bot.place_files import check_info

    code = get_commune(commune).code
    given = {
        "controller": controller,
        "reviewers": reviewers,
        "contact_name": contact_name,
        "contact_phone": contact_phone,
        "paper_place": paper_place,
        "submit_by": submit_by.date() if submit_by else None,
        "answer_by": answer_by.date() if answer_by else None,
        "difficult": difficult,
        "difficult_source": difficult_source,
    }
    named = {name: value for name, value in given.items() if value is not None}
    changed = check_info(code, named)

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> "CommuneInfo":
        return await database.write(lambda c: _change(c, code, changed))

    _print_info(with_database(work))


async def _change(
    connection: "Connection", code: str, changed: "Mapping[str, Any]"
) -> "CommuneInfo":
    from bot.place_files import merge_info
    from storage.places import get_info, set_info

    info = merge_info(await get_info(connection, code), changed)
    if changed:
        await set_info(connection, info)
    return info


def _print_info(info: "CommuneInfo") -> None:
    from dataclasses import asdict

    for name, value in asdict(info).items():
        typer.echo(f"{name}\t{'' if value is None else value}")


def qr(
    code: Annotated[str, typer.Argument(help="Commune 5 digits, or village COMMUNE-NNN")],
    out: Annotated[Path | None, typer.Option(help="An .svg or .png file to write")] = None,
) -> None:
    """Print the QR code of a place, or write it to a file."""
    if out is not None and out.suffix not in (".svg", ".png"):
        raise typer.BadParameter("must end in .svg or .png", param_hint="--out")
    import segno

    address = _address(code)
    # Q still reads with a quarter of the sign dirty or torn: these hang at village halls.
    sign = segno.make(address, error="q", micro=False)
    if out is None:
        sign.terminal(compact=True, border=2)
    else:
        sign.save(str(out), scale=10, border=4)
    typer.echo(address)


def _address(code: str) -> str:
    """Return the address of a place's QR code; CommandRefused for a place that is not there."""
    from bot.commands.opening import with_database
    from bot.commands.place_codes import name_place
    from bot.commands.refusals import CommandRefused
    from dialogs.rights import place_level

    if place_level(code) == "province":
        raise CommandRefused(f"{code} is a province: QR codes lead to a commune or a village")

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> str:
        async with database.reading() as connection:
            await name_place(connection, code)
        return f"{settings.base_url}/go/{code}"

    return with_database(work)
