"""`run` and `openapi`: the program itself, and the description of its API."""

from typing import Annotated

import typer

ROLES = ("web", "turns", "deliveries", "jobs")


def _read_roles(typed: str) -> tuple[str, ...]:
    """Return the roles named with commas between, in our order; a usage error for others."""
    named = {part.strip() for part in typed.split(",") if part.strip()}
    unknown = sorted(named - set(ROLES))
    if unknown or not named:
        raise typer.BadParameter(f"roles are {', '.join(ROLES)}", param_hint="--roles")
    return tuple(role for role in ROLES if role in named)


def run(
    roles: Annotated[str, typer.Option(help="Which roles this process has")] = ",".join(ROLES),
    host: Annotated[str | None, typer.Option(help="Instead of the setting HOST")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Instead of PORT")] = None,
) -> None:
    """Serve until stopped; a first signal ends gracefully."""
    chosen = _read_roles(roles)
    import asyncio

    from bot.environment import read_settings
    from bot.worker import serve

    here = {"host": host, "port": port}
    named = {name: value for name, value in here.items() if value is not None}
    settings = read_settings().model_copy(update=named)
    asyncio.run(serve(settings, chosen))


def openapi() -> None:
    """Print the OpenAPI description of the admin API as JSON."""
    import json

    from bot.app import build_app, build_parts
    from bot.environment import read_settings
    from storage.seams import Seams

    app = build_app(build_parts(read_settings(), Seams()))
    typer.echo(json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True))
