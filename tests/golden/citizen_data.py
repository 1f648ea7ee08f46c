"""My data: seeing everything, stopping messages, erasing for real."""

from tests.golden.citizen_after import approved
from tests.golden.citizen_starting import kept_rows
from tests.golden.script import SHARP, asked_first, conversation, handed_in
from tests.golden.stage import Stage


@conversation("vi", "en")
async def my_data(stage: Stage) -> None:
    """Everything held is shown, in the middle of the questions too."""
    who = await asked_first(stage, 3)
    await who.do((SHARP,), "dữ liệu", "[home]", "tiếp")


@conversation("vi", "en")
async def erasing(stage: Stage) -> None:
    """Erasing needs its words; afterwards nothing is there."""
    who = await handed_in(stage, photos=(SHARP,))
    await who.do("xóa", "xóa", "1", stage.t("có", "yes"))
    await who.do("xóa hết")
    held = await kept_rows(stage)
    stage.note(f"còn lưu trong máy: {held}", f"kept in the database: {held}")
    await who.do("dữ liệu", "menu")


@conversation("vi", "en")
async def erasing_a_decided_file(stage: Stage) -> None:
    """What stays of a decided file is said before erasing."""
    who = await handed_in(stage)
    officer = await approved(stage, who)
    await who.do("dữ liệu", "[erase]", "xoa het")
    await officer.do("mở 2M")
