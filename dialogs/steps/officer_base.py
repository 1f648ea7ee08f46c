"""What the officer's steps share: rights at every step, files by code, opening one."""

from collections.abc import Callable, Mapping

from dialogs import errors
from dialogs.criteria import CriteriaSet
from dialogs.events import Chosen, Event
from dialogs.facts import FindFiles, PlaceOf, WaitingFiles
from dialogs.model import Declaration, File, Officer, Queue, ReturnItem
from dialogs.receipts import ending, read_code, read_ending
from dialogs.review import CORRECTABLE, return_label
from dialogs.rights import may_read
from dialogs.screen import Choice, Lowered, Msg, Screen, Text
from dialogs.steps.base import Choosing, Go, Here

# How many opened files a conversation remembers; an older one has to be opened again.
OPENED_KEPT = 20
# A version no file has: what an officer "saw" of a file never opened.
NEVER_SEEN = 0
# Whoever is no officer any more sees the desk say so, and what was opened is forgotten.
GONE = Go("desk", keep={"opened": {}}, fresh=True)


def officer_of(here: Here) -> Officer:
    """Return the officer, or raise NotOfficer: the right may have ended meanwhile."""
    if here.facts.officer is None:
        raise errors.NotOfficer(Msg("officer.gone"))
    return here.facts.officer


def find_files(here: Here, typed: str) -> tuple[File, ...]:
    """Return the files of the officer's place whose code is or ends with `typed`."""
    officer, wanted = officer_of(here), read_code(typed) or read_ending(typed)
    found = here.find(FindFiles(officer.place, wanted)) if wanted else ()
    return tuple(f for f in found if _visible(officer, f.declaration))


def _visible(officer: Officer, file: Declaration) -> bool:
    # The query kept to the officer's place; a role that reads no files still reads none.
    return file.status in CORRECTABLE and may_read(officer, file.commune, file.village)


def find_file(here: Here, typed: str) -> File:
    """Return the one file meant; among several the only one that waits.

    Raises UnknownFile, or AmbiguousEnding with the files listed.
    """
    files = find_files(here, typed)
    waiting = [f for f in files if f.declaration.status == "submitted"]
    if not files:
        raise errors.UnknownFile(Msg("officer.not_found", {"code": typed}))
    if len(files) > 1 and len(waiting) != 1:
        listed = tuple(_candidate(f) for f in waiting or files)
        raise errors.AmbiguousEnding(Msg("officer.which", {"code": typed, "files": listed}))
    return files[0] if len(files) == 1 else waiting[0]


def _candidate(file: File) -> Text:
    values = {"code": file.declaration.code or "", "name": file.person.name or ""}
    return Msg("officer.candidate", values)


def short_code(here: Here, file: Declaration) -> str:
    """Return the shortest ending that names the file in the officer's queue."""
    code = file.code or ""
    alike = [f.declaration for f in find_files(here, ending(code, ()))]
    return ending(code, [f.code or "" for f in alike if f.status == "submitted"])


def criteria_of(here: Here, file: Declaration) -> CriteriaSet:
    """Return the criteria set the file has pinned."""
    return here.facts.sets[file.criteria]


def is_difficult(here: Here, file: Declaration) -> bool:
    """Tell whether the file's commune is a difficult area, with its lower pass mark."""
    place = here.find(PlaceOf(file.commune))
    return place is not None and place.info.difficult


def reason_inside(item: ReturnItem) -> Text:
    """Return why `item` was asked for, to stand inside a sentence; own words stay as they are."""
    label = return_label(item)
    return Lowered(label) if isinstance(label, Msg) else label


def queue_of(here: Here) -> Queue:
    """Return what waits in the officer's place."""
    return here.find(WaitingFiles(officer_of(here).place))


def seen_version(here: Here, file: Declaration) -> int:
    """Return the version of the file this officer opened last, NEVER_SEEN when none."""
    return here.state.opened.get(str(file.id), NEVER_SEEN)


def opening(here: Here, file: Declaration, *said: Text, version: int | None = None) -> Go:
    """Open the file, saying `said` first; from now on the officer has seen this version."""
    keep = {"opened": _opened(here, file.id, version or file.version)}
    return Go("opened", file.code or "", said=said, keep=keep, fresh=True)


def _opened(here: Here, file: int, version: int) -> Mapping[str, int]:
    others = {key: seen for key, seen in here.state.opened.items() if key != str(file)}
    newest = [*others.items(), (str(file), version)][-OPENED_KEPT:]
    return dict(newest)


def to_desk(*said: Text, arg: str = "") -> Go:
    """Go back to the queue, saying `said` first."""
    return Go("desk", arg, said=said, fresh=True)


def remark(here: Here, *said: Text) -> Go:
    """Say something and leave everything as it is; an open file is not shown all over again."""
    brief = {"brief": True} if here.state.step == "opened" else {}
    return Go(to=None, said=said, hold=brief)


def kindly(here: Here, act: Callable[[], Go], *, leave: bool = False) -> Go:
    """Do `act`; what a rule refuses becomes a line before the present question.

    With `leave` a file that is gone leads back to the desk: the present question was about it.
    """
    try:
        return act()
    except errors.NotOfficer:
        return GONE
    except errors.UnknownFile as unknown:
        away = leave or _is_gone(here)
        return to_desk(unknown.message) if away else remark(here, unknown.message)
    except errors.Refused as refused:
        return remark(here, refused.message)


def _is_gone(here: Here) -> bool:
    """Tell whether the file that is open left the officer's sight meanwhile."""
    return here.state.step == "opened" and not find_files(here, here.state.arg)


class OfficerStep(Choosing):
    """A step of the officer's conversation: nothing is shown or taken without the right to it.

    `up` names where "back" leads; a step about one file has its receipt code first in `arg`.
    """

    def screen(self, here: Here) -> Screen:
        """Return the question; may raise Refused, which is then all that is shown."""
        raise NotImplementedError

    def offered(self, here: Here) -> tuple[Choice, ...]:
        """Return the choices; may raise Refused, then there are none."""
        return ()

    def picked(self, here: Here, choice: str) -> Go:
        """Return what follows a choice; may raise Refused."""
        raise NotImplementedError

    def said(self, here: Here, text: str) -> Go:
        """Return what follows typed words; may raise Refused."""
        return Choosing.take_words(self, here, text)

    def up(self, here: Here) -> Go:
        """Return where "back" leads."""
        return to_desk()

    def show(self, here: Here) -> Screen:
        """Show the question, or only why there is none."""
        try:
            officer_of(here)
            return self.screen(here)
        except errors.Refused as refused:
            return Screen((refused.message,), accepts=("text",))

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Return the choices an officer has here."""
        try:
            officer_of(here)
            return self.offered(here)
        except errors.Refused:
            return ()

    def take(self, here: Here, event: Event) -> Go:
        """Take an answer by somebody who still is an officer."""
        if here.facts.officer is None:
            return GONE
        if isinstance(event, Chosen) and not self.choices(here):
            return to_desk(Msg("stale.choice"))
        return Choosing.take(self, here, event)

    def pick(self, here: Here, choice: str) -> Go:
        """Follow a choice; a refusal is said kindly."""
        return kindly(here, lambda: self.picked(here, choice), leave=True)

    def take_words(self, here: Here, text: str) -> Go:
        """Follow typed words; a refusal is said kindly."""
        return kindly(here, lambda: self.said(here, text), leave=True)

    def explain(self, here: Here) -> tuple[Text, ...]:
        """Say what an officer can type."""
        return (Msg("help.officer" if here.facts.officer else "officer.gone"),)
