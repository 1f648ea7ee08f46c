"""A broken network, a broken server, two tabs: nothing said is lost, and nothing is said twice."""

from collections.abc import Callable

from playwright.sync_api import Route

from tests.browser.inspection import inspect
from tests.browser.ledger import count_kept, last_event
from tests.browser.person import DESKTOP, Person
from tests.browser.site import Site
from tests.browser.story import (
    SPOKEN,
    answer_all,
    arrive,
    declare,
    name_oneself,
    sharp,
    unclear,
)

Come = Callable[..., Person]
WORDS = SPOKEN["vi"]


def unseen(_name: str, _person: Person) -> None:
    """Look at nothing: the walk's screens are inspected in test_walk."""


def to_questions(person: Person) -> None:
    """Go to the first question."""
    arrive(person, WORDS, unseen)
    name_oneself(person, unseen)


def to_photos(person: Person) -> None:
    """Go to the question about photos."""
    to_questions(person)
    answer_all(person, WORDS, unseen)


def tap(person: Person, number: int) -> str:
    """Tap a choice without waiting for an answer; return the event id it is sent under."""
    person.choices.nth(number - 1).click()
    return last_event(person)


def asks(step: int) -> str:
    """Return the selector of the present question when it is the one with this number."""
    return f".present .steps-words:has-text('{step}/10')"


def test_an_answer_given_offline_is_kept_and_sent_once(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_questions(person)
    person.page.context.set_offline(True)
    sent = tap(person, 3)
    person.wait_for("#net .net-row")
    person.wait_for(".mine.waits .state:not(:empty)")
    assert inspect(person, "offline") == []
    drawn = "document.querySelector('#net use').getBBox().width"
    assert person.page.evaluate(drawn) > 0, "the bar's icon is there without a network"
    assert count_kept(shared_site, sent) == 0
    person.page.context.set_offline(False)
    person.wait_for(asks(2))
    person.page.locator("#net .net-row").wait_for(state="detached")
    assert person.page.locator(".mine.waits").count() == 0
    assert count_kept(shared_site, sent) == 1


def test_an_answer_whose_reply_was_lost_is_not_taken_twice(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_questions(person)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    person.page.route("**/chat/events", lose, times=1)
    sent = tap(person, 3)
    person.wait_for(asks(2))
    assert count_kept(shared_site, sent) == 1
    said = person.page.locator(".ours .text").all_inner_texts()
    assert len(said) == len(set(said))


def test_a_killed_server_comes_back_and_the_page_goes_on_by_itself(site: Site, come: Come) -> None:
    person = come(site.url)
    to_questions(person)
    person.press(3)
    site.kill()
    sent = tap(person, 3)
    person.wait_for("#net .net-row")
    site.start()
    person.wait_for(asks(3))
    person.page.locator("#net .net-row").wait_for(state="detached")
    assert count_kept(site, sent) == 1
    person.press(3)
    person.wait_for(asks(4))


def test_an_answer_that_could_not_leave_survives_the_page_being_closed(
    shared_site: Site, come: Come
) -> None:
    person = come(shared_site.url)
    to_questions(person)
    person.page.route("**/chat/events", lambda route: route.abort())
    sent = tap(person, 3)
    person.wait_for(".mine.waits")
    later = Person.join(person.page.context, shared_site.url)
    person.page.close()
    later.go("/")
    later.wait_for(asks(2))
    assert count_kept(shared_site, sent) == 1


def test_an_interrupted_upload_is_sent_again_by_itself(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_photos(person)
    person.page.route("**/chat/photos", lambda route: route.abort(), times=1)
    person.choose_photos(sharp(), unclear())
    person.page.click("#send-photos")
    sent = last_event(person)
    person.wait_for('.present [data-choice="keep"]')
    assert count_kept(shared_site, sent) == 1


def test_photos_chosen_offline_survive_a_reload(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_photos(person)
    person.page.route("**/chat/photos", lambda route: route.abort())
    person.choose_photos(sharp(), unclear())
    person.page.click("#send-photos")
    sent = last_event(person)
    person.wait_for(".mine.waits")
    person.page.reload()
    person.wait_for(".mine.waits .thumb")
    person.page.unroute("**/chat/photos")
    person.wait_for('.present [data-choice="keep"]')
    assert count_kept(shared_site, sent) == 1


def test_a_slow_verdict_comes_by_itself(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_photos(person)

    def take_long(route: Route) -> None:
        route.fetch()
        route.fulfill(status=202, json={"screens": [], "pending": True})

    person.page.route("**/chat/photos", take_long, times=1)
    person.choose_photos(sharp(), unclear())
    person.page.click("#send-photos")
    person.wait_for('.present [data-choice="keep"]')


def test_a_second_tab_follows_the_first(shared_site: Site, come: Come) -> None:
    first = come(shared_site.url)
    to_questions(first)
    second = Person.join(first.page.context, shared_site.url)
    second.go("/")
    first.press(3)
    second.wait_for(f'.present[data-screen="{first.screen}"]')
    second.press(3)
    first.wait_for(f'.present[data-screen="{second.screen}"]')
    assert first.present == second.present
    assert (first.troubles, second.troubles) == ([], [])


def test_a_tab_that_heard_nothing_for_a_while_hears_everything_after(
    shared_site: Site, come: Come
) -> None:
    first = come(shared_site.url)
    to_questions(first)
    second = Person.join(first.page.context, shared_site.url)
    second.page.route("**/chat/screens**", lambda route: route.abort())
    second.go("/")
    first.press(3)
    missed = first.screen
    first.press(3)
    second.page.unroute("**/chat/screens**")
    second.wait_for(f'.present[data-screen="{first.screen}"]')
    second.wait_for(f'[data-screen="{missed}"]')


def test_a_notice_keeps_the_open_question_open_below_it(shared_site: Site, come: Come) -> None:
    citizen, officer = come(shared_site.url), come(shared_site.url, size=DESKTOP)
    code = declare(citizen, WORDS, unseen)
    citizen.say(WORDS.my_data)
    citizen.press("erase")
    asked = citizen.present.split("\n")[-1]
    officer.enter(shared_site.officer_link())
    officer.say(WORDS.open.format(code))
    officer.press("approve")
    citizen.wait_for(f'.ours .text:has-text("…{code[-2:]}")')
    assert citizen.present.split("\n")[-1] == asked
    citizen.say("0")
    citizen.wait_for('.present [data-choice="erase"]')


def test_an_answer_to_a_question_that_another_tab_answered_changes_nothing(
    shared_site: Site, come: Come
) -> None:
    first = come(shared_site.url)
    to_questions(first)
    second = Person.join(first.page.context, shared_site.url)
    second.page.route("**/chat/screens**", lambda route: route.abort())
    second.go("/")
    first.press(3)
    second.press(1)
    second.wait_for(asks(2))
    assert second.present.endswith(first.present.split("\n")[-1])


def test_a_lost_cookie_is_mended_with_the_kept_link(shared_site: Site, come: Come) -> None:
    person = come(shared_site.url)
    to_questions(person)
    person.page.context.clear_cookies()
    sent = tap(person, 3)
    person.wait_for(asks(2))
    assert count_kept(shared_site, sent) == 1
    assert person.page.context.cookies(f"{shared_site.url}/chat") != []


def test_the_servers_refusal_is_said_in_the_language_of_the_page(
    shared_site: Site, come: Come
) -> None:
    person = come(shared_site.url, tongue="vi")
    person.go("/")
    person.speak("en")
    said = person.page.evaluate(
        """async () => {
          const { sendEvent } = await import("/static/api.js");
          return sendEvent({}).catch(problem => problem.detail);
        }"""
    )
    assert said == 'The part "body" could not be read.'
