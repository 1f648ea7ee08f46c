"""`token add`, `token list`, `token revoke`: programs that use the admin API."""

from typing import TYPE_CHECKING

import typer

from bot.commands.officers import Name, Number, Place, RoleOf

if TYPE_CHECKING:
    from bot.commands.enrolling import Enrolled
    from bot.settings import Settings
    from storage.database import Database
    from storage.officers import Listed
    from storage.seams import Seams

app = typer.Typer(help="API bearer tokens: add, list, revoke.", no_args_is_help=True)


@app.command()
def add(name: Name, place: Place, role: RoleOf) -> None:
    """Print a new API bearer token, once: only its hash is kept."""
    from bot.commands.enrolling import Asked, enrol
    from bot.commands.opening import with_database

    asked = Asked(name, place, role)

    async def work(_: "Settings", database: "Database", seams: "Seams") -> "Enrolled":
        return await database.write(lambda c: enrol(c, asked, seams, kind="api", minutes=None))

    new = with_database(work)
    typer.echo(f"id {new.id}: {new.name}, {role}, {new.place}", err=True)
    typer.echo(new.token)


@app.command("list")
def list_all() -> None:
    """Print who holds a token, a line each: id, role, place, state, name."""
    from bot.commands.enrolling import show
    from bot.commands.opening import with_database
    from storage.credentials import list_tokens

    async def work(_: "Settings", database: "Database", __: "Seams") -> "list[Listed]":
        async with database.reading() as connection:
            return await list_tokens(connection)

    for line in show(with_database(work)):
        typer.echo(line)


@app.command()
def revoke(number: Number) -> None:
    """End a token's rights at once."""
    from bot.commands.enrolling import end
    from bot.commands.opening import with_database

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        await database.write(lambda c: end(c, number, seams, action="token_revoke"))

    with_database(work)
    typer.echo(f"token {number} has no rights any more")
