"""From the environment and `.env` to Settings; what is wrong is one line for the operator."""

import difflib
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from pydantic import SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from bot.settings import Settings, SettingsRefused

PREFIX = "KHAIHOC_"
# Channels of later versions. A token for one of them must not be ignored in silence.
NOT_SERVED: Mapping[str, tuple[str, ...]] = {
    "Telegram": tuple(f"TELEGRAM_{n}" for n in ("TOKEN", "API_URL", "MODE", "WEBHOOK_SECRET")),
}


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings of this process; `KHAIHOC_NAME` wins over `NAME`, environment over file.

    Without SECRET_KEY one is made and kept in VAR_DIR. Raises SettingsRefused, one line, for a
    malformed value, an unknown name with one of our prefixes, or a channel not served yet.
    """
    _check_names([*os.environ, *_names_in(env_file)])
    values: dict[str, Any] = {}
    for prefix in ("", PREFIX):
        values |= DotEnvSettingsSource(Settings, env_file=env_file, env_prefix=prefix)()
        values |= EnvSettingsSource(Settings, env_prefix=prefix)()
    known = {name: value for name, value in values.items() if name in Settings.model_fields}
    try:
        settings = Settings(**known)
    except ValidationError as refused:
        raise SettingsRefused(_one_line(refused)) from None
    if settings.secret_key.get_secret_value():
        return settings
    return settings.model_copy(update={"secret_key": keep_secret(settings.var_dir)})


def keep_secret(var_dir: Path) -> SecretStr:
    """Return the key kept in `var_dir`/secret_key, made on first use, readable by its owner only.

    Two processes starting together get the same key. Raises SettingsRefused when the file can be
    read by other users or is damaged.
    """
    path = var_dir / "secret_key"
    try:
        if not path.exists():
            var_dir.mkdir(parents=True, exist_ok=True)
            _make_secret(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SettingsRefused(f"{path} can be read by other users: chmod 600 {path}")
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as unusable:
        raise SettingsRefused(f"{path} cannot be used: {unusable}") from unusable
    if len(secret) < 32:
        raise SettingsRefused(f"{path} is damaged: restore it, or set SECRET_KEY")
    return SecretStr(secret)


def _make_secret(path: Path) -> None:
    """Write a whole key beside `path`, then link it there: nobody ever reads half of one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first; its key is the key
    finally:
        draft.unlink()


def _names_in(env_file: Path) -> list[str]:
    if not env_file.is_file():
        return []
    try:
        with env_file.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise SettingsRefused(f"{env_file} cannot be read: {unreadable}") from unreadable
    for binding in bindings:
        if binding.error:
            raise SettingsRefused(f"{env_file} line {binding.original.line} is not NAME=value")
    return [binding.key for binding in bindings if binding.key]


def _check_names(names: Iterable[str]) -> None:
    """Refuse what starts like one of our settings and is none."""
    ours = {name.upper() for name in Settings.model_fields}
    for name in names:
        bare = name.upper().removeprefix(PREFIX)
        if bare in ours:
            continue
        for channel, theirs in NOT_SERVED.items():
            if bare in theirs:
                raise SettingsRefused(
                    f"{name} is set, but this version does not serve {channel} yet: remove it"
                )
        if name.upper().startswith((PREFIX, "TELEGRAM_", "ZALO_")):
            near = difflib.get_close_matches(bare, sorted(ours), n=1)
            hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
            raise SettingsRefused(f"{name} is not a setting of KhaiHoc{hint}")


def _one_line(refused: ValidationError) -> str:
    problems = [
        ": ".join((*(str(name).upper() for name in error["loc"][:1]), _bare(error["msg"])))
        for error in refused.errors(include_url=False, include_input=False)
    ]
    return "; ".join(dict.fromkeys(problems))


def _bare(words: str) -> str:
    """Return what a validator said; one about several settings names them itself."""
    return words.removeprefix("Value error, ")
