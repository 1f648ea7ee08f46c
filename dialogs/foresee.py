"""The facts as they will be once a turn's effects are written, so that its answer can show them."""

from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from typing import Any

from dialogs.changes import changed
from dialogs.effects import (
    AcceptInvitation,
    AttachEvidence,
    BeginDeclaration,
    CorrectFile,
    DropEvidence,
    Effect,
    Forget,
    GiveConsent,
    LeavePerson,
    Move,
    NoticeTold,
    RedeemLink,
    SaveAnswer,
    SetPerson,
    SetPlace,
    SetReviewed,
    SettleItem,
    WithdrawConsent,
)
from dialogs.facts import Facts, FindFiles, LinkWord, Need, PlaceOf
from dialogs.model import Consent, Decision, Declaration, Evidence, File, Person, Queue, Reviewed

# Rows get their ids when they are written; until then a new person and draft carry this one.
UNWRITTEN = 0


def foresee(facts: Facts, effects: Sequence[Effect]) -> Facts:
    """Return `facts` with everything `effects` will change for the person at hand."""
    for effect in effects:
        facts = _after(effect, facts)
    return facts


@singledispatch
def _after(effect: object, facts: Facts) -> Facts:
    return facts


@_after.register
def _(effect: BeginDeclaration, facts: Facts) -> Facts:
    draft = Declaration(
        id=UNWRITTEN,
        public_id=effect.public_id,
        title=effect.title,
        period=effect.period,
        criteria=effect.criteria,
        status="draft",
        version=1,
        commune=effect.commune,
        village=effect.village,
        village_text=effect.village_text,
    )
    consent = Consent("declaration", effect.consent.version, facts.now)
    person = facts.person or Person(UNWRITTEN)
    return changed(facts, person=person, declaration=draft, consents=(*facts.consents, consent))


@_after.register
def _(effect: SetPerson, facts: Facts) -> Facts:
    person = Person(effect.person, effect.name, effect.birth_year, effect.settled)
    return changed(facts, person=person)


@_after.register
def _(effect: GiveConsent, facts: Facts) -> Facts:
    consent = Consent(effect.purpose, effect.consent.version, facts.now)
    return changed(facts, consents=(*facts.consents, consent))


@_after.register
def _(effect: WithdrawConsent, facts: Facts) -> Facts:
    left = tuple(c for c in facts.consents if c.purpose != effect.purpose)
    return changed(facts, consents=left)


@_after.register
def _(effect: Forget, facts: Facts) -> Facts:
    return changed(facts, person=None, declaration=None, consents=())


@_after.register
def _(effect: RedeemLink, facts: Facts) -> Facts:
    words = (found for found in facts.found.values() if isinstance(found, LinkWord))
    word = next(word for word in words if word.kept == effect.kept)
    return changed(facts, person=word.person, declaration=word.declaration, consents=word.consents)


@_after.register
def _(effect: LeavePerson, facts: Facts) -> Facts:
    if effect.which == "others":
        return facts
    return changed(facts, person=None, declaration=None, consents=())


@_after.register
def _(effect: AcceptInvitation, facts: Facts) -> Facts:
    return changed(facts, officer=effect.officer)


def _on_own(facts: Facts, declaration: int, **values: object) -> Facts:
    file = facts.declaration
    if file is None or file.id != declaration:
        return facts
    return changed(facts, declaration=changed(file, **values))


@_after.register
def _(effect: SetPlace, facts: Facts) -> Facts:
    values = {
        "commune": effect.commune,
        "village": effect.village,
        "village_text": effect.village_text,
    }
    return _on_own(facts, effect.declaration, **values)


@_after.register
def _(effect: SaveAnswer, facts: Facts) -> Facts:
    file = facts.declaration
    if file is None or file.id != effect.declaration:
        return facts
    answers = {**file.answers, effect.criterion: effect.option}
    return changed(facts, declaration=changed(file, answers=answers))


@_after.register
def _(effect: AttachEvidence, facts: Facts) -> Facts:
    before = facts.declaration.evidence if facts.declaration else ()
    album = effect.album or facts.inbox
    new = tuple(Evidence(i, album, "pending", effect.criterion) for i in effect.ids)
    return _on_own(facts, effect.declaration, evidence=before + new)


@_after.register
def _(effect: DropEvidence, facts: Facts) -> Facts:
    before = facts.declaration.evidence if facts.declaration else ()
    left = tuple(e for e in before if e.id not in effect.ids)
    return _on_own(facts, effect.declaration, evidence=left)


@_after.register
def _(effect: Move, facts: Facts) -> Facts:
    left = _queue_after(facts, effect)
    return _on_file(left, effect.declaration, lambda file: _moved(file, effect))


def _moved(file: Declaration, effect: Move) -> Declaration:
    by, action = effect.by.officer, effect.action
    moved = changed(
        file,
        status=effect.target,
        version=effect.version + 1,
        code=effect.code or file.code,
        submitted_at=effect.at if action == "submit" else file.submitted_at,
    )
    match action:
        case "return":
            moved = changed(moved, items=effect.items, return_by=effect.return_by)
        case "undo" if effect.source == "returned":
            moved = changed(moved, items=(), return_by=None)
    match action:
        case "approve" | "return" | "reject" if by is not None:
            decision = Decision(action, effect.reason, effect.at, by, told=False)
            return changed(moved, decision=decision)
        case "undo":
            return changed(moved, decision=None)
    return moved


def _queue_after(facts: Facts, effect: Move) -> Facts:
    """Take a file that no longer waits out of the queues that were looked up."""
    change = (effect.target == "submitted") - (effect.source == "submitted")

    def after(queue: Queue) -> Queue:
        lines = tuple(line for line in queue.lines if line.id != effect.declaration)
        gone = [line for line in queue.lines if line.id == effect.declaration]
        late = sum(line.days > facts.rules.overdue_days for line in gone)
        waiting = max(0, queue.waiting + change)
        return Queue(waiting, max(0, queue.overdue - late), lines)

    queues = {n: after(a) for n, a in facts.found.items() if isinstance(a, Queue)}
    return changed(facts, found={**facts.found, **queues}) if queues else facts


def _on_file(facts: Facts, declaration: int, change: Callable[[Declaration], Declaration]) -> Facts:
    """Change the person's own file, and the files an officer looked up, where it is this one."""

    def in_file(file: File) -> File:
        if file.declaration.id != declaration:
            return file
        return changed(file, declaration=change(file.declaration))

    own = facts.declaration
    if own is not None and own.id == declaration:
        own = change(own)
    return changed(facts, declaration=own, found=_files_mapped(facts.found, in_file))


def _files_mapped(
    found: Mapping[Need[Any], Any], change: Callable[[File], File]
) -> Mapping[Need[Any], Any]:
    mapped: dict[Need[Any], Any] = {}
    for need, answer in found.items():
        if isinstance(need, FindFiles):
            mapped[need] = tuple(change(file) for file in answer)
        elif isinstance(answer, File):
            mapped[need] = change(answer)
    # A citizen's turn looks up no files: what was found stays the very mapping it is.
    return {**found, **mapped} if mapped else found


@_after.register
def _(effect: SettleItem, facts: Facts) -> Facts:
    items = facts.declaration.items if facts.declaration else ()
    after = tuple(changed(i, settled=True) if i.criterion == effect.criterion else i for i in items)
    return _on_own(facts, effect.declaration, items=after)


@_after.register
def _(effect: NoticeTold, facts: Facts) -> Facts:
    file = facts.declaration
    if file is None or file.decision is None:
        return facts
    return _on_own(facts, effect.declaration, decision=changed(file.decision, told=True))


@_after.register
def _(effect: SetReviewed, facts: Facts) -> Facts:
    given = Reviewed(effect.points, effect.reason)

    def after(file: Declaration) -> Declaration:
        reviewed = {**file.reviewed, effect.criterion: given}
        return changed(file, reviewed=reviewed, version=effect.version + 1)

    return _on_file(facts, effect.declaration, after)


@_after.register
def _(effect: CorrectFile, facts: Facts) -> Facts:
    def after(file: Declaration) -> Declaration:
        village = effect.village or file.village
        return changed(file, village=village, version=effect.version + 1)

    def named(file: File) -> File:
        if file.declaration.id != effect.declaration:
            return file
        village = _village_name(facts, file.declaration.commune, effect.village)
        village = village or file.village_name
        person = file.person
        if effect.name:
            person = changed(person, name=effect.name, settled=True)
        return changed(file, person=person, village_name=village)

    after_all = _on_file(facts, effect.declaration, after)
    return changed(after_all, found=_files_mapped(after_all.found, named))


def _village_name(facts: Facts, commune: str, village: str | None) -> str | None:
    """Return the name of a village code where the turn has looked its commune up."""
    try:
        place = facts.found[PlaceOf(commune)]
    except KeyError:
        return None
    return next((v.name for v in place.villages if v.code == village), None) if place else None
