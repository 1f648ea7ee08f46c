"""Reading the settings: where they come from, what is refused, and that a key is kept."""

import os
import stat
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.environment import keep_secret, read_settings
from bot.settings import Settings, SettingsRefused

KEY = "k" * 32


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start each test in an empty folder, in an environment without any setting of ours."""
    for name in list(os.environ):
        bare = name.upper().removeprefix("KHAIHOC_")
        if bare.lower() in Settings.model_fields or bare.startswith(("TELEGRAM_", "ZALO_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_the_defaults_of_the_contract_hold() -> None:
    settings = read_settings()
    assert settings.model_copy(update={"secret_key": Settings().secret_key}) == Settings()
    assert settings.database_url == "sqlite+aiosqlite:///var/khaihoc.db"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert str(settings.zone) == "Asia/Ho_Chi_Minh"


def test_the_prefix_wins_over_the_bare_name_and_the_environment_over_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("PORT=1\nKHAIHOC_HOST=10.0.0.1\nKHAIHOC_MINIMUM_AGE=18\n")
    monkeypatch.setenv("PORT", "2")
    monkeypatch.setenv("HOST", "10.0.0.2")
    monkeypatch.setenv("KHAIHOC_MINIMUM_AGE", "17")
    settings = read_settings()
    assert (settings.port, settings.host, settings.minimum_age) == (2, "10.0.0.1", 17)


def test_an_empty_value_is_the_default_and_other_programs_lines_are_left_alone() -> None:
    Path(".env").write_text("PORT=\nKHAIHOC_LOG_LEVEL=\nCOMPOSE_PROJECT_NAME=x\n")
    assert (read_settings().port, read_settings().log_level) == (8080, "info")


def test_database_and_photos_follow_var_dir_unless_they_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VAR_DIR", "elsewhere")
    monkeypatch.setenv("PHOTO_STORE", "pictures")
    settings = read_settings()
    assert settings.database_url == "sqlite+aiosqlite:///elsewhere/khaihoc.db"
    assert settings.photo_store == "pictures"
    assert Path("elsewhere/secret_key").is_file()


def test_proxies_are_a_list_of_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/24,::1")
    networks = ("10.0.0.1/32", "192.168.0.0/24", "::1/128")
    assert read_settings().trusted_proxies == tuple(map(ip_network, networks))


DATABASES = "DATABASE_URL: must be sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME"

REFUSED = [
    ("LIMIT_UPLOADS", "0", "LIMIT_UPLOADS: Input should be greater than or equal to 1"),
    ("PORT", "70000", "PORT: Input should be less than or equal to 65535"),
    ("TIMEZONE", "Mars/Base", "TIMEZONE: must be a time zone such as Asia/Ho_Chi_Minh"),
    ("TIMEZONE", "../etc/passwd", "TIMEZONE: must be a time zone such as Asia/Ho_Chi_Minh"),
    ("DEFAULT_LOCALE", "fr", "DEFAULT_LOCALE: Input should be 'vi' or 'en'"),
    ("PUBLIC_URL", "khaihoc.vn", "PUBLIC_URL: must be like https://khaihoc.example.vn"),
    ("SECRET_KEY", "short", "SECRET_KEY: must have at least 32 characters"),
    ("DATABASE_URL", "mysql://x", DATABASES),
    ("DATABASE_URL", "sqlite+aiosqlite:///:memory:", DATABASES),
    ("DATABASE_URL", "postgresql://u:p@h/d", DATABASES),
    ("PHOTO_STORE", "ftp://x", "PHOTO_STORE: must be a folder or s3://bucket/prefix"),
    (
        "TELEGRAM_TOKEN",
        "1:abc",
        "TELEGRAM_TOKEN is set, but this version does not serve Telegram yet: remove it",
    ),
    ("ZALO_BOT_TOKEN", "abc", "ZALO_BOT_TOKEN: must be like 123456:secret"),
    ("ZALO_OA_ID", "12ab", "ZALO_OA_ID: String should match pattern '^[0-9]*$'"),
    ("ZALO_OA_ID", "12", "ZALO_OA_APP_ID is missing, ZALO_OA_ID needs it"),
    (
        "ZALO_BOT_TOKN",
        "1",
        "ZALO_BOT_TOKN is not a setting of KhaiHoc; did you mean KHAIHOC_ZALO_BOT_TOKEN?",
    ),
    (
        "KHAIHOC_DATABSE_URL",
        "x",
        "KHAIHOC_DATABSE_URL is not a setting of KhaiHoc; did you mean KHAIHOC_DATABASE_URL?",
    ),
]


@pytest.mark.parametrize("place", ["environment", "file"])
@pytest.mark.parametrize(("name", "value", "line"), REFUSED)
def test_what_cannot_be_used_is_refused_in_one_line(
    name: str, value: str, line: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "file":
        Path(".env").write_text(f"{name}={value}\n")
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert str(refused.value) == line


def test_several_problems_are_told_together_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMUM_AGE", "-1")
    monkeypatch.setenv("PHOTO_STORE", "gs://x")
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert str(refused.value) == (
        "PHOTO_STORE: must be a folder or s3://bucket/prefix; "
        "MINIMUM_AGE: Input should be greater than or equal to 0"
    )


def test_a_broken_line_of_the_file_is_named_by_its_number() -> None:
    Path(".env").write_text("PORT=8081\nthis is no setting\n")
    with pytest.raises(SettingsRefused, match=r"^\.env line 2 is not NAME=value$"):
        read_settings()


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = keep_secret(tmp_path / "var")
    kept = tmp_path / "var" / "secret_key"
    assert keep_secret(tmp_path / "var") == first
    assert len(first.get_secret_value()) == 64
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(kept.parent.iterdir()) == [kept]


def test_a_key_that_others_can_read_or_that_is_damaged_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "secret_key"
    kept.write_text(KEY)
    kept.chmod(0o644)
    with pytest.raises(SettingsRefused, match="can be read by other users: chmod 600"):
        keep_secret(tmp_path)
    kept.chmod(0o600)
    kept.write_text("x")
    with pytest.raises(SettingsRefused, match="is damaged"):
        keep_secret(tmp_path)


def test_settings_never_print_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    assert KEY not in repr(read_settings())
    assert KEY not in str(read_settings().model_dump())
