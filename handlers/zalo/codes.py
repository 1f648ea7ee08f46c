"""What Zalo's error codes mean for the message that met them.

Sources: Zalo Bot API, error codes; Zalo Official Account API, error codes, with what was measured
on live accounts. A code that stands in no table is a defect of ours until somebody looked at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from handlers.channel import HumanNeeded, Later, NotSent, Unclear, Unreachable, Wrong
from handlers.outside import OutsideFailed

Kind = Literal["later", "pause", "stop", "skip", "wrong", "human", "renew"]
MINUTE = 60.0
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What to do: `kind`, and for "later" and "pause" after how many `seconds` (None: unsaid).

    "later" tries this message again, "pause" holds the whole identity; "stop" is a person who must
    write first, "skip" a person who cannot get this very message; "wrong" is our defect; "human"
    needs somebody at the settings; "renew" a newer access token, or else somebody at the settings.
    """

    kind: Kind
    seconds: float | None = None


def _all(kind: Kind, *codes: int, seconds: float | None = None) -> dict[int, Meaning]:
    return dict.fromkeys(codes, Meaning(kind, seconds))


# 403 is titled "internal server error"; 404 is also what a bad token or base address gets; 429 is
# the rate or the month's quota, nobody says which or for how long.
BOT: Mapping[int, Meaning] = {
    **_all("wrong", 400),
    **_all("human", 401, 404),
    **_all("later", 403, 408, 500, 502, 503, 504),
    **_all("later", 426, seconds=HOUR),
    **_all("pause", 429),
    **_all("stop", 410, 422),
}
OA: Mapping[int, Meaning] = {
    **_all("renew", -216, -220, -124),
    **_all("pause", -32, seconds=MINUTE),  # calls a minute
    **_all("later", -200),
    # Hours of the day, quotas of a day: an hour later is soon enough to ask again.
    **_all("later", -234, -133, -144, -147, seconds=HOUR),
    # Money and packages that only messages outside the free time need: those skip the person, and
    # answers to people who just wrote go on.
    **_all("skip", -211, -320, -321, -115, -137, -237),
    **_all("human", -224),  # the package has no Open API: nothing goes at all
    **_all("stop", -230, -232, -213, -217, -227, -114, -118, -119),
    # Caps and kinds of message that this person does not get; other messages may reach them.
    **_all("skip", -218, -244, -139, -141),
    **_all("wrong", -201, -210, -233, -240, -249, -1121, -1122, -131),
    **_all("later", -100),  # an upload that is forgotten: the next try uploads anew
    **_all("human", -204, -205, -209, -212, -219, -221, -223, -235, -242, -248),
    **_all("human", -14002, -14003, -14014, -14020),  # consent, and a refresh token that is spent
}
# What a server in between may say instead of Zalo: the request went no further.
HTTP: Mapping[int, Meaning] = {
    **_all("renew", 401),
    **_all("human", 403, 404),
    **_all("later", 408, 503),
    **_all("pause", 429),
}


def bot_refusal(code: int) -> NotSent:
    """Return what an `error_code` of the Bot API is; an unknown one is Wrong, from 500 on Later."""
    return _refusal(code, BOT.get(code) or _unknown(code))


def oa_refusal(code: int, status: int = 200) -> NotSent:
    """Return what an `error` of the OA API is that came with an HTTP status.

    Of an unknown one the status decides, if it says anything; else it is Wrong.
    """
    if code not in OA and status in HTTP:
        return http_refusal(status)
    return _refusal(code, OA.get(code) or _unknown(status))


def http_refusal(status: int) -> NotSent:
    """Return what an HTTP status without a readable answer is.

    Below 500, and with 503, nothing was taken; a 200, 500, 502 or 504 may hide a message that went.
    """
    if status in HTTP:
        return _refusal(status, HTTP[status])
    if 300 <= status < 500:
        return Wrong(f"http_{status}")
    return Unclear(f"http_{status}")


def line_refusal(failed: OutsideFailed) -> NotSent:
    """Return what a request without an answer is: unclear from when it may have arrived."""
    if failed.reason in ("address", "redirect"):
        return HumanNeeded(failed.reason)  # the base address of the settings is no API
    return (Unclear if failed.sent else Later)(failed.reason)


def of_a_question(failure: NotSent) -> NotSent:
    """Return what a failure is where nothing was to be delivered: it may simply be asked again."""
    return Later(failure.code) if isinstance(failure, Unclear) else failure


def is_stale(refused: NotSent) -> bool:
    """Whether a newer access token may help."""
    return refused.code in STALE


STALE = frozenset([str(code) for code, meaning in OA.items() if meaning.kind == "renew"] + ["401"])


def _unknown(code: int) -> Meaning:
    return Meaning("later" if code >= 500 else "wrong")


def _refusal(code: int, meaning: Meaning) -> NotSent:
    word = str(code)
    match meaning.kind:
        case "later" | "pause":
            return Later(word, meaning.seconds, pauses=meaning.kind == "pause")
        case "stop" | "skip":
            return Unreachable(word, stops=meaning.kind == "stop")
        case "wrong":
            return Wrong(word)
        case "human" | "renew":
            return HumanNeeded(word)
