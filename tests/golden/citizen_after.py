"""After handing in: the receipt, status, withdrawing, what comes back, why."""

from dialogs.criteria import CriteriaSet
from tests.golden.script import BLURRED, SHARP, conversation, handed_in, summed_up
from tests.golden.stage import Player, Stage


@conversation("vi", "en")
async def receipt(stage: Stage) -> None:
    """The receipt, and the separate question about campaign messages, taken back later."""
    who = await summed_up(stage)
    await who.do("[submit]", "nộp", stage.t("ờ thì", "well"))
    await who.do(stage.t("có", "yes"), "dữ liệu", "[stop]", "[home]")
    await who.do("ngừng tin", "kq", "[refresh]")


@conversation("vi", "en")
async def withdrawing(stage: Stage) -> None:
    """A form that waits is withdrawn by a word, changed and handed in again under its code."""
    who = await handed_in(stage)
    await who.do("sửa câu 2", "[withdraw]", "1", "rút lại")
    await who.do("sửa câu 2", "[4]", "[submit]", "nộp")


async def returned(stage: Stage, who: Player, *replies: str) -> Player:
    """Let an officer ask for additions, and the citizen hear of it."""
    officer = await stage.officer()
    async with stage.meanwhile("yêu cầu bổ sung", "asks for additions"):
        await officer.do("mở 2M", "bổ sung 2M", *replies)
    await stage.notices_leave()
    await who.hear()
    return officer


@conversation("vi", "en")
async def supplement_photo(stage: Stage) -> None:
    """Asked for a photo: a blurry one, then a clear one, and the form is with the commune again."""
    who = await handed_in(stage, photos=(BLURRED,))
    officer = await returned(stage, who, "2", "1")
    await who.do("?", (BLURRED,), "[again]", (SHARP,), "kết quả")
    await officer.do("mở 2M")


@conversation("vi", "en")
async def supplement_several(stage: Stage) -> None:
    """Asked for three things: an answer, the officer's own words, nothing to add."""
    who = await handed_in(stage)
    words = "Gửi thêm ảnh trang có chữ ký"
    officer = await returned(stage, who, "2 5 9", "5", "6", words, "4")
    await who.do(stage.t("chịu", "no idea"), "[4]", (SHARP,), "[keep]")
    await officer.do("mở 2M")


@conversation()
async def supplement_later(stage: Stage) -> None:
    """A notice while a question is open carries words, not numbers; the person goes on later."""
    who = await handed_in(stage)
    await who.do("dữ liệu")
    await returned(stage, who, "2", "1")
    await who.do("[home]", "menu", "sửa câu 3", "nộp", "tiếp", "không có gì thêm")


@conversation()
async def supplement_from_status(stage: Stage) -> None:
    """A photo sent beside the request is for what was asked, and the form goes back."""
    who = await handed_in(stage)
    await returned(stage, who, "2", "1")
    await who.do("kết quả", (BLURRED,), "[again]", (SHARP,))


@conversation()
async def decided_unknown(stage: Stage) -> None:
    """Until the notice leaves, neither withdrawing nor a photo tells that it was decided."""
    who = await handed_in(stage)
    await who.do("[withdraw]")
    officer = await stage.officer()
    async with stage.meanwhile("yêu cầu bổ sung", "asks for additions"):
        await officer.do("mở 2M", "bổ sung 2M", "2", "1")
    await who.do("rút lại", (SHARP,))
    await officer.do("lấy lại")
    await who.do("[withdraw]", "rút lại")


async def approved(stage: Stage, who: Player, *scores: str) -> Player:
    """Let an officer approve, and the citizen hear of it."""
    officer = await stage.officer()
    async with stage.meanwhile("thẩm định và duyệt", "reviews and approves"):
        await officer.do("mở 2M", *scores, "duyệt 2M")
    await stage.notices_leave()
    await who.hear()
    return officer


@conversation("vi", "en")
async def approved_as_it_was(stage: Stage) -> None:
    """Approved: the notice says nothing on a shared phone; the verdict comes when asked for."""
    who = await handed_in(stage)
    await who.do("xong chưa")
    await approved(stage, who)
    await who.do("[see]", "[why]", "rút lại", (SHARP,))


@conversation("vi", "en")
async def approved_with_changes(stage: Stage) -> None:
    """Approved with points changed by the officer, each with its reason."""
    who = await handed_in(stage, answers=("[4]",) * 10)
    await approved(stage, who, "chấm 2M câu 2 8 có giấy chứng nhận 1 lớp", "chấm 2M câu 7 6", "2")
    await who.do("ket qua", "vi sao")


@conversation("vi", "en")
async def rejected(stage: Stage) -> None:
    """Not reached this time: the reason in words, what it does not touch, and why."""
    who = await handed_in(stage, answers=("[2]",) * 10)
    officer = await stage.officer()
    async with stage.meanwhile("ghi chưa đạt", "marks it as not reached"):
        await officer.do("mở 2M", "chưa đạt 2M Mới có 56 điểm, cần 80")
    await who.do("kết quả")
    await stage.notices_leave()
    await who.hear()
    await who.do("kết quả", "vì sao")


def next_version(stage: Stage) -> tuple[CriteriaSet, ...]:
    """Return the sets of the library, each under a new version."""
    from dataclasses import replace

    library = stage.world.program.parts.library
    return tuple(replace(s, version="citizen-2026-2") for s in library.sets)


@conversation("vi", "en")
async def criteria_changed(stage: Stage) -> None:
    """A new version of the criteria between draft and submission: the pinned one stays."""
    who = await summed_up(stage)
    stage.note("bộ tiêu chí có bản mới", "a new version of the criteria is published")
    await stage.start_again(*next_version(stage))
    await who.open()
    await who.do("[submit]", "nộp")
