"""The book of conversations: each a small script, played in its languages."""

from dataclasses import dataclass

from tests.golden.stage import Act, Player, Stage
from tests.photos_made import blurred, dark, page, saved, scene

SHARP = saved(page(), "JPEG")
BLURRED = saved(blurred(page(), 8), "JPEG")
DARK = saved(dark(page()), "JPEG")
SCENE = saved(scene(), "JPEG")
# 82 points, as a person who does most things would answer.
ANSWERS = ("[3]", "[3]", "[4]", "[3]", "[3]", "[3]", "[3]", "[3]", "[3]", "[3]")


@dataclass(frozen=True, slots=True)
class Conversation:
    """A script with its file name; `title` is the first line of its docstring."""

    name: str
    act: Act
    locales: tuple[str, ...]
    title: str


BOOK: dict[str, Conversation] = {}


def conversation(*locales: str) -> "Entering":
    """Return the decorator that enters a script into the book under its own name."""
    return Entering(locales or ("vi",))


@dataclass(frozen=True, slots=True)
class Entering:
    """Enters scripts into the book."""

    locales: tuple[str, ...]

    def __call__(self, act: Act) -> Act:
        """Enter `act`; its docstring becomes the title of its transcripts."""
        title = (act.__doc__ or "").strip().split("\n")[0].rstrip(".")
        name: str = act.__name__
        assert name not in BOOK, f"two conversations are called {name}"
        BOOK[name] = Conversation(name, act, self.locales, title)
        return act


async def named(stage: Stage, vi: str = "Nguyễn Thị Hoa", en: str = "Nguyen Thi Hoa") -> Player:
    """Bring a citizen to the first question without a word of it in the transcript."""
    who = await _agreed(stage, vi, en)
    await who.do(f"{vi} 1965")
    return who


async def _agreed(stage: Stage, vi: str, en: str) -> Player:
    who = await stage.neighbour(vi, en)
    await who.do("[start]", "[citizen]", "[agree]")
    return who


async def asked_name(stage: Stage) -> Player:
    """Return a citizen who is asked for name and year."""
    async with stage.meanwhile("đã đồng ý lưu thông tin", "has agreed to the keeping of data"):
        return await _agreed(stage, "Người dân", "Citizen")


async def asked_first(stage: Stage, upto: int = 0) -> Player:
    """Return a citizen at the question after the first `upto` ones."""
    async with stage.meanwhile(
        f"đã cho biết tên và trả lời {upto} câu", f"has given a name and {upto} answers"
    ):
        who = await named(stage)
        await who.do(*ANSWERS[:upto])
    return who


async def summed_up(stage: Stage, answers: tuple[str, ...] = ANSWERS) -> Player:
    """Return a citizen who sees the summary."""
    async with stage.meanwhile("đã trả lời cả 10 câu, không có ảnh", "has answered everything"):
        who = await named(stage)
        await who.do(*answers, "[none]")
    return who


async def handed_in(
    stage: Stage,
    vi: str = "Nguyễn Thị Hoa",
    en: str = "Nguyen Thi Hoa",
    *,
    answers: tuple[str, ...] = ANSWERS,
    photos: tuple[bytes, ...] = (),
) -> Player:
    """Return a citizen whose declaration waits for review."""
    async with stage.meanwhile(f"{vi} đã nộp phiếu", f"{en} has handed in a form"):
        who = await named(stage, vi, en)
        await who.do(*answers, photos or "[none]")
        if photos and who.talk.screen["choices"][0]["id"] == "again":
            await who.do("[keep]")
        await who.do("[submit]", "nộp", "[no]")
    return who
