"""`run` and `openapi`: the program itself, and the description of its API."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.worker import Roles

ROLES = "web,turns,deliveries,jobs"


def run(
    roles: Annotated[str, typer.Option(help="What this process does, commas between")] = ROLES,
    host: Annotated[str | None, typer.Option(help="Instead of the setting HOST")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Instead of the setting PORT")
    ] = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    chosen = _read_roles(roles)
    import asyncio

    from bot.environment import read_settings

    here = {"host": host, "port": port}
    named = {name: value for name, value in here.items() if value is not None}
    settings = read_settings().model_copy(update=named)
    _check_roles(settings, chosen)
    asyncio.run(_serve(settings, chosen))


async def _serve(settings: "Settings", roles: "Roles") -> None:
    """Serve on a database of this schema; what is wrong with it is said before anything starts."""
    from bot import logs
    from bot.commands.opening import opened
    from bot.serve import serve

    async with opened(settings):
        logs.configure(settings.log_level)
    await serve(settings, roles)


def _read_roles(typed: str) -> "Roles":
    """Return the roles named in `typed`; a usage error for what is none."""
    from bot.worker import ALL_ROLES

    named = {part.strip() for part in typed.split(",")}
    if not named <= ALL_ROLES:
        raise typer.BadParameter(f"roles are {ROLES}", param_hint="--roles")
    return frozenset(role for role in ALL_ROLES if role in named)


def _check_roles(settings: "Settings", roles: "Roles") -> None:
    """Raise CommandRefused for a part of the roles on SQLite: nobody would do the rest."""
    from bot.commands.refusals import CommandRefused
    from bot.worker import ALL_ROLES

    if settings.database_url.startswith("sqlite") and roles != ALL_ROLES:
        raise CommandRefused(
            "on SQLite one process has all roles: leave --roles away, "
            "or name a PostgreSQL database in DATABASE_URL"
        )


def openapi() -> None:
    """Print the admin API as OpenAPI, in JSON."""
    import json

    from fastapi import FastAPI

    from handlers.admin import admin_router, openapi_schema

    app = FastAPI()
    app.include_router(admin_router())
    typer.echo(json.dumps(openapi_schema(app), ensure_ascii=False, indent=2, sort_keys=True))
