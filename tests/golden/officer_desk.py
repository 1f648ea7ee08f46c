"""The officer's desk: what waits, opening, figures, correcting, rights that end."""

from tests.golden.script import BLURRED, SHARP, conversation, handed_in, summed_up
from tests.golden.stage import BODIES, Stage
from tests.world import VILLAGE


@conversation("vi", "en")
async def queue(stage: Stage) -> None:
    """The queue: empty, then with files, the oldest first, some waiting too long; the figures."""
    officer = await stage.officer()
    await officer.do("thống kê")
    first = await handed_in(stage, photos=(SHARP, BLURRED))
    assert first.talk.replies
    stage.clock.forward(days=6)
    await handed_in(stage, "Trần Văn Tư", "Tran Van Tu")
    # A session ends with the working day: six days later it takes a new link.
    officer = await stage.officer()
    await officer.do("hồ sơ chờ", "[open]", "thống kê")
    await officer.do("[2]", "[queue]", "[stats]", "qwerty", "asdfgh", "?", "0", (SHARP,))


@conversation("vi", "en")
async def opening(stage: Stage) -> None:
    """Files by code: whole, ending, unknown, none named, an ending that several files have."""
    await handed_in(stage)
    second = await stage.neighbour("Trần Văn Tư", "Tran Van Tu")
    second.body = twin_of(BODIES[0])
    async with stage.meanwhile("cũng đã nộp phiếu", "has handed in a form too"):
        await second.do("[start]", "[citizen]", "[agree]", "Trần Văn Tư 1958")
        await second.do(*("[4]",) * 10, "[none]", "[submit]", "nộp")
    officer = await stage.officer()
    await officer.do("mở 2M", "2M", "mở", "mở 9X")
    await officer.do("mở KH26-7F3K-2M", "kh26 7f3k 2m", "duyệt")
    await officer.do("sửa câu 2", "ngôn ngữ", "0")


def twin_of(body: str) -> str:
    """Return other characters whose code has the same ending as that of `body`."""
    from dialogs.receipts import ALPHABET, make_code

    def code(body: str) -> str:
        number = sum(ALPHABET.index(c) * len(ALPHABET) ** n for n, c in enumerate(body))
        return make_code(2026, f"{number:x}")

    return next(
        other
        for first in ALPHABET
        for second in ALPHABET
        if (other := first + second + body[2:]) != body and code(other)[-2:] == code(body)[-2:]
    )


@conversation("vi", "en")
async def correcting(stage: Stage) -> None:
    """A name whose spelling waits, a village as typed: both put right, on record."""
    who = await stage.citizen("Người dân", "Citizen")
    async with stage.meanwhile("đã nộp phiếu", "has handed in a form"):
        await who.do("[start]", "hai chau da nang", "[unknown]", "[citizen]", "[agree]")
        await who.do("foo bar 1980", "[officer]", *("[4]",) * 10, "[none]", "[submit]", "nộp")
    officer = await stage.officer()
    await officer.do("mở 2M", "sửa tên 2M")
    await officer.do("sửa tên 2M Phó Bá")
    await officer.do("ghi thôn 2M", "ghi tổ 2M tổ 12", "duyệt 2M")


@conversation("vi", "en")
async def revoked(stage: Stage) -> None:
    """An officer whose right has ended sees nothing any more, whatever is typed."""
    await handed_in(stage)
    officer = await stage.officer()
    await officer.do("mở 2M")
    stage.note("quyền cán bộ bị thu hồi", "the officer's right is revoked")
    await stage.revoke_officers()
    await officer.do("[approve]", "hồ sơ chờ", "mở 2M", "?", "2M")


@conversation()
async def other_roles(stage: Stage) -> None:
    """A village's reviewer reads and decides nothing; the province sees figures."""
    await handed_in(stage)
    village = await stage.officer("Người xét tổ 12", role="village_reviewer", place=VILLAGE)
    await village.do("mở 2M", "duyệt 2M", "bổ sung 2M", "lấy lại")
    province = await stage.officer("Cán bộ tỉnh", role="province_viewer", place="48")
    await province.do("mở 2M", "thống kê")
    operator = await stage.officer("Người vận hành", role="operator", place="48")
    await operator.do("hồ sơ chờ", "thống kê")


@conversation("vi", "en")
async def new_files(stage: Stage) -> None:
    """New files are told once an hour at most, as a remark that moves nothing."""
    officer = await stage.officer()
    await handed_in(stage)
    await officer.hear()
    await handed_in(stage, "Trần Văn Tư", "Tran Van Tu")
    stage.clock.forward(hours=1)
    await handed_in(stage, "Lê Thị Bảy", "Le Thi Bay")
    await officer.hear()


@conversation()
async def unread_file(stage: Stage) -> None:
    """A draft is nobody's business but its owner's."""
    await summed_up(stage)
    officer = await stage.officer()
    await officer.do("hồ sơ chờ", "mở 2M", "thống kê")
