"""`zalo`: the tokens of the Official Account: by whose consent, until when; never what they are."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.zalo.oauth import App, Outcome
    from handlers.zalo.sealing import Pair
    from storage.database import Database
    from storage.seams import Seams
    from storage.zalo_tokens import KeptTokens

app = typer.Typer(
    help="The Zalo Official Account's tokens: status, seed, link, code.", no_args_is_help=True
)
Redirect = Annotated[
    str | None, typer.Option(help="Address that Zalo's console names; usually PUBLIC_URL/")
]
LONGEST_INPUT = 16 * 1024


@app.command()
def status() -> None:
    """Print whether the tokens work, how old they are and when they end; never the tokens."""
    from bot.commands.opening import with_database
    from storage import zalo_tokens

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> list[str]:
        account = _app(settings)
        kept = await database.read(lambda c: zalo_tokens.get(c, account.oa_id))
        return _lines(account.oa_id, kept, seams)

    for line in with_database(work):
        typer.echo(line)


@app.command()
def seed() -> None:
    """Keep a pair of tokens read from standard input; a running server takes it up by itself.

    JSON as the API Explorer of developers.zalo.me shows it, or two lines: access, refresh.
    """
    from bot.commands.opening import with_database

    pair = _read_pair(_read_input("the JSON with the tokens, or access and refresh on two lines"))

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> str:
        return await _keep(settings, database, seams, pair)

    typer.echo(with_database(work))


@app.command()
def link(redirect: Redirect = None) -> None:
    """Print the address on which an admin of the account consents; then comes `zalo code`."""
    from bot.environment import read_settings
    from handlers.zalo.oauth import PKCE_PURPOSE, challenge_of, consent_link, verifier_of

    settings = read_settings()
    key, account = settings.derive_key(PKCE_PURPOSE), _app(settings)
    back = redirect or f"{settings.base_url}/"
    typer.echo(consent_link(account, key, back))
    challenge = challenge_of(verifier_of(key))
    typer.echo(f"Zalo's console must name this callback: {back}", err=True)
    typer.echo(f"and, if it asks for one, this code challenge: {challenge}", err=True)
    typer.echo("then within 10 minutes: python -m bot zalo code", err=True)


@app.command()
def code() -> None:
    """Exchange the code with which consent came back; standard input: it, or the whole address."""
    from bot.commands.opening import with_database

    typed = _read_input("the address to which Zalo led back, or the code in it")

    async def work(settings: "Settings", database: "Database", seams: "Seams") -> str:
        from bot.commands.refusals import CommandRefused
        from handlers.zalo.sealing import Pair

        outcome = await _exchange(settings, typed)
        if not isinstance(outcome, Pair):
            raise CommandRefused(_refusal(outcome))
        return await _keep(settings, database, seams, outcome)

    typer.echo(with_database(work))


async def _exchange(settings: "Settings", typed: str) -> "Outcome":
    from handlers.outside import open_outside
    from handlers.zalo.oauth import PKCE_PURPOSE, OAuth, verifier_of

    key, account = settings.derive_key(PKCE_PURPOSE), _app(settings)
    granted = _read_code(typed, account, key)
    async with open_outside() as http:
        return await OAuth(account, http).exchange(granted, verifier_of(key))


def _refusal(outcome: object) -> str:
    from handlers.zalo.oauth import Refused

    if isinstance(outcome, Refused):
        return f"Zalo refused the code ({outcome.code}): open the link of `zalo link` again"
    reason = getattr(outcome, "reason", "")
    return f"Zalo gave no answer ({reason}): try again; a code is good once, for 10 minutes"


def _app(settings: "Settings") -> "App":
    """Return the app of the settings; CommandRefused while the account is off."""
    from bot.commands.refusals import CommandRefused
    from handlers.zalo.oauth import App

    if not settings.zalo_oa_id:
        raise CommandRefused("ZALO_OA_ID is empty: the Official Account is off")
    secret = settings.zalo_oa_app_secret.get_secret_value()
    return App(settings.zalo_oa_id, settings.zalo_oa_app_id, secret, settings.zalo_oa_oauth_url)


async def _keep(settings: "Settings", database: "Database", seams: "Seams", pair: "Pair") -> str:
    """Keep a pair and return what was done; CommandRefused for one that Zalo refused already."""
    from bot.commands.refusals import CommandRefused
    from handlers.zalo.sealing import PURPOSE, Seal, digest_of
    from storage import zalo_tokens
    from storage.seams import to_ms

    oa_id, at_ms = _app(settings).oa_id, to_ms(seams.now())
    seal = Seal(oa_id, settings.derive_key(PURPOSE), seams.token)
    before = await database.read(lambda c: zalo_tokens.get(c, oa_id))
    if before is not None and before.spent == digest_of(pair.refresh):
        raise CommandRefused("this refresh token was shown to Zalo already: it is good for one use")
    sealed = seal.close(pair, now_ms=at_ms)
    version = await database.write(lambda c: zalo_tokens.set_pair(c, oa_id, sealed, at_ms=at_ms))
    was = "the first" if before is None else f"instead of a pair that was {_state(before)}"
    return f"kept for account {oa_id}, version {version}, {was}; a running server takes it up"


def _state(kept: "KeptTokens") -> str:
    return "ok" if kept.state == "ok" else f"refused by Zalo ({kept.code})"


def _lines(oa_id: str, kept: "KeptTokens | None", seams: "Seams") -> list[str]:
    from storage.seams import to_ms

    if kept is None:
        return [f"account\t{oa_id}", "state\tno tokens: `zalo link` or `zalo seed`"]
    now_ms = to_ms(seams.now())
    lines = [
        f"account\t{oa_id}",
        f"state\t{_state(kept)}",
        f"version\t{kept.version}",
        f"renewed\t{_moment(kept.rotated_ms)} ({_hours(now_ms - kept.rotated_ms)} ago)",
        f"access ends\t{_moment(kept.pair.access_expires_ms)}",
    ]
    if kept.state == "human":
        lines.append("do\t`zalo link`, then `zalo code`; or `zalo seed`")
    elif kept.asked:
        held = "asking now" if kept.asking else "no answer kept"
        lines.append(f"asked\t{kept.asked} times, {held}")
    return lines


def _moment(ms: int) -> str:
    from storage.seams import from_ms

    return f"{from_ms(ms):%Y-%m-%d %H:%M} UTC"


def _hours(ms: int) -> str:
    return f"{max(ms, 0) / 3_600_000:.1f} h"


def _read_input(what: str) -> str:
    """Return standard input, stripped. Never from the command line: others see that."""
    if sys.stdin.isatty():
        typer.echo(f"paste {what}, then Ctrl-D:", err=True)
    return sys.stdin.read(LONGEST_INPUT).strip()


def _read_pair(typed: str) -> "Pair":
    """Return the pair in what was typed; CommandRefused, without quoting it, for anything else."""
    from bot.commands.refusals import CommandRefused
    from handlers.outside import Answered
    from handlers.zalo.oauth import LIFE_SECONDS, is_token, read_answer
    from handlers.zalo.sealing import Pair

    if typed.startswith("{"):
        found: object = read_answer(Answered(200, typed.encode()))
    else:
        lines = [line.strip() for line in typed.splitlines() if line.strip()]
        whole = len(lines) == 2 and all(map(is_token, lines)) and lines[0] != lines[1]
        found = Pair(lines[0], lines[1], LIFE_SECONDS) if whole else None
    if not isinstance(found, Pair):
        raise CommandRefused(
            "no pair of tokens on standard input: JSON with access_token and refresh_token, "
            "or the two on two lines"
        )
    return found


def _read_code(typed: str, account: "App", key: bytes) -> str:
    """Return the code of what was typed; CommandRefused for one of another account or link."""
    import hmac
    from urllib.parse import parse_qs, urlsplit

    from bot.commands.refusals import CommandRefused
    from handlers.zalo.oauth import is_token, state_of

    if "?" in typed:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(typed).query).items()}
        state = query.get("state", "")
        if not hmac.compare_digest(state.encode(), state_of(key, account.oa_id).encode()):
            raise CommandRefused("this address is not an answer to a link of this installation")
        if query.get("oa_id", account.oa_id) != account.oa_id:
            raise CommandRefused(f"consent was given for another account than {account.oa_id}")
        typed = query.get("code", "")
    if not is_token(typed):
        raise CommandRefused("no code on standard input")
    return typed
