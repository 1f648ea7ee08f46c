"""Whose event it is: only who knows the secret can have signed it."""

import json
from hashlib import sha256

import pytest

from handlers.zalo.signature import Signature, SignedId, explain_event

APP, OA, SECRET, APP_SECRET = "3111222333", "388613280878808645", "oa-secret-key", "app-secret"
KNOWN = Signature(APP, OA, "app", SECRET)


def made(first: str, body: bytes, stamp: str, secret: str = SECRET) -> str:
    """Return the digest as Zalo's papers describe it."""
    return sha256(first.encode() + body + stamp.encode() + secret.encode()).hexdigest()


def body_with(stamp: str) -> bytes:
    """Return a body in which the timestamp is written as `stamp`."""
    sender = '"sender":{"id":"2468458835296197922"},"recipient":{"id":"77"}'
    return f'{{"event_name":"user_send_text",{sender},"timestamp":{stamp},"x":"ấ"}}'.encode()


BODY = body_with('"154390853474"')


def test_the_formula_is_the_one_of_the_papers() -> None:
    known = Signature("1", "2", "app", "s")
    whole = sha256(b'1{"timestamp":"5"}5s').hexdigest()
    assert known.holds(b'{"timestamp":"5"}', {"x-zevent-signature": f"mac={whole}"})


@pytest.mark.parametrize("signed", ["app", "oa"])
@pytest.mark.parametrize("written", ['"154390853474"', "1543908534741", '"1543908534741"'])
@pytest.mark.parametrize("prefix", ["mac=", "", "MAC="])
def test_a_signature_of_the_secret_holds(signed: SignedId, written: str, prefix: str) -> None:
    body, first = body_with(written), APP if signed == "app" else OA
    digest = made(first, body, written.strip('"'))
    known = Signature(APP, OA, signed, SECRET)
    assert known.holds(body, {"x-zevent-signature": prefix + digest})
    assert known.holds(body, {"x-zevent-signature": prefix + digest.upper()})


def test_the_timestamp_of_the_header_counts_where_the_body_has_none() -> None:
    body = b'{"event_name":"follow"}'
    sent = {"x-zevent-signature": made(APP, body, "99"), "x-zevent-timestamp": "99"}
    assert KNOWN.holds(body, sent)
    other = {**sent, "x-zevent-signature": made(APP, BODY, "99")}
    assert not KNOWN.holds(BODY, other)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "mac=",
        "mac=ấ",
        made(APP, BODY + b" ", "154390853474"),
        made(OA, BODY, "154390853474"),
        made(APP, BODY, "154390853475"),
        made(APP, BODY, "154390853474", APP_SECRET),
        made(APP, BODY, "154390853474")[:-1],
        made(APP, BODY, "154390853474") + "0",
    ],
)
def test_any_other_signature_does_not(sent: str) -> None:
    assert not KNOWN.holds(BODY, {"x-zevent-signature": sent})
    assert not KNOWN.holds(BODY, {})


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(KNOWN)


def captured(digest: str, body: bytes = BODY, stamp: str = "") -> bytes:
    """Return a request as it is written down."""
    more = f"X-ZEvent-Timestamp: {stamp}\r\n" if stamp else ""
    head = f"POST /webhooks/zalo-oa HTTP/1.1\r\nX-ZEvent-Signature: mac={digest}\r\n{more}\r\n"
    return head.encode() + body


STAMP = "154390853474"


@pytest.mark.parametrize(
    ("file", "ok", "words"),
    [
        (captured(made(APP, BODY, STAMP)), True, "the signature is right, over the app id first"),
        (captured(made(APP, BODY, STAMP)) + b"\n", True, "over the app id first"),
        (captured(made(APP, BODY, STAMP)).replace(b"\r\n", b"\n"), True, "over the app id first"),
        (captured(made(OA, BODY, STAMP)), False, "set ZALO_OA_SIGNED_ID=oa"),
        (captured(made("77", BODY, STAMP)), False, "ZALO_OA_ID is another account's"),
        (captured(made(APP, BODY, STAMP, APP_SECRET)), False, "into ZALO_OA_WEBHOOK_SECRET too"),
        (captured(made(APP, BODY, "5"), stamp="5"), False, "the timestamp of the header"),
        (captured("00"), False, "no id and no secret of the settings"),
        (BODY, False, "no signature: give the header lines"),
        (b"", False, "no signature: give the header lines"),
        (captured("00", b"\xff["), False, "no id and no secret of the settings"),
    ],
)
def test_a_captured_event_says_what_it_was_signed_with(file: bytes, ok: bool, words: str) -> None:
    explained = explain_event(file, KNOWN, APP_SECRET)
    assert explained.ok is ok
    assert words in explained.words
    for secret in (SECRET, APP_SECRET, "2468458835296197922", "user_send_text"):
        assert secret not in explained.words


def test_a_body_that_is_json_twice_over_is_signed_as_it_stands() -> None:
    pretty = json.dumps(json.loads(BODY), indent=1).encode()
    assert not KNOWN.holds(pretty, {"x-zevent-signature": made(APP, BODY, STAMP)})
