"""One person, several phones: joining by a code, wrong codes, leaving again."""

import re

from tests.golden.script import ANSWERS, asked_first, conversation, handed_in
from tests.golden.stage import Player, Stage


def code_of(player: Player) -> str:
    """Return the linking code that a player was told last."""
    code: str = re.findall(r"\b\d{6}\b", player.talk.transcript())[-1]
    return code


async def second_phone(stage: Stage) -> Player:
    """Let the same person open the page on another phone."""
    return await stage.neighbour("Điện thoại kia", "The other phone")


@conversation("vi", "en")
async def linking(stage: Stage) -> None:
    """A draft begun on one phone is finished on another; the first one says where it stands."""
    first = await asked_first(stage, 3)
    await first.do("nối")
    other = await second_phone(stage)
    await other.do(f"nối {code_of(first)}")
    await first.hear()
    await other.do(*ANSWERS[3:], "[none]", "[submit]", "nộp", "[no]")
    await first.do("[2]")
    await other.do("bỏ nối", "[stay]")


@conversation("vi", "en")
async def linking_by_mistake(stage: Stage) -> None:
    """Wrong codes end after five; the long link goes on working."""
    first = await asked_first(stage, 2)
    other = await second_phone(stage)
    await other.do("nối", "nối 12345", "nối 000000", "nối 000 000", "noi 000000", "/nối 000000")
    await other.do("nối 000000", "nối 000000", "nối 000000")
    await first.do("nối")
    long = first.talk.transcript().rpartition("#join=")[2][:32]
    await other.do(f"nối {code_of(first)}")
    await other.open(join=long)
    await other.open(join=long)


@conversation("vi", "en")
async def linking_over_a_draft(stage: Stage) -> None:
    """Joining erases a draft begun there, by a word; a form handed in stays where it is."""
    first = await asked_first(stage, 2)
    other = await second_phone(stage)
    async with stage.meanwhile("đã bắt đầu một phiếu", "has begun a form"):
        await other.do("[start]", "[citizen]", "[agree]", "Trần Văn Tư 1958", "[3]")
    await first.do("nối")
    await other.do(f"nối {code_of(first)}", stage.t("ừ", "yes"), "0", f"nối {code_of(first)}")
    await other.do("vẫn nối")
    third = await handed_in(stage, "Lê Thị Ba", "Le Thi Ba")
    await first.do("nối")
    await third.do(f"nối {code_of(first)}")


@conversation("vi", "en")
async def unlinking(stage: Stage) -> None:
    """Whoever began the form may cut the others off; anybody may leave; the last one stays."""
    first = await asked_first(stage, 2)
    await first.do("bỏ nối", "nối")
    other = await second_phone(stage)
    await other.do(f"nối {code_of(first)}")
    await first.hear()
    await first.do("bỏ nối", "[others]")
    await other.hear()
    await other.do("bắt đầu")
    await first.do("nối")
    await other.do(f"nối {code_of(first)}", "bỏ nối", "[this]")
    await first.do("bỏ nối")
