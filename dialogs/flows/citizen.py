"""The citizen's way: from a QR code to the receipt, and everything that may happen on it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from dialogs.changes import changed
from dialogs.commands import Command
from dialogs.effects import Forget, NoticeTold, Show
from dialogs.errors import Refused
from dialogs.events import Cut, Linked, NoticeDue, Opened, PhotoSettled, PhotosSent, Unsupported
from dialogs.facts import PlaceOf
from dialogs.flows.base import Flow, Happening
from dialogs.model import Declaration
from dialogs.review import withdraw
from dialogs.screen import Msg, Screen, Text
from dialogs.steps.asked import questions_of
from dialogs.steps.base import Go, Here, Step, again
from dialogs.steps.entering import entering
from dialogs.steps.holding import stop_messages
from dialogs.steps.linking import joining, link_news, offering, unlinking
from dialogs.steps.photos import album_lines, is_answerable, photo_settled
from dialogs.steps.standing import closed, notice_line, shown_status, why_lines
from dialogs.steps.starting import chosen_offer
from dialogs.steps.submitting import submitted
from dialogs.steps.summing import edit_line
from dialogs.steps.taking import refuse_photos, take_photos
from dialogs.steps.unsupported import unsupported
from dialogs.steps.years import OF_OPEN_DRAFTS, is_closed, is_over

# Questions at which nothing is open: a notice may lead on from them.
AT_REST = ("home", "receipt", "supplement", "notice")
# Questions about a draft: where another conversation handed it in they are over.
OF_DRAFTS = OF_OPEN_DRAFTS - {"home"}


@dataclass(frozen=True, slots=True)
class CitizenFlow(Flow):
    """What is not known yet is asked next; what is known is never asked again."""

    tag: ClassVar[str] = "citizen"
    audience: ClassVar[Literal["citizen", "officer"]] = "citizen"

    def next(self, here: Here) -> tuple[str, str]:
        """Return the first question without an answer."""
        file = here.facts.declaration
        if file is None:
            return _before_file(here)
        if here.facts.person is None or here.facts.person.name is None:
            return "name", ""
        if shown_status(file) == "returned":
            return _supplementing(file)
        if file.status != "draft":
            return "home", ""
        if place := _place_question(here):
            return place
        for code in questions_of(here.criteria):
            if code not in file.answers:
                return ("carried" if code in here.state.carried else "criterion"), code
        return ("summary" if here.state.photos_asked or file.photos else "photos"), ""

    def instead(self, here: Here, tag: str) -> str:
        """A draft of a closed period is not worked on: what can be done with it is said."""
        return "over" if tag in OF_OPEN_DRAFTS and is_over(here) else tag

    def is_passed(self, here: Here) -> bool:
        """A person may stand at an old question here while the file went on elsewhere."""
        file, state = here.facts.declaration, here.state
        if file is None:
            return False
        # A blurry photo may be one that was asked for, of a file that was returned.
        if state.step == "photo_check" and shown_status(file) == "returned":
            return False
        if state.step in OF_DRAFTS:
            return file.status != "draft"
        if state.step == "supplement":
            return shown_status(file) != "returned"
        return state.step == "consent" and (state.title, state.period) == (file.title, file.period)

    def open(self, here: Here, event: Opened) -> Go:
        """Take the place of a QR code and a wished language; go on where the person stopped."""
        if event.join is not None:
            return joining(here, event.join)
        keep: dict[str, str | None] = {"locale": event.locale} if event.locale else {}
        if here.state.step in OF_OPEN_DRAFTS and is_over(here):
            return Go("over", keep=keep)
        if event.place is None or here.facts.declaration is not None:
            return Go(to=None, keep=keep)
        place = here.find(PlaceOf(event.place))
        if place is None:
            return Go(to=None, keep=keep, said=(Msg("hello.unknown_code"),))
        # A village that was closed is no longer offered: it is asked for anew.
        village = place.village.code if place.village in place.villages else None
        chosen = {"place": place.commune.code, "village": village, "village_text": None}
        return Go("hello", keep={**keep, **chosen, "by_code": True}, fresh=True)

    def photos(self, here: Here, event: PhotosSent) -> Go:
        """Photos may come at any question while the file is open."""
        if is_over(here):
            told = Msg("over.no_photos", {"year": str(here.declaration.period)})
            return refuse_photos(here, event, told, to="over")
        return take_photos(here, event)

    def unsupported(self, here: Here, step: Step, event: Unsupported) -> Go:
        """Say what can be sent instead; our page takes what this channel does not."""
        return unsupported(here, step, event)

    def erasure(self, here: Here) -> Go:
        """Erase at once: whoever asked the platform is asked no more."""
        person = here.facts.person
        erased = Forget(person.id if person else None, "erased")
        return Go(effects=(erased,), said=(Msg("erase.done"),))

    def happen(self, here: Here, event: Happening) -> Go:
        """Answer an album, tell a decision; files waiting are no citizen's business."""
        match event:
            case PhotoSettled():
                return self._photo(here, event)
            case NoticeDue():
                return self._notice(here, event)
            case Linked(channel=channel, joined=joined):
                return _remark(link_news(here, channel=channel, joined=joined))
            case Cut():
                return _remark(Msg("unlink.cut"))
        return Go(to=None, quiet=True)

    def command(self, here: Here, command: Command) -> Go:
        """Follow a command."""
        try:
            return self._command(here, command)
        except Refused as refused:
            return again(refused.message)

    def _command(self, here: Here, command: Command) -> Go:
        file = here.facts.declaration
        match command.name:
            case "back":
                said = () if here.state.trail else (Msg("back.none"),)
                return Go(back=bool(here.state.trail), to=None, said=said)
            case "start" | "continue":
                return Go()
            case "menu" | "cancel":
                return Go("home" if file else "hello", fresh=True)
            case "language":
                return Go("language")
            case "stop_messages":
                return stop_messages(here)
            case "link":
                return joining(here, command.argument) if command.argument else offering(here)
            case "unlink":
                return unlinking(here)
            case "join":
                return entering(here, command)
            case "login":
                return again(Msg("officer.by_link"))
            case "mydata" | "erase":
                return Go("mydata" if here.facts.person is None else command.name)
        return again(Msg("status.none")) if file is None else self._of_file(here, file, command)

    def _of_file(self, here: Here, file: Declaration, command: Command) -> Go:
        match command.name:
            case "status":
                return Go("home", fresh=True)
            case "why" if any(code not in file.answers for code in here.criteria.codes):
                return again(Msg("why.not_yet"))
            case "why":
                return Go(to="home", said=why_lines(here), fresh=True)
            case "edit":
                return self._edit(here, file, command)
            case "submit":
                return self._submit(here, file)
            case "withdraw":
                return self._withdraw(here, file)
        return again(miss=True)

    def _edit(self, here: Here, file: Declaration, command: Command) -> Go:
        if file.status != "draft":
            return again(Msg(f"edit.{closed(file)}"))
        indicators = {i.number: i.code for i in here.criteria.indicators}
        code = command.argument or indicators.get(command.number or 0)
        return edit_line(here, code) if code else Go("edit")

    def _submit(self, here: Here, file: Declaration) -> Go:
        if is_over(here):
            return Go("over")
        if here.state.step not in ("submit", "summary"):
            done = shown_status(file) == "submitted"
            return again(Msg("submit.already" if done else "submit.not_here"))
        if here.state.step == "summary":
            return Go("submit")
        if file.waits_for_photos:
            return Go(to=None, keep={"submitting": True})
        return submitted(here)

    def _withdraw(self, here: Here, file: Declaration) -> Go:
        if file.status != "submitted":
            # Why not is not said: a decision counts once its notice has left.
            told = again(Msg("withdraw.not_now"))
            return changed(told, to="home") if here.state.step == "withdraw" else told
        if here.state.step != "withdraw":
            return Go("withdraw")
        effects = withdraw(file, now=here.facts.now)
        done = Msg("withdraw.done_over" if is_closed(here, file) else "withdraw.done")
        return Go("summary", effects=effects, said=(done,), fresh=True)

    def _photo(self, here: Here, event: PhotoSettled) -> Go:
        file = here.facts.declaration
        go = photo_settled(here, event)
        waits = file is None or file.waits_for_photos or not is_answerable(here, event)
        if waits or not here.state.submitting:
            return go
        try:
            done = submitted(here)
            said = (*album_lines(here, event.album), *done.said)
            reply_to = None if event.elsewhere else event.album
            return changed(done, said=said, reply_to=reply_to, keep={**done.keep, **go.keep})
        except Refused as refused:
            return again(refused.message)

    def _notice(self, here: Here, event: NoticeDue) -> Go:
        file = here.facts.declaration
        if file is None or file.id != event.declaration or file.decision is None:
            return Go(to=None, quiet=True)
        told = (NoticeTold(file.id),)
        if here.state.step in AT_REST or self.is_passed(here):
            onward = "" if file.status == "returned" else "notice"
            return Go(onward, effects=told, fresh=True)
        return Go(to=None, effects=told, said=(notice_line(here),))


def _remark(*said: Text) -> Go:
    """Say something beside the open question, which stays as it is."""
    return Go(to=None, effects=(Show(Screen(said, accepts=()), None),), quiet=True)


def _before_file(here: Here) -> tuple[str, str]:
    if place := _place_question(here):
        return place
    return ("consent" if chosen_offer(here) else "title"), ""


def _place_question(here: Here) -> tuple[str, str] | None:
    place = here.place()
    if place is None:
        return "place", ""
    return None if place.village or here.village_text else ("village", "")


def _supplementing(file: Declaration) -> tuple[str, str]:
    left = next((i for i in file.items if not i.settled), None)
    return ("supplement", left.criterion) if left else ("home", "")
