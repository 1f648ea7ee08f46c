"""From the QR code to the first question: place, title, consent, name and year."""

from tests.golden.script import SCENE, SHARP, asked_name, conversation
from tests.golden.stage import Stage
from tests.world import VILLAGE

MOST_REPLIES = 18
MOST_WITHOUT_CODE = 20
TEN = ("[3]", "3", "[4]", "có áp dụng", "[3]", "3", "[3]", "[3]", "[3]", "[3]")
TEN_EN = ("[3]", "3", "[4]", "I use it", "[3]", "3", "[3]", "[3]", "[3]", "[3]")


def count_replies(stage: Stage, replies: int, most: int) -> None:
    """Write how many replies it took to the receipt; more than `most` is a defect."""
    stage.heads.append(f"{replies} replies to the receipt, of at most {most}")
    assert replies <= most


@conversation("vi", "en")
async def clean_path(stage: Stage) -> None:
    """From the village's QR code to the receipt, with two clear photos."""
    who = await stage.neighbour()
    await who.do("[start]", "[citizen]", "[agree]", "nguyen thi hoa 65", "[1]")
    await who.do(*(TEN_EN if stage.locale == "en" else TEN))
    await who.do((SHARP, SCENE), "[submit]", "nop")
    count_replies(stage, who.talk.replies, MOST_REPLIES)
    await who.do("[yes]")


@conversation("vi", "en")
async def without_qr(stage: Stage) -> None:
    """Without a QR code: the place is found in one line, then the village."""
    who = await stage.citizen()
    await who.do("[start]", "hai chau da nang", "tdp12", "[citizen]", "[agree]")
    await who.do("Nguyễn Thị Hòa 1965", *TEN, "[none]", "[submit]", "nộp")
    count_replies(stage, who.talk.replies, MOST_WITHOUT_CODE)


@conversation("vi", "en")
async def searching_places(stage: Stage) -> None:
    """Places that need asking: nonsense, a province only, a name that several communes have."""
    who = await stage.citizen()
    await who.do("[start]", "xyzzy", "ở nhà", "zzz", "đồng tháp", "tân thành", "quay lại")
    await who.do("tan thanh", "?", "tân thành thanh hóa", "quay lại", "hải châu, đà nẵng")
    await who.do("tổ 99", "tổ 100", "tổ 1", "[citizen]")


@conversation()
async def without_villages(stage: Stage) -> None:
    """A commune without a list of villages: the name is taken as typed; an officer matches it."""
    who = await stage.citizen()
    await who.do("[start]", "tân thành đồng tháp")
    await who.do("ấp Bình Hòa", "[citizen]", "[agree]", "Trần Văn Tư 1958", *TEN, "[none]")


@conversation()
async def village_unknown(stage: Stage) -> None:
    """Whoever does not know the village leaves it to the officer; words of help work there too."""
    who = await stage.citizen()
    await who.do("[start]", "hai chau da nang", "/trợ giúp", "[unknown]", "[citizen]", "[agree]")


@conversation("vi", "en")
async def refusing(stage: Stage) -> None:
    """Consent refused: nothing is left, and one may begin anew."""
    who = await stage.neighbour()
    await who.do("[start]", "[citizen]", stage.t("ờ", "hm"), "👍", "[read]")
    await who.do(stage.t("không đồng ý", "I do not agree"))
    held = await kept_rows(stage)
    stage.note(f"còn lưu trong máy: {held}", f"kept in the database: {held}")
    await who.do("kết quả", "dữ liệu", "[home]", "[continue]")


async def kept_rows(stage: Stage) -> str:
    """Return how many persons and declarations the database holds."""
    counts = []
    async with stage.world.program.parts.database.reading() as connection:
        for table in ("person", "declaration"):
            rows = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
            counts.append(f"{table} {rows.scalar_one()}")
    return ", ".join(counts)


@conversation("vi", "en")
async def under_age(stage: Stage) -> None:
    """Somebody under age: a kind word, and nothing is kept."""
    who = await asked_name(stage)
    await who.do("Nguyễn Văn An 2012")
    held = await kept_rows(stage)
    stage.note(f"còn lưu trong máy: {held}", f"kept in the database: {held}")
    await who.do("[start]")


@conversation()
async def naming(stage: Stage) -> None:
    """Names: too little, names that are commands elsewhere, an identity number, Telex."""
    who = await asked_name(stage)
    await who.do("alo", "1", "Dung", "Hủy", "<b>Hoa</b> 65", "?")
    await who.do("Nguyễn Thị Hoa 1965 079165001234")
    await who.do("sửa tên", "nguyeenx thij hoaf 65", "[retype]", "H'Hen Niê 1992")


@conversation("vi", "en")
async def naming_in_two_messages(stage: Stage) -> None:
    """The name in two messages: the year sent a moment later belongs to it."""
    who = await asked_name(stage)
    await who.do("Nguyễn Thị Hoa")
    await who.soon("1965")


@conversation()
async def years(stage: Stage) -> None:
    """Years of birth that need asking: none, none possible, an age, the zodiac."""
    who = await asked_name(stage)
    await who.do("Nguyễn Thị Hoa 2090", "Nguyễn Thị Hoa", "không nhớ", "hổng nhớ", "5")
    await who.do("60 tuổi", "[retype]", "tuổi Tỵ", "1965")
    await who.do("sửa tên", "1958", "Trần Văn Tư", "sua ten", "tran van tu ất tỵ", "[1]")
    await who.do("Trần Văn Tư")


@conversation()
async def name_by_officer(stage: Stage) -> None:
    """A name nobody can spell for sure is left to the officer."""
    who = await asked_name(stage)
    await who.do("foo bar 1980", "không biết", "[no]", "[officer]")


@conversation("vi", "en")
async def languages(stage: Stage) -> None:
    """The language is switched at the start, by a word in the middle, and back."""
    who = await stage.neighbour()
    other = stage.t("en", "vi")
    await who.do("[language]", "[start]", "[citizen]", "[agree]", "Nguyễn Thị Hoa 1965")
    await who.do("language", f"[{stage.locale}]", "[3]", "ngôn ngữ", f"[{other}]")


@conversation()
async def unknown_code(stage: Stage) -> None:
    """The QR code of a place that is no more; then the code of another village on the same page."""
    who = await stage.citizen(place="20242-999")
    await who.open(place=VILLAGE)
    await who.do("[elsewhere]", "0", "bắt đầu")


@conversation("vi", "en")
async def too_early(stage: Stage) -> None:
    """Words and photos before there is a form."""
    who = await stage.neighbour()
    await who.do("kết quả", "vì sao", "nộp")
    await who.do("sửa câu 3", "rút lại", "0", "?")
    await who.do((SHARP,), "xóa", "[home]", "menu", "hủy")
    await who.do("ngừng tin", "tham gia AB12CD")
    await who.do("đăng nhập", "[start]")
