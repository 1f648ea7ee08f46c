"""`audit verify`, `audit heads`: was the journal changed, and what to keep elsewhere to tell."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.audit_chain import Finding, Head, Proof
    from storage.database import Database
    from storage.seams import Seams

app = typer.Typer(help="The journal: prove it, anchor it.", no_args_is_help=True)
# More than anybody reads; the number of all of them is printed below.
SHOWN = 50

Place = Annotated[str | None, typer.Option(help="Only the chain of this place (5 digits)")]
Anchor = Annotated[
    Path | None, typer.Option(help="What `audit heads` printed earlier, kept off this machine")
]


@app.command()
def verify(place: Place = None, anchor: Anchor = None) -> None:
    """Prove that no line was changed, removed, added or moved; name the first one that was."""
    from bot.commands.opening import with_database

    async def work(_: "Settings", database: "Database", __: "Seams") -> "Proof":
        from storage.audit_chain import verify as prove
        from storage.snapshots import snapshot

        heads = _read(anchor)
        async with snapshot(database.url) as connection:
            return await prove(connection, place=place, anchor=heads)

    proof = with_database(work)
    for finding in proof.findings[:SHOWN]:
        typer.echo(_show(finding))
    counted = f"{proof.chains} chains, {proof.lines} lines, {proof.files} files"
    if proof.findings:
        typer.echo(f"{len(proof.findings)} wrong in {counted}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{counted}: as they were written")


@app.command()
def heads() -> None:
    """Print the head of every chain and one digest of all: what to keep where nobody here reaches.

    The last line is enough on paper; `audit verify --anchor FILE` wants all of them.
    """
    from bot.commands.opening import with_database

    async def work(_: "Settings", database: "Database", __: "Seams") -> str:
        from storage.audit_chain import list_heads, render_anchor

        async with database.reading() as connection:
            return render_anchor(await list_heads(connection))

    typer.echo(with_database(work))


def _read(anchor: Path | None) -> "dict[str, Head]":
    from bot.commands.refusals import CommandRefused
    from storage.audit_chain import AnchorDamaged, read_anchor

    if anchor is None:
        return {}
    try:
        return read_anchor(anchor.read_text("utf-8"))
    except (AnchorDamaged, UnicodeDecodeError) as damaged:
        raise CommandRefused(f"{anchor}: {damaged}") from damaged


def _show(finding: "Finding") -> str:
    return f"{finding.place or '-'}\t{finding.seq}\t{finding.words}"
