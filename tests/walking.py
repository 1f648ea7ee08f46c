"""A citizen with a name nobody else has walks the usual way, saying private things on it."""

from tests.talk import Talk
from tests.world import VILLAGE

NAME = "Lường Thị Quyên"
WORDS = "chuyen-rieng-canary-72"
ID_NUMBER = "048165009876"
ANSWERS = (3, 3, 4, 3, 3, 3, 3, 3, 3, 3)


async def sign(talk: Talk, name: str = NAME, *, private: str = ID_NUMBER) -> None:
    """Walk to the first question."""
    await talk.open(place=VILLAGE)
    await talk.say(WORDS)
    for choice in ("start", 1, "agree"):
        await talk.press(choice)
    await talk.say(f"{name} 1965 {private}".strip())
    assert talk.screen["progress"], talk.transcript()


async def hand_in(talk: Talk, *photos: bytes) -> str:
    """Answer everything and hand in; return the receipt code."""
    for answer in ANSWERS:
        await talk.press(answer)
    await (talk.send(*photos) if photos else talk.press("none"))
    if talk.screen["choices"][0]["id"].partition(":")[0] == "again":
        await talk.press("keep")
    await talk.press("submit")
    await talk.say("nop")
    return next(w for line in talk.lines for w in line.split() if w.startswith("KH26")).rstrip(".")
