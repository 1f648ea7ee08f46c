"""`block`: whom nobody listens to for a while; a running server heeds it within seconds."""

from typing import TYPE_CHECKING, Annotated

import typer

from dialogs.blocks import HOURS_MAX, HOURS_USUAL, BlockReason

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.blocks import Block, Whom
    from storage.database import Connection, Database
    from storage.seams import Seams

app = typer.Typer(
    help="Blocks: add, list, remove. What a blocked person declared stays as it is.",
    no_args_is_help=True,
)

Code = Annotated[str | None, typer.Option(help="Receipt code of a file of the person")]
Talk = Annotated[int | None, typer.Option(help="Conversation, as `letters show` names it")]
Hours = Annotated[int, typer.Option(min=1, max=HOURS_MAX, help="For how long, from now on")]
Why = Annotated[BlockReason, typer.Option(help="A code for the journal")]
Number = Annotated[int, typer.Argument(metavar="ID", help="The id that `list` shows")]


@app.command()
def add(
    code: Code = None, conversation: Talk = None, hours: Hours = HOURS_USUAL, reason: Why = "other"
) -> None:
    """Take no messages from a person, named by a file or a conversation. In the journal."""
    from bot.commands.opening import with_database
    from storage.seams import to_ms

    if (code is None) == (conversation is None):
        raise typer.BadParameter("name --code or --conversation", param_hint="--code")

    async def work(_: "Settings", database: "Database", seams: "Seams") -> int:
        at_ms = to_ms(seams.now())

        async def job(connection: "Connection") -> int:
            whom = await _find(connection, code, conversation)
            return await _set(connection, whom, hours=hours, reason=reason, at_ms=at_ms)

        return await database.write(job)

    typer.echo(f"block {with_database(work)} holds for {hours} hours")


async def _find(connection: "Connection", code: str | None, conversation: int | None) -> "Whom":
    from bot.commands.refusals import CommandRefused
    from storage import blocks

    if code is not None:
        found = await blocks.find_code(connection, code.strip().upper())
        wanted = f"file {code}"
    else:
        found = await blocks.find_conversation(connection, conversation or 0)
        wanted = f"conversation {conversation}"
    if found is None:
        raise CommandRefused(f"there is no {wanted} of a citizen")
    return found


async def _set(
    connection: "Connection", whom: "Whom", *, hours: int, reason: BlockReason, at_ms: int
) -> int:
    from storage import audit, blocks

    until_ms = at_ms + hours * 3_600_000
    number = await blocks.set_block(connection, whom, reason=reason, until_ms=until_ms, at_ms=at_ms)
    details = {"block": number, "hours": hours, "reason": reason}
    await audit.add(
        connection,
        "block",
        at_ms=at_ms,
        declaration=whom.declaration,
        via="command",
        details=details,
    )
    return number


@app.command("list")
def list_all() -> None:
    """Print the blocks in force, a line each: id, reason, until when (UTC), file, who set it."""
    from bot.commands.opening import with_database
    from storage import blocks
    from storage.seams import to_ms

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        after, now_ms = 0, to_ms(seams.now())
        while True:
            async with database.reading() as connection:
                page = await blocks.list_blocks(connection, now_ms=now_ms, after=after, limit=200)
            for one in page:
                typer.echo(_line(one))
            if len(page) < 200:
                return
            after = page[-1].id

    with_database(work)


def _line(one: "Block") -> str:
    from storage.seams import from_ms

    by = "command" if one.officer is None else f"officer {one.officer}"
    until = f"{from_ms(one.until_ms):%Y-%m-%d %H:%M}"
    return "\t".join((str(one.id), one.reason, until, one.declaration or "-", by))


@app.command()
def remove(number: Number) -> None:
    """Listen to the person again. It stands in the journal."""
    from bot.commands.opening import with_database
    from bot.commands.refusals import CommandRefused
    from storage import audit, blocks
    from storage.seams import to_ms

    async def work(_: "Settings", database: "Database", seams: "Seams") -> None:
        at_ms = to_ms(seams.now())

        async def job(connection: "Connection") -> None:
            if not await blocks.end_block(connection, number):
                raise CommandRefused(f"there is no block {number}: `block list` shows them")
            details = {"block": number}
            await audit.add(connection, "unblock", at_ms=at_ms, via="command", details=details)

        await database.write(job)

    with_database(work)
    typer.echo(f"block {number} is over")
