"""`backup`, `restore`: everything this installation keeps, in one proven file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.backup.manifest import Manifest

File = Annotated[Path, typer.Argument(metavar="FILE")]
OtherKey = Annotated[
    bool, typer.Option("--other-key", help="Restore although SECRET_KEY is another one")
]


def backup(file: File) -> None:
    """Write database and photos into FILE, as they were at one moment; the program may serve on."""
    import asyncio

    from bot.environment import read_settings
    from storage.backup.writing import Source, write_backup
    from storage.migrate import check_opens
    from storage.photos import Incoming, PhotoStore
    from storage.seams import Seams

    settings, seams = read_settings(), Seams()
    check_opens(settings.database_url)
    source = Source(
        settings.database_url,
        PhotoStore.open(settings.photo_store),
        Incoming(settings.var_dir / "incoming", seams.token),
        key_check(settings),
    )
    manifest = asyncio.run(write_backup(source, file, seams))
    typer.echo(f"{file}: {_count(manifest)}, {file.stat().st_size} bytes, read back and proven")
    for key in manifest.erased:
        typer.echo(f"photo {key} was erased meanwhile, at its person's wish or with its time")
    if manifest.absent:
        typer.echo(f"{len(manifest.absent)} uploads wait on another machine and are not in it")
    typer.echo("it holds no key: keep SECRET_KEY apart from it")


def restore(file: File, other_key: OtherKey = False) -> None:
    """Put the content of FILE into the empty database and the photo store of the settings."""
    import asyncio

    from bot.environment import read_settings
    from storage.backup.restoring import Target, read_backup
    from storage.migrate import check_opens
    from storage.photos import PhotoStore
    from storage.seams import Seams

    settings = read_settings()
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    check_opens(settings.database_url)
    target = Target(
        settings.database_url,
        PhotoStore.open(settings.photo_store),
        settings.var_dir / "incoming",
        None if other_key else key_check(settings),
    )
    manifest = asyncio.run(read_backup(target, file, Seams()))
    typer.echo(f"restored {_count(manifest)}")
    tokens = manifest.tables.get("zalo_token")
    if other_key and tokens is not None and tokens.count:
        typer.echo("without the Zalo account's tokens, of the other key: `python -m bot zalo link`")
    typer.echo("next: `python -m bot audit verify`, then `python -m bot check`")


def key_check(settings: "Settings") -> str:
    """Return what tells whether a key is the same one, and tells nothing else of it."""
    import hashlib

    return hashlib.sha256(settings.derive_key("backup")).hexdigest()[:32]


def _count(manifest: "Manifest") -> str:
    rows = sum(table.count for table in manifest.tables.values())
    uploads = f" and {manifest.uploads.count} uploads" if manifest.uploads.count else ""
    return f"{rows} rows of {len(manifest.tables)} tables, {manifest.photos.count} photos{uploads}"
