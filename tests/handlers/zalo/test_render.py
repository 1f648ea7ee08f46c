"""What Zalo takes for a screen: the numbered list always, buttons beside it where there are any."""

import unicodedata
from zoneinfo import ZoneInfo

import pytest

from dialogs.screen import Choice, Msg, Picture, Progress, Screen, Standing, Text
from dialogs.state import State
from dialogs.steps.asked import EXPLAIN_HINT
from handlers.i18n import Words
from handlers.zalo.render import BOT, OA, Button, Out, Rendering, Surface, clean, decode_out
from handlers.zalo.splitting import units

WORDS = Words(ZoneInfo("Asia/Ho_Chi_Minh"))
LEVELS = ("Hiếm khi", "Vài lần mỗi tháng", "Hằng tuần", "Hằng ngày")
HABIT = Screen(
    ("Đã ghi: chưa.", "Đọc tin bài để học bao lâu một lần?"),
    tuple(Choice(str(n), label) for n, label in enumerate(LEVELS)),
    progress=Progress(3, 10),
    note=EXPLAIN_HINT,
)
READS = """Đã ghi: chưa.
Câu 3/10. Đọc tin bài để học bao lâu một lần?
1. Hiếm khi
2. Vài lần mỗi tháng
3. Hằng tuần
4. Hằng ngày
(0 quay lại · ? xem giải thích)"""


def outs(screen: Screen, surface: Surface = OA, *, id: str = "7", locale: str = "vi") -> list[Out]:
    """Return the messages of a screen."""
    rendering = Rendering(surface)
    payloads = rendering.render(screen, id=id, words=WORDS, state=State(locale=locale))
    return [decode_out(payload) for payload in payloads]


def test_a_question_reads_as_the_script_writes_it() -> None:
    assert outs(HABIT, BOT) == [Out(READS)]


def test_an_official_account_has_a_button_for_each_number_too() -> None:
    buttons = tuple(Button(f"{n + 1}. {label}", f"#d:7:{n}") for n, label in enumerate(LEVELS))
    assert outs(HABIT, OA) == [Out(READS, buttons)]


def test_short_choices_share_a_line_that_a_phone_shows_in_one_row() -> None:
    screen = Screen(("Có ai bên cạnh không?",), (Choice("yes", "Có"), Choice("no", "Không")))
    assert outs(screen, BOT) == [Out("Có ai bên cạnh không?\n1. Có   2. Không")]


def test_the_words_around_a_question_are_in_its_language() -> None:
    first, *_, last = outs(HABIT, BOT, locale="en")[0].text.split("\n")[1:]
    assert first.startswith("Question 3 of 10. ")
    assert last == "(0 goes back · ? explains)"


def test_a_remark_has_no_buttons() -> None:
    assert outs(HABIT, OA, id="r12-0")[0].buttons == ()


def test_more_than_five_choices_have_numbers_only() -> None:
    five, six = (
        Screen(("Sửa câu nào?",), tuple(Choice(str(n), f"câu {n}") for n in range(most)))
        for most in (5, 6)
    )
    assert [len(outs(screen)[0].buttons) for screen in (five, six)] == [5, 0]
    assert outs(six)[0].text.endswith("6. câu 5")


def test_a_long_choice_is_whole_in_the_list_and_short_on_its_button() -> None:
    label = "Chưa muốn trả lời, để trao đổi với cán bộ"
    (out,) = outs(Screen(("Hỏi gì?",), (Choice("left", label),)))
    assert out.text == f"Hỏi gì?\n1. {label}"
    assert out.buttons == (Button("1. Chưa muốn trả lời, để trao đổi…", "#d:7:left"),)
    assert units(out.buttons[0].title) <= OA.title


def test_a_payload_that_zalo_would_not_take_leaves_the_numbers_alone() -> None:
    (out,) = outs(Screen(("Hỏi gì?",), (Choice("x" * 1_000, "Có"), Choice("no", "Không"))))
    assert out == Out("Hỏi gì?\n1. Có   2. Không")


def test_pictures_go_before_the_text() -> None:
    pictures = tuple(Picture(f"e{n}", Msg("photo.alt", {"n": n})) for n in (1, 2))
    screen = Screen(("Phiếu 2M",), (Choice("a", "Duyệt"),), pictures=pictures)
    assert outs(screen, BOT) == [
        Out("Ảnh 1", photo="e1"),
        Out("Ảnh 2", photo="e2"),
        Out("Phiếu 2M\n1. Duyệt"),
    ]


def test_a_screen_too_long_goes_in_parts_with_the_buttons_on_the_last() -> None:
    lines = tuple(f"Đoạn {n}: " + "chữ " * 120 for n in range(9))
    screen = Screen(
        (*lines, "Đúng không?"), (Choice("yes", "Đúng"), Choice("no", "Sai")), note=Msg("hint.back")
    )
    parts = outs(screen)
    assert [bool(part.buttons) for part in parts] == [False, False, True]
    assert all(units(part.text) <= 2_000 for part in parts)
    assert parts[-1].text.endswith("Đúng không?\n1. Đúng   2. Sai\n(0 quay lại)")


def test_a_question_is_not_parted_from_its_numbers() -> None:
    long = "Kể ra: " + "chữ " * 480
    screen = Screen((long, "Chọn câu nào?"), tuple(Choice(str(n), "Có") for n in range(40)))
    first, second = outs(screen)
    assert first.text == long.strip() or first.text == long
    assert second.text.startswith("Chọn câu nào?\n1. Có\n2. Có")


def test_a_list_longer_than_a_message_is_parted_between_numbers() -> None:
    labels = [f"tổ dân phố số {n}, nơi ở cũ là thôn {n} xã Hòa Tiến" for n in range(1, 81)]
    parts = outs(Screen(("Ở đâu?",), tuple(Choice(str(n), t) for n, t in enumerate(labels))))
    lines = "\n".join(part.text for part in parts).split("\n")
    assert lines == ["Ở đâu?", *(f"{n}. {t}" for n, t in enumerate(labels, 1))]
    assert len(parts) > 1


def test_vietnamese_goes_out_composed() -> None:
    name = unicodedata.normalize("NFD", "Nguyễn Thị Hòa")
    (out,) = outs(Screen((name, "Đúng không?"), (Choice("yes", name),)))
    assert out.text == "Nguyễn Thị Hòa\nĐúng không?\n1. Nguyễn Thị Hòa"
    assert out.buttons == (Button("1. Nguyễn Thị Hòa", "#d:7:yes"),)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("@[123] ơi", "@ [123] ơi"),
        ("[@123] ơi", "[@ 123] ơi"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("một\u2028hai\tba\rbốn", "một hai ba bốn"),
        ("a\x00b\x1b[0m", "ab[0m"),
        ("*đậm* <b>x</b> {red}y{/red}", "*đậm* <b>x</b> {red}y{/red}"),
        (f"{'👨'}\u200d{'👩'}", "👨\u200d👩"),
        ("an@example.vn", "an@example.vn"),
    ],
)
def test_what_a_person_wrote_mentions_nobody_and_hides_nothing(said: str, shown: str) -> None:
    assert clean(said) == shown


def test_a_label_with_a_line_break_cannot_forge_a_number() -> None:
    (out,) = outs(Screen(("Tên nào?",), (Choice("a", "An\n2. Nộp"), Choice("b", "Ba"))))
    assert out.text == "Tên nào?\n1. An 2. Nộp   2. Ba"


def test_a_standing_question_is_remembered_by_language_without_anybodys_words() -> None:
    rendering = Rendering(OA)
    standing = Standing("A3")

    def say(line: Text, id: str, locale: str) -> Out:
        screen = Screen((line, "Hỏi gì?"), (Choice("1", Msg("confirm.yes")),), standing=standing)
        (payload,) = rendering.render(screen, id=id, words=WORDS, state=State(locale=locale))
        return decode_out(payload)

    assert [say("Hoa", "3", "vi"), say("Tư", "4", "en"), say("Tư", "5", "vi")] == [
        Out("Hoa\nHỏi gì?\n1. Đúng", (Button("1. Đúng", "#d:3:1"),)),
        Out("Tư\nHỏi gì?\n1. Yes", (Button("1. Yes", "#d:4:1"),)),
        Out("Tư\nHỏi gì?\n1. Đúng", (Button("1. Đúng", "#d:5:1"),)),
    ]
