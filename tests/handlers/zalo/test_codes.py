"""Every error code of Zalo that anybody wrote down has a meaning, and an unknown one is told."""

import pytest

from handlers.channel import HumanNeeded, Later, NotSent, Unclear, Unreachable, Wrong
from handlers.outside import OutsideFailed
from handlers.zalo.codes import (
    BOT,
    OA,
    bot_refusal,
    http_refusal,
    is_stale,
    line_refusal,
    oa_refusal,
    of_a_question,
)

Told = tuple[type[NotSent], float | None, bool | None]
LATER: Told = (Later, None, False)
HOURLY: Told = (Later, 3600.0, False)
PAUSE: Told = (Later, None, True)
STOP: Told = (Unreachable, None, True)
SKIP: Told = (Unreachable, None, False)
OURS: Told = (Wrong, None, None)
HUMAN: Told = (HumanNeeded, None, None)
# Zalo Bot API, error codes.
BOT_TABLE: dict[int, Told] = {
    400: OURS,
    401: HUMAN,
    403: LATER,
    404: HUMAN,
    408: LATER,
    410: STOP,
    422: STOP,
    426: HOURLY,
    429: PAUSE,
}
# Zalo OA API: error codes and what to do about them.
OA_TABLE: dict[int, Told] = {
    **dict.fromkeys((-216, -220, -124), HUMAN),
    -32: (Later, 60.0, True),
    -200: LATER,
    **dict.fromkeys((-234, -133, -144, -147), HOURLY),
    **dict.fromkeys((-211, -320, -321, -115, -137, -237), SKIP),
    -224: HUMAN,
    **dict.fromkeys((-230, -232, -213, -217, -227, -114, -118, -119), STOP),
    **dict.fromkeys((-218, -244, -139, -141), SKIP),
    **dict.fromkeys((-201, -210, -233, -240, -249, -1121, -1122, -131), OURS),
    -100: LATER,
    **dict.fromkeys((-204, -205, -209, -212, -219, -221, -223, -235, -242, -248), HUMAN),
    **dict.fromkeys((-14002, -14003, -14014, -14020), HUMAN),
}


def told(refusal: NotSent) -> Told:
    stops = getattr(refusal, "stops", getattr(refusal, "pauses", None))
    return type(refusal), getattr(refusal, "seconds", None), stops


@pytest.mark.parametrize(("code", "meaning"), BOT_TABLE.items())
def test_every_code_of_the_bot_api_is_classified(code: int, meaning: Told) -> None:
    refusal = bot_refusal(code)
    assert (told(refusal), refusal.code) == (meaning, str(code))


@pytest.mark.parametrize(("code", "meaning"), OA_TABLE.items())
def test_every_code_of_the_oa_api_is_classified(code: int, meaning: Told) -> None:
    refusal = oa_refusal(code)
    assert (told(refusal), refusal.code) == (meaning, str(code))


def test_no_code_is_classified_that_the_tables_do_not_know() -> None:
    assert set(OA) == set(OA_TABLE)
    assert set(BOT) == set(BOT_TABLE) | {500, 502, 503, 504}


@pytest.mark.parametrize("code", [0, 1, 418, -1, -99_999, 2**70])
def test_an_unknown_code_is_our_defect_and_is_told(code: int) -> None:
    bot, oa = bot_refusal(code) if code < 500 else bot_refusal(499), oa_refusal(code)
    assert isinstance(bot, Wrong)
    assert isinstance(oa, Wrong)
    assert oa.code == str(code)


@pytest.mark.parametrize("code", [500, 502, 503, 504, 599])
def test_a_broken_server_is_for_later(code: int) -> None:
    assert told(bot_refusal(code)) == LATER
    assert told(oa_refusal(-99_999, code)) == LATER


def test_of_an_unknown_code_the_status_decides() -> None:
    assert told(oa_refusal(-99_999, 429)) == PAUSE
    assert told(oa_refusal(-99_999, 403)) == HUMAN
    assert told(oa_refusal(-230, 429)) == STOP


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, (Unclear, None, None)),
        (204, (Unclear, None, None)),
        (302, OURS),
        (400, OURS),
        (401, HUMAN),
        (403, HUMAN),
        (404, HUMAN),
        (408, LATER),
        (413, OURS),
        (429, PAUSE),
        (500, (Unclear, None, None)),
        (502, (Unclear, None, None)),
        (503, LATER),
        (504, (Unclear, None, None)),
    ],
)
def test_a_status_alone_says_whether_anything_can_have_been_taken(
    status: int, meaning: Told
) -> None:
    assert told(http_refusal(status)) == meaning


@pytest.mark.parametrize(
    ("failed", "meaning"),
    [
        (OutsideFailed("timeout", sent=True), (Unclear, None, None)),
        (OutsideFailed("timeout", sent=False), LATER),
        (OutsideFailed("connection", sent=False), LATER),
        (OutsideFailed("too_large", sent=True), (Unclear, None, None)),
        (OutsideFailed("redirect", sent=True), HUMAN),
        (OutsideFailed("address", sent=False), HUMAN),
    ],
)
def test_a_request_without_an_answer_is_unclear_only_if_it_may_have_arrived(
    failed: OutsideFailed, meaning: Told
) -> None:
    refusal = line_refusal(failed)
    assert (told(refusal), refusal.code) == (meaning, failed.reason)


def test_a_question_is_never_unclear() -> None:
    assert told(of_a_question(Unclear("broken"))) == LATER
    assert told(of_a_question(HumanNeeded("401"))) == HUMAN


def test_a_newer_token_helps_where_this_one_is_refused_and_nowhere_else() -> None:
    stale = {code for code in OA_TABLE if is_stale(oa_refusal(code))}
    assert stale == {-216, -220, -124}
    assert is_stale(http_refusal(401))
    assert is_stale(oa_refusal(-99_999, 401))
    assert not is_stale(http_refusal(403))
