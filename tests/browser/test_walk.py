"""The main job in a real browser, in both languages, every screen inspected in every look."""

from collections.abc import Callable

import pytest

from bot.seed import VILLAGE
from tests.browser import story
from tests.browser.inspection import inspect
from tests.browser.person import DESKTOP, PHONE, Person, Tongue
from tests.browser.site import Site
from tests.browser.story import SPOKEN

Come = Callable[..., Person]


class Witness:
    """Inspects each screen it is shown, once, and keeps what is wrong."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.wrong: list[str] = []
        self.seen: list[str] = []

    def see(self, name: str, person: Person) -> None:
        """Inspect the screen called `name`."""
        self.seen.append(name)
        self.wrong += inspect(person, name)
        if person.lang != self.tongue:
            self.wrong.append(f"{name}: the page calls itself {person.lang}")


@pytest.mark.parametrize("tongue", ["vi", "en"])
def test_a_declaration_is_made_mended_approved_and_told(
    shared_site: Site, come: Come, tongue: Tongue
) -> None:
    words, witness = SPOKEN[tongue], Witness(tongue)
    citizen = come(shared_site.url, tongue=tongue)
    officer = come(shared_site.url, tongue=tongue, size=DESKTOP)
    code = story.declare(citizen, words, witness.see)
    link = shared_site.officer_link()
    story.ask_for_more(officer, words, witness.see, link=link, code=code)
    story.mend(citizen, witness.see)
    story.approve(officer, words, witness.see, code=code)
    story.learn(citizen, words, witness.see)
    assert "8/10" in citizen.present
    story.vanish(citizen, words, witness.see)
    assert witness.wrong == []
    assert (citizen.troubles, officer.troubles) == ([], [])


@pytest.mark.parametrize("tongue", ["vi", "en"])
def test_every_other_turning_is_as_accessible(
    shared_site: Site, come: Come, tongue: Tongue
) -> None:
    witness = Witness(tongue)
    citizen = come(shared_site.url, tongue=tongue)
    story.stray(citizen, SPOKEN[tongue], witness.see)
    assert witness.wrong == []


def test_the_first_steps_need_no_pointer(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    person.go(f"/go/{VILLAGE}")
    keys = person.page.keyboard
    assert person.focused == "main"
    keys.press("1")
    person.wait_for('.present [data-choice="citizen"]')
    assert "present" in person.focused
    keys.press("Tab")
    assert person.focused == "citizen"
    keys.press("Enter")
    person.wait_for('.present [data-choice="agree"]')
    keys.press("Tab")
    assert person.focused == "agree"
    keys.press("Space")
    person.wait_answer()
    person.page.focus("#answer")
    keys.type("nguyen thi hoa 65")
    keys.press("Enter")
    person.wait_for('.present [data-choice="name0"]')
    assert person.focused == "answer"


def test_the_skip_link_shows_itself_and_leads_to_the_answer(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    person.go("/")
    person.page.focus(".skip")
    box = person.page.locator(".skip").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 40
    person.page.keyboard.press("Enter")
    assert person.focused == "answer"


def to_third_question(person: Person) -> None:
    """Go quickly to the third question."""
    person.go(f"/go/{VILLAGE}")
    for step in ("start", "citizen", "agree"):
        person.press(step)
    person.say("Nguyễn Văn An 1965")
    while not person.page.locator(".present .steps").count():
        person.press(1)
    person.press(3)
    person.press(3)


def test_hints_are_buttons_and_only_answers_can_be_mended(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_third_question(person)
    third, mended = person.present, person.page.locator(".edit").count()
    person.page.click('[data-hint="?"]')
    person.wait_answer()
    assert person.mine[-1] == "?"
    assert person.present.endswith(third.split("\n")[-1])
    person.page.click('[data-hint="0"]')
    person.wait_for('.present .steps-words:has-text("2/10")')
    assert person.mine[-1] == "quay lại"
    assert person.page.locator(".edit").count() == mended


def test_a_reload_goes_on_at_the_same_question(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_third_question(person)
    before = (person.screen, person.present, person.mine)
    person.page.fill("#answer", "đang gõ dở")
    person.page.reload()
    person.wait_for(".present")
    assert (person.screen, person.present, person.mine) == before
    assert person.page.input_value("#answer") == "đang gõ dở"


def test_the_kept_link_goes_on_in_another_browser(shared_site: Site, come: Come) -> None:
    first, second = come(shared_site.url), come(shared_site.url)
    to_third_question(first)
    first.page.click("#keep-open")
    link = first.page.input_value("#keep-link")
    second.go(link)
    assert (second.screen, second.present, second.mine) == (
        first.screen,
        first.present,
        first.mine,
    )
    assert second.page.url == shared_site.url + "/"
    second.press(3)
    first.wait_for(f'.present[data-screen="{second.screen}"]')


DEFECTS = {
    "color-contrast": "document.querySelector('.present .text').style.color = '#bbb'",
    "button-name": "document.getElementById('send').removeAttribute('aria-label')",
    "too small to tap": "document.getElementById('send').style.minHeight = '30px'",
    "scrolls sideways": "document.querySelector('.log').style.width = '900px'",
    "asked": "document.getElementById('page').scrollTop = 0",
}


def test_the_inspection_sees_planted_defects(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_third_question(person)
    for found, defect in DEFECTS.items():
        assert inspect(person, "sound", looks=[(PHONE, "light")]) == []
        person.page.evaluate(f"() => {{ {defect}; }}")
        wrong = inspect(person, "planted", looks=[(PHONE, "light")])
        assert wrong != []
        assert [line for line in wrong if found not in line] == []
        person.page.reload()
        person.wait_for(".present")


def test_enlarged_text_never_scrolls_sideways(shared_site: Site, come: Come) -> None:
    """200 % and 400 % of a 1366 px screen, and 320 CSS px, the narrowest that WCAG 1.4.10 names."""
    person = come(shared_site.url)
    to_third_question(person)
    for size in ((683, 384), (341, 192), (320, 640)):
        person.resize(size)
        assert inspect(person, "question", looks=[(size, "light")]) == []
    person.say("nguyen" * 60)
    assert inspect(person, "long word", looks=[(person.size, "light")]) == []


def test_the_language_switch_changes_the_whole_page_and_keeps_what_is_typed(
    shared_site: Site, come: Come
) -> None:
    person = come(shared_site.url, size=PHONE)
    to_third_question(person)
    person.page.fill("#answer", "x")
    person.speak("en")
    person.wait_for('.present:has-text("read")')
    assert "learning titles" in person.page.title()
    assert person.page.input_value("#answer") == "x"
