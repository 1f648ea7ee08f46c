"""Settings as a value: pure to build, frozen, and the source of addresses and keys."""

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings import Settings, SettingsRefused


def test_building_settings_reads_nothing_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "9999")
    monkeypatch.setenv("KHAIHOC_PORT", "9998")
    assert Settings().port == 8080


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("host", "public_url", "base_url"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8080"),
        ("0.0.0.0", "", "http://127.0.0.1:8080"),
        ("::1", "", "http://[::1]:8080"),
        ("127.0.0.1", "https://khaihoc.example.vn/", "https://khaihoc.example.vn"),
    ],
)
def test_the_address_people_see(host: str, public_url: str, base_url: str) -> None:
    assert Settings(host=host, public_url=public_url).base_url == base_url


def test_keys_of_two_purposes_are_unrelated_and_each_is_stable() -> None:
    settings = Settings(secret_key=SecretStr("s" * 32))
    assert settings.derive_key("cookie") == settings.derive_key("cookie")
    assert settings.derive_key("cookie") != settings.derive_key("log")
    assert len(settings.derive_key("cookie")) == 32


def test_without_a_secret_no_key_is_derived() -> None:
    with pytest.raises(SettingsRefused):
        Settings().derive_key("cookie")
