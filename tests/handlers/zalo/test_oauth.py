"""What Zalo's OAuth says is read for what it is, and what is kept of it is sealed."""

from dataclasses import replace

import pytest

from handlers.outside import Answered
from handlers.zalo.oauth import (
    LIFE_SECONDS,
    App,
    Outcome,
    Refused,
    Unclear,
    challenge_of,
    consent_link,
    is_token,
    read_answer,
    verifier_of,
)
from handlers.zalo.sealing import Pair, Seal, Unsealable
from storage.seams import Seams
from storage.zalo_tokens import Sealed

GIVEN = '{"access_token":"a","refresh_token":"r","expires_in":%s}'
SEEN: list[tuple[int, str, Outcome]] = [
    (200, GIVEN % '"90000"', Pair("a", "r", 90_000)),
    (200, GIVEN % "3600", Pair("a", "r", 3600)),
    (200, GIVEN % '"soon"', Pair("a", "r", LIFE_SECONDS)),
    (200, GIVEN % "-5", Pair("a", "r", LIFE_SECONDS)),
    (200, GIVEN % "true", Pair("a", "r", LIFE_SECONDS)),
    (200, GIVEN % ("9" * 30), Pair("a", "r", LIFE_SECONDS)),
    (200, '{"error":0,"access_token":"a","refresh_token":"r"}', Pair("a", "r", LIFE_SECONDS)),
    (200, '{"error":-14020,"error_name":"Invalid refresh token"}', Refused("-14020")),
    (200, '{"error":"-14014"}', Refused("-14014")),
    (400, '{"error":-14002}', Refused("-14002")),
    (200, '{"error":{"code":1}}', Refused("unreadable")),
    (200, '{"error":-32}', Unclear("-32", spent=False)),
    (200, '{"error":"-32"}', Unclear("-32", spent=False)),
    (429, "{}", Unclear("0", spent=False)),
    (500, '{"error":-14020}', Unclear("-14020", spent=True)),
    (502, "<html>", Unclear("http_502", spent=True)),
    (404, "<html>", Unclear("http_404", spent=False)),
    (200, "<html>", Unclear("http_200", spent=True)),
    (200, (GIVEN % "1")[:20], Unclear("http_200", spent=True)),
    (200, "{}", Unclear("no_pair", spent=True)),
    (200, '{"access_token":"a"}', Unclear("no_pair", spent=True)),
    (200, '{"access_token":"a b","refresh_token":"r"}', Unclear("no_pair", spent=True)),
    (200, '{"access_token":7,"refresh_token":"r"}', Unclear("http_200", spent=True)),
    (200, "[]", Unclear("http_200", spent=True)),
    (200, "", Unclear("http_200", spent=True)),
]


@pytest.mark.parametrize(("status", "body", "outcome"), SEEN)
def test_an_answer_is_a_pair_a_refusal_or_unclear(status: int, body: str, outcome: Outcome) -> None:
    assert read_answer(Answered(status, body.encode())) == outcome


def test_the_consent_link_carries_a_fixed_challenge_and_no_secret() -> None:
    app = App("4001", "7001", "app-secret", "https://oauth.zaloapp.com")
    link = consent_link(app, b"k" * 32, "https://khaihoc.example.vn/")
    assert len(verifier_of(b"k" * 32)) == 43
    assert link == (
        "https://oauth.zaloapp.com/v4/oa/permission?app_id=7001"
        "&redirect_uri=https%3A%2F%2Fkhaihoc.example.vn%2F"
        f"&code_challenge={challenge_of(verifier_of(b'k' * 32))}"
        "&state=" + link.rpartition("=")[2]
    )
    assert link.rpartition("=")[2] not in consent_link(replace(app, oa_id="4002"), b"k" * 32, "")
    assert "app-secret" not in f"{link} {app!r}"


def test_the_challenge_is_that_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("a", True), ("a" * 4096, True), ("", False), ("a b", False), ("a\n", False), ("ạ", False),
     ("a" * 4097, False)],
)  # fmt: skip
def test_a_token_is_printable_and_bounded(text: str, is_one: bool) -> None:
    assert is_token(text) is is_one


def test_what_is_sealed_opens_only_in_its_own_place() -> None:
    seal = Seal("4001", b"k" * 32, Seams().token)
    kept = seal.close(Pair("the access", "the refresh", 10), now_ms=1000)
    assert kept.access_expires_ms == 11_000
    assert (seal.open_access(kept), seal.open_refresh(kept)) == ("the access", "the refresh")
    assert kept != seal.close(Pair("the access", "the refresh", 10), now_ms=1000)
    swapped = Sealed(kept.refresh, kept.access, kept.access_expires_ms)
    spoilt = [
        (seal, swapped),
        (Seal("4002", b"k" * 32, Seams().token), kept),
        (Seal("4001", b"K" * 32, Seams().token), kept),
        (seal, replace(kept, access=kept.access[:-8])),
        (seal, replace(kept, access="")),
        (seal, replace(kept, access="không phải")),
    ]
    for other, row in spoilt:
        with pytest.raises(Unsealable):
            other.open_access(row)
