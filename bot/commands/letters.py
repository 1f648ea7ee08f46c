"""`letters`: messages that could not be answered, put back or given up; safe beside a server."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings
    from storage.database import Database
    from storage.dead_letters import Letter
    from storage.seams import Seams

app = typer.Typer(
    help="Dead letters: list, show, replay, drop. What people wrote is never shown.",
    no_args_is_help=True,
)
PAGE = 200

Number = Annotated[int, typer.Argument(metavar="ID", help="The id that `list` shows")]
ErrorOf = Annotated[str | None, typer.Option("--error", help="Only those with this error")]


@app.command("list")
def list_all(error: ErrorOf = None) -> None:
    """Print the dead letters, a line each: id, channel, age in minutes, error, kept or empty."""
    from bot.commands.opening import with_database
    from storage.seams import to_ms

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        now_ms = to_ms(seams.now())
        async for letter in _letters(database, error):
            typer.echo("\t".join(_cells(letter, now_ms)))

    with_database(work)


@app.command()
def show(number: Number) -> None:
    """Print all that is known of one letter, without a word of what it says."""
    from bot.commands.opening import with_database
    from storage.seams import from_ms

    async def work(_: "Settings", database: "Database", __: "Seams") -> "Letter":
        return await _get(database, number)

    letter = with_database(work)
    talk = "none" if letter.conversation is None else str(letter.conversation)
    for name, value in (
        ("id", str(letter.id)),
        ("channel", letter.channel),
        ("conversation", talk),
        ("arrived", f"{from_ms(letter.at_ms):%Y-%m-%d %H:%M:%S} UTC"),
        ("attempts", str(letter.attempts)),
        ("error", letter.error),
        ("text", "no longer kept: cannot be replayed" if letter.empty else "kept"),
    ):
        typer.echo(f"{name:<13}{value}")


@app.command()
def replay(
    number: Annotated[int | None, typer.Argument(metavar="ID", help="One letter")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them, oldest first")] = False,
    error: ErrorOf = None,
) -> None:
    """Put a letter, or all, back to be answered as if just come. It stands in the journal."""
    from bot.commands.opening import with_database

    if every == (number is not None):
        raise typer.BadParameter("name one letter, or --all", param_hint="ID")
    if error is not None and not every:
        raise typer.BadParameter("narrows --all, not one letter", param_hint="--error")

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        if number is not None:
            letter = await _get(database, number)
            again = [] if letter.empty else [letter]
        else:
            again = [one async for one in _letters(database, error) if not one.empty]
        done = [one.id for one in again if await _replay(database, one.id, seams)]
        _tell(done, number)

    with_database(work)


@app.command()
def drop(number: Number) -> None:
    """Give a letter up: its text is deleted. It stands in the journal."""
    from bot.commands.opening import with_database
    from storage import dead_letters
    from storage.seams import to_ms

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        await _get(database, number)
        at_ms = to_ms(seams.now())
        await database.write(lambda c: dead_letters.drop(c, number, at_ms=at_ms))

    with_database(work)
    typer.echo(f"letter {number} is dropped")


async def _replay(database: "Database", number: int, seams: "Seams") -> bool:
    """Put one letter back in a transaction of its own; False when somebody was faster."""
    from storage import dead_letters
    from storage.seams import to_ms

    at_ms = to_ms(seams.now())
    message = await database.write(lambda c: dead_letters.replay(c, number, at_ms=at_ms))
    return message is not None


def _tell(done: list[int], asked: int | None) -> None:
    from bot.commands.refusals import CommandRefused

    if asked is not None and not done:
        raise CommandRefused(f"nothing of letter {asked} is kept: it cannot be replayed")
    typer.echo(f"replayed {len(done)}" + (f": {', '.join(map(str, done))}" if done else ""))


async def _get(database: "Database", number: int) -> "Letter":
    from bot.commands.refusals import CommandRefused
    from storage import dead_letters

    async with database.reading() as connection:
        letter = await dead_letters.get_letter(connection, number)
    if letter is None:
        raise CommandRefused(f"there is no dead letter {number}: `letters list` shows them")
    return letter


async def _letters(database: "Database", error: str | None) -> "AsyncIterator[Letter]":
    """Yield the letters, oldest first, read page by page."""
    from storage import dead_letters

    after = 0
    while True:
        async with database.reading() as connection:
            page = await dead_letters.list_letters(connection, after=after, limit=PAGE, error=error)
        for letter in page:
            yield letter
        if len(page) < PAGE:
            return
        after = page[-1].id


def _cells(letter: "Letter", now_ms: int) -> tuple[str, ...]:
    age = max(now_ms - letter.at_ms, 0) // 60_000
    kept = "empty" if letter.empty else "kept"
    return (str(letter.id), letter.channel, f"{age} min", letter.error, kept)
