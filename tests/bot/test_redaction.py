"""What is kept out of logs."""

import pytest

from bot.redaction import REMOVED, mask, mask_path, redact

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (
            f"POST https://api.test/bot{TOKEN}/sendMessage",
            "POST https://api.test/bot[token]/sendMessage",
        ),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [token]"),
        ("GET https://h.test/p?q=Hoa&x=1 done", "GET https://h.test/p?[query] done"),
        ("GET /chat/screens?after=9 200", "GET /chat/screens?[query] 200"),
        ("postgresql+asyncpg://me:secret@db/x", "postgresql+asyncpg://[login]@db/x"),
        ("khaihoc_session cookie=abcdef; Path=/", "khaihoc_session cookie=[removed]; Path=/"),
        ("opened /go/KH7F and /verify/aa-bb", "opened /go/[code] and /verify/[code]"),
        ("took 3/10 steps, is it done? yes", "took 3/10 steps, is it done? yes"),
        ("declaration 0198 approved, KH26-7F3K-2M", "declaration 0198 approved, KH26-7F3K-2M"),
    ],
)
def test_secrets_inside_a_string_are_masked_and_the_rest_stays(said: str, logged: str) -> None:
    assert mask(said) == logged


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/officer/s3cr3t?utm=1", "/officer/[code]"),
        ("/officer/chat/events", "/officer/chat/events"),
        ("/officer", "/officer"),
        ("/go/ABCD", "/go/[code]"),
        ("/verify/x.y", "/verify/[code]"),
        ("/zalo_verifierABC.html", "/zalo_verifier[code]"),
        ("/chat/sessions?resume=zzz", "/chat/sessions"),
        ("/health/live", "/health/live"),
    ],
)
def test_a_path_is_logged_without_query_and_one_time_codes(path: str, logged: str) -> None:
    assert mask_path(path) == logged


def test_personal_keys_are_removed_at_any_depth_in_any_spelling() -> None:
    event = {
        "event": "turn",
        "count": 3,
        "ok": True,
        "Set-Cookie": "a=b",
        "person": {"id": 7, "name": "Nguyễn Thị Hoa", "phones": [{"phone": "0912345678"}]},
        "items": ({"text": "xin chào", "criterion": "A1"},),
    }
    assert redact(None, "info", event) == {
        "event": "turn",
        "count": 3,
        "ok": True,
        "Set-Cookie": REMOVED,
        "person": {"id": 7, "name": REMOVED, "phones": [{"phone": REMOVED}]},
        "items": [{"text": REMOVED, "criterion": "A1"}],
    }
