"""One form on Zalo and in a real browser: begun there, finished here, told on both."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.seed import VILLAGE
from tests.browser.inspection import LOOKS, inspect
from tests.browser.person import DESKTOP, Person
from tests.browser.zalo import Joined, ZaloChat, joined

Come = Callable[..., Person]


@pytest.fixture(scope="module", params=["zalo_bot", "zalo_oa"])
def both(
    request: pytest.FixtureRequest, seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    """A running demo with a surface of Zalo on, of each kind."""
    with joined(request.param, seeded, tmp_path_factory.mktemp(request.param) / "var") as found:
        yield found


def begin(chat: ZaloChat) -> None:
    """Begin a form by the words of the village's QR code, as far as the second question."""
    chat.say(f"bắt đầu {VILLAGE}", hears="Theo mã QR: tổ 12")
    chat.answer(1, hears="Muốn làm phiếu nào?")
    chat.answer(1, hears="1. Đồng ý")
    chat.answer(1, hears="Họ tên, năm sinh")
    chat.say("Nguyễn Thị Hoa 1965", hears="Câu 1/10")
    chat.answer(3, hears="Câu 2/10")


def at_question(person: Person) -> str:
    """Return the number of the present question as it is shown: "3/10"."""
    words = person.page.locator(".present .steps-words").inner_text()
    (number,) = re.findall(r"\d+/\d+", words)
    return str(number)


def link_in(text: str) -> str:
    """Return the address in a message."""
    return str(re.findall(r"http\S+", text)[0])


def join(person: Person, told: str, way: str) -> None:
    """Take over the form in the browser by what was told on Zalo: the link, or the code typed."""
    if way == "link":
        person.go(link_in(told))
        assert person.page.url == person.url + "/", "the secret leaves the address bar"
    else:
        person.go("/")
        person.say(re.findall(r"nối \d{6}", told)[0])


def finish(person: Person) -> str:
    """Answer from the second question to the receipt; return the receipt code."""
    for number in range(2, 11):
        assert at_question(person) == f"{number}/10"
        person.press(3)
    person.press("none")
    person.press("submit")
    person.say("nộp")
    return person.page.locator(".present .code").inner_text()


def approve(officer: Person, code: str) -> None:
    """Open the file and approve it."""
    officer.say(f"mở {code}")
    officer.say(f"duyệt {code}")


@pytest.mark.parametrize(
    ("both", "way"),
    [("zalo_bot", "link"), ("zalo_oa", "code")],
    indirect=["both"],
    scope="module",
)
def test_a_form_begun_on_zalo_is_finished_in_the_browser_and_told_on_both(
    both: Joined, come: Come, way: str
) -> None:
    chat, citizen = both.meet(), come(both.site.url)
    begin(chat)
    told = chat.say("nối", hears="#join=")
    join(citizen, told, way)
    assert inspect(citizen, "taken over", looks=LOOKS[:2]) == []
    chat.hear("Vừa có kênh khác nối với phiếu này: trang web.")
    code = finish(citizen)
    citizen.press("no")
    officer = come(both.site.url, size=DESKTOP)
    officer.enter(both.site.officer_link())
    approve(officer, code)
    notice = chat.hear("có kết quả")
    told = f'Phiếu …{code[-2:]} có kết quả. Nhắn "kết quả" để xem.'
    assert notice == f"{told}\n1. Xem kết quả"
    citizen.wait_for('.present [data-choice="see"]')
    chat.say("kết quả", hears="đủ điều kiện đề nghị công nhận")
    assert (citizen.troubles, officer.troubles) == ([], [])


def test_behind_a_qr_code_zalo_and_this_page_are_offered(both: Joined, come: Come) -> None:
    person, chat = come(both.site.url), both.meet()
    person.look_at(f"/go/{VILLAGE}")
    place = "Làm phiếu tự đánh giá: tổ 12, phường Hải Châu, TP. Đà Nẵng"
    assert person.page.title() == f"{place} · Khai Học"
    assert person.page.locator("h1").inner_text() == place
    assert inspect(person, "go") == []
    zalo, here = person.page.locator("main a").all()
    assert (zalo.inner_text(), zalo.get_attribute("href")) == (
        "Mở Zalo",
        f"https://zalo.me/{both.account}",
    )
    chat.say(person.page.locator(".to-type").inner_text(), hears="Theo mã QR: tổ 12")
    here.click()
    person.wait_for(".present")
    assert "Theo mã QR: tổ 12" in person.present
    assert person.troubles == []


def test_what_zalo_does_not_give_us_leads_to_the_page_with_the_same_form(
    both: Joined, come: Come
) -> None:
    chat, person, late = both.meet(), come(both.site.url), come(both.site.url)
    begin(chat)
    link = link_in(chat.send_unreadable(hears="#join="))
    person.go(link)
    assert at_question(person) == "2/10"
    person.press(3)
    chat.hear("Vừa có kênh khác nối với phiếu này: trang web.")
    chat.say("tiếp", hears="Câu 3/10")
    late.go(link)
    assert "1. Bắt đầu" not in late.present
    assert late.page.locator(".steps-words").count() == 0
    assert (person.troubles, late.troubles) == ([], [])


@pytest.mark.parametrize("both", ["zalo_bot"], indirect=True, scope="module")
def test_whoever_zalo_hides_from_us_is_led_to_the_page_at_once(both: Joined, come: Come) -> None:
    chat, person = both.meet(), come(both.site.url)
    person.go(link_in(chat.send_unreadable(hears="trang web")))
    assert "Xin chào" in person.present
    assert person.troubles == []
