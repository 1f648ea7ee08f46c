"""`officer invite`, `officer list`, `officer revoke`: who may review."""

from typing import TYPE_CHECKING, Annotated

import typer

from dialogs.model import Role

if TYPE_CHECKING:
    from bot.commands.enrolling import Enrolled
    from bot.settings import Settings
    from storage.database import Database
    from storage.officers import Listed
    from storage.seams import Seams

app = typer.Typer(help="Officers: invite, list, revoke.", no_args_is_help=True)

Name = Annotated[str, typer.Option(help="Full name, as colleagues and the journal see it")]
Place = Annotated[str, typer.Option(help="Province 2 digits, commune 5, village COMMUNE-NNN")]
RoleOf = Annotated[Role, typer.Option(help="What the officer may do there")]
Number = Annotated[int, typer.Argument(metavar="ID", help="The id that `list` shows")]


@app.command()
def invite(name: Name, place: Place, role: RoleOf) -> None:
    """Print a one-time invitation: a link and its code, for 15 minutes."""
    from bot.commands.enrolling import Asked, enrol
    from bot.commands.opening import with_database

    asked = Asked(name, place, role)

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> None:
        minutes = settings.officer_link_minutes
        new = await database.write(lambda c: enrol(c, asked, seams, kind="link", minutes=minutes))
        for line in _invitation(new, asked.role, settings):
            typer.echo(line)

    with_database(work)


def _invitation(new: "Enrolled", role: Role, settings: "Settings") -> list[str]:
    return [
        f"officer {new.id}: {new.name}, {role}, {new.place}",
        f"link ({settings.officer_link_minutes} minutes, once): "
        f"{settings.base_url}/officer/{new.token}",
        f"code: {new.token}",
    ]


@app.command("list")
def list_all() -> None:
    """Print every officer, a line each: id, role, place, state, name."""
    from bot.commands.enrolling import show
    from bot.commands.opening import with_database
    from storage.officers import list_officers

    async def work(_: "Settings", database: "Database", __: "Seams") -> "list[Listed]":
        async with database.reading() as connection:
            return await list_officers(connection)

    for line in show(with_database(work)):
        typer.echo(line)


@app.command()
def revoke(number: Number) -> None:
    """End an officer's rights at once, open links and chats included."""
    from bot.commands.enrolling import end
    from bot.commands.opening import with_database

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        await database.write(lambda c: end(c, number, seams, action="officer_revoke"))

    with_database(work)
    typer.echo(f"officer {number} has no rights any more")
