"""The officer decides: approve, ask for additions, not reached, points, taking back."""

from tests.golden.script import BLURRED, SHARP, conversation, handed_in
from tests.golden.stage import Stage


@conversation("vi", "en")
async def approving(stage: Stage) -> None:
    """Approving names its file; a digit approves nothing; the next file is offered."""
    await handed_in(stage, photos=(SHARP, BLURRED))
    await handed_in(stage, "Trần Văn Tư", "Tran Van Tu")
    officer = await stage.officer()
    await officer.do("duyệt 2M", "1", "ok", "mo 2m")
    await officer.do("2", "duyet 2m", "duyệt 2M", "[1]", "[approve]")


@conversation("vi", "en")
async def returning(stage: Stage) -> None:
    """Additions: several questions, a usual reason, own words; then the next file."""
    await handed_in(stage, photos=(BLURRED,))
    officer = await stage.officer()
    await officer.do("mo 2m", "bo sung 2m", "qwerty")
    await officer.do("2 7", "9", "1", "0", "2 7", "1", "6", "5", "0", "6")
    await officer.do("Gửi thêm ảnh trang có chữ ký")
    await officer.do("mở 2M", "bổ sung 2M câu 3")


@conversation("vi", "en")
async def rejecting(stage: Stage) -> None:
    """Not reached: the reason in words that the person will read."""
    await handed_in(stage, answers=("[2]",) * 10)
    officer = await stage.officer()
    await officer.do("mở 2M", "duyệt 2M", "[reject]")
    await officer.do("1", "0", "chưa đạt 2M", "?")
    await officer.do("Mới có 56 điểm, cần 80")


@conversation("vi", "en")
async def scoring(stage: Stage) -> None:
    """Points: with reason, without, impossible ones; a provisional answer must be settled."""
    await handed_in(stage, answers=("[4]",) * 7 + ("[1]",) + ("[4]",) * 2)
    officer = await stage.officer()
    await officer.do("mở 2M", "duyệt 2M", "chấm 2M")
    await officer.do("chấm 2M câu 8 11", "chấm 2M câu 12 8", "chấm 2M câu 8 8")
    await officer.do("?", "9", "1", "chấm 2M câu 2 8 có giấy chứng nhận 1 lớp")
    await officer.do("chấm 2M câu 3 4", "0", "chấm 2M câu 3 4", "3", "duyệt 2M")


@conversation("vi", "en")
async def taking_back(stage: Stage) -> None:
    """A decision is taken back within the minute; afterwards it is too late."""
    who = await handed_in(stage)
    officer = await stage.officer()
    undo = "lấy lại"
    await officer.do(undo, "mở 2M", "duyệt 2M", undo, "chưa đạt 2M nhầm người", "mở 2M", undo)
    await officer.do("duyệt 2M")
    await stage.notices_leave()
    await who.hear()
    await officer.do(undo, "mở 2M")


@conversation("vi", "en")
async def stale(stage: Stage) -> None:
    """The file changed since it was opened: nothing is decided, the new version is shown."""
    who = await handed_in(stage)
    officer = await stage.officer()
    await officer.do("mở 2M")
    async with stage.meanwhile("Nguyễn Thị Hoa rút phiếu về", "Nguyen Thi Hoa withdraws it"):
        await who.do("rút lại", "rút lại")
    await officer.do("duyệt 2M")
    async with stage.meanwhile("Nguyễn Thị Hoa sửa câu 2, nộp lại", "Nguyen Thi Hoa changes it"):
        await who.do("sửa câu 2", "[4]", "[submit]", "nộp")
    await officer.do("duyệt 2M", "duyệt 2M")


@conversation("vi", "en")
async def two_officers(stage: Stage) -> None:
    """Two officers with one file: the second sees what the first did; a leader may take it back."""
    await handed_in(stage)
    first = await stage.officer("Cán bộ thứ nhất", "First officer")
    second = await stage.officer("Cán bộ thứ hai", "Second officer")
    leader = await stage.officer("Lãnh đạo phường", "Leader", role="commune_leader")
    await first.do("mở 2M")
    await second.do("mở 2M")
    await first.do("duyệt 2M")
    await second.do("chưa đạt 2M còn thiếu", "lấy lại")
    await leader.do("mở 2M", "lấy lại")
