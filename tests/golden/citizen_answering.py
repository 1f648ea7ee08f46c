"""The ten questions: numbers, words, dialect, misunderstanding, going back, help, resting."""

from tests.golden.script import asked_first, conversation, summed_up
from tests.golden.stage import THINKING_SECONDS, Stage
from tests.talk import Talk
from tests.world import VILLAGE


@conversation("vi", "en")
async def numbers(stage: Stage) -> None:
    """Numbers: an option, several at once, points, points between two levels, a zero."""
    who = await asked_first(stage)
    await who.do("3", "3 2 4 3", stage.t("7,5", "7.5"), stage.t("8 điểm", "8 points"), "0", "1")
    await who.do("0", "0", "8/10", "9", "4", "99", "②", stage.t("số ba ạ", "3!"))


@conversation()
async def words(stage: Stage) -> None:
    """Words: without diacritics, other wordings, dialect that is confirmed first."""
    who = await asked_first(stage)
    await who.do("có, đang học", "hoc xong 1", "hằng tuần", "hổng", "[no]", "hông có", "ừ đúng rồi")
    await who.do("hổng", "xyz", "3", "thạo", "con làm giúp", "dung duoc", "tot", "3 lan", "đôi khi")


@conversation("vi", "en")
async def misunderstandings(stage: Stage) -> None:
    """Not understood, again and again: never the same sentence twice, never silence."""
    who = await asked_first(stage, 2)
    await who.do(*(stage.t("xanh đỏ tím vàng", "blue red green"),) * 5)
    await who.do("mắt kém quá" if stage.locale == "vi" else "help me")
    await who.do(*stage.t("sao cũng được|giống chồng tôi|alo|em ơi|???", "whatever|?").split("|"))
    await who.do("[3]", stage.t("để hỏi cán bộ", "ask the officer"), "dừng")


@conversation()
async def misunderstood_elsewhere(stage: Stage) -> None:
    """Rubbish at the questions around the ten."""
    who = await stage.citizen()
    await who.do("qwerty", "asdfgh", "zxcvbn", "[start]", "hai chau da nang", "qwerty", "asdfgh")
    await who.do("tổ 12", "qwerty", "asdfgh", "[citizen]", "qwerty", "asdfgh", "zxcvbn", "[agree]")


@conversation("vi", "en")
async def exposed(stage: Stage) -> None:
    """A question that is too close is left to a talk with the officer."""
    who = await asked_first(stage, 5)
    await who.do(
        "?", stage.t("chưa muốn trả lời", "I would rather talk to the officer"), "0", "[2]"
    )


@conversation()
async def going_back(stage: Stage) -> None:
    """Back at every question, to the very first, by 0 and by word."""
    who = await stage.citizen()
    await who.do("[start]", "hai chau da nang", "tổ 12", "0", "tổ 12", "[citizen]", "0", "0", "0")
    await who.do("0", "quay lại", "[start]", "[agree]")
    await who.do("0", "nguyen thi hoa", "0", "nguyen thi hoa 60 tuổi", "0")
    await who.do(
        "nguyen thi hoa 65", "0", "nguyen thi hoa 65", "[1]", "quay lại", "nguyễn thị hoa 65"
    )
    await who.do("[3]", "[3]", "back", "back", "[4]", "[4]", "hổng chắc", "0")


@conversation()
async def going_back_later(stage: Stage) -> None:
    """Back from photos, summary, editing, handing in, data and erasing."""
    who = await asked_first(stage, 9)
    await who.do("[3]", "0", "[3]", "[later]", "0", "[none]", "[edit]", "0", "[submit]", "0")
    await who.do("dữ liệu", "0", "xóa", "0", "ngôn ngữ", "0", "[photos]", "0")


@conversation("vi", "en")
async def helping(stage: Stage) -> None:
    """Help at every question."""
    help_word = "trợ giúp"
    who = await stage.neighbour()
    await who.do("?", "[elsewhere]", "?", "/help", "0", "[start]", "[citizen]", "?", "[agree]")
    await who.do("?", f"/{help_word}", "Nguyễn Thị Hoa 1965", "?", help_word)
    await who.do(*("[3]",) * 10, "?", "[none]", "?", "[edit]", "?", "0", "[submit]", "?")
    await who.do("nộp", "?", "[no]", "?", "rút lại", "?", "0")
    await who.do("dữ liệu", "?", "xóa", "?")


@conversation("vi", "en")
async def resting(stage: Stage) -> None:
    """Stopping in the middle: the next day, the program started anew, the code once more."""
    who = await asked_first(stage, 3)
    stage.note("nghỉ, hôm sau quay lại", "rests, comes back the next day")
    stage.clock.forward(days=1)
    await who.open()
    await who.do("[3]")
    stage.note("máy chủ khởi động lại", "the server is started again")
    await stage.start_again()
    await who.open()
    await who.do("[3]")
    stage.note("quét mã QR của tổ 12 lần nữa", "scans the QR code of the village once more")
    await who.open(place=VILLAGE)
    await who.do("menu", "[continue]", "bắt đầu")


@conversation("vi", "en")
async def another_phone(stage: Stage) -> None:
    """The link for later, opened on another phone."""
    who = await asked_first(stage, 3)
    assert isinstance(who.talk, Talk)
    stage.note("mở liên kết làm tiếp trên máy khác", "opens the resume link on another phone")
    await who.talk.move_to(stage.world, cookies=False)
    await who.open(resume=who.talk.resume)
    await who.do("tiếp", "[3]")


@conversation()
async def old_buttons(stage: Stage) -> None:
    """A button of an older question does not answer the present one."""
    who = await asked_first(stage, 2)
    old = who.talk.screen
    await who.do("[3]")
    stage.note("bấm nút của câu cũ", "presses a button of the older question")
    stage.clock.forward(seconds=THINKING_SECONDS)
    await who.talk.press_old(old, 1)
    await who.do("2", "[3]")


@conversation()
async def answering_unseen(stage: Stage) -> None:
    """What is sent twice in haste answers one question; the next is asked again, kindly."""
    who = await asked_first(stage, 2)
    await who.do("3")
    stage.note("gửi liền hai lần", "sends it twice at once")
    await who.soon("3", seconds=0.5)
    await who.do("2")


@conversation()
async def chatting(stage: Stage) -> None:
    """Commands that do not fit this question lead nowhere, and lose nothing."""
    who = await asked_first(stage, 4)
    await who.do("nộp", "rút lại", "vì sao", "kết quả", "tiếp", "sửa câu 2", "[4]", "sửa câu 12")
    await who.do("[A3]", "[2]", "sửa nơi ở", "cẩm lệ đà nẵng", "0", "0", "kết quả")


@conversation("vi", "en")
async def editing(stage: Stage) -> None:
    """From the summary: a line, by word and number, the name, the place."""
    who = await summed_up(stage)
    await who.do("[edit]", "qwerty", "3", "[2]", "sửa câu 10", "[4]")
    await who.do("sửa", "[name]", "Nguyễn Thị Hòa 1966")
    await who.do("sửa nơi ở", "hai chau da nang", "tổ 7")
    await who.do("sửa tên", "0", "sửa câu 42", "0")


@conversation("vi", "en")
async def below_the_mark(stage: Stage) -> None:
    """Below the mark: what can still be done; it may be handed in all the same."""
    who = await summed_up(stage, ("[2]", "[2]", "[3]", "[2]") + ("[3]",) * 6)
    await who.do("[submit]", "nộp")


@conversation()
async def below_the_floor(stage: Stage) -> None:
    """One question below the floor: said kindly, with what it does not touch."""
    await summed_up(stage, ("[4]",) * 5 + ("[1]",) + ("[4]",) * 4)


@conversation()
async def left_to_the_village(stage: Stage) -> None:
    """A provisional answer, and an exposed question left to the officer."""
    who = await asked_first(stage, 5)
    await who.do(
        "[left]", "[3]", "để tổ xác nhận", "[4]", "[4]", "[none]", "[submit]", "nộp", "[no]"
    )
    await who.do("vì sao")
