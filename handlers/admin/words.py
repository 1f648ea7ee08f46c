"""Files in the words of the API: from the rules' values to what callers get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dialogs.criteria import CriteriaSet
from dialogs.model import Declaration, Evidence, File, Officer, ReturnItem
from dialogs.places import commune_label, province_label
from dialogs.review import return_label
from dialogs.review_checks import file_score
from dialogs.rights import DECIDERS, READERS, commune_of
from dialogs.scoring import Score
from dialogs.screen import Text
from handlers.admin import schemas as s
from handlers.admin.ids import officer_id
from handlers.admin.score_words import to_answers, to_criteria, to_score
from handlers.i18n import Words
from handlers.parts import Parts
from storage.audit import Entry

UNCLEAR = ("blurry", "dark", "small")
KEPT = ("clear", *UNCLEAR)
UNKNOWN_VILLAGE = "?"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to put files into words; `difficult` tells which communes' mark is lower."""

    parts: Parts
    difficult: Mapping[str, bool] = field(default_factory=dict)

    def criteria(self, file: Declaration) -> CriteriaSet:
        """Return the criteria the file pinned."""
        return self.parts.sets[file.criteria]

    def score(self, file: Declaration) -> Score:
        """Return the score in force."""
        difficult = self.difficult.get(file.commune, False)
        return file_score(file, self.criteria(file), difficult=difficult)


def texts(words: Words, text: Text) -> s.Texts:
    """Return `text` in every language."""
    return s.Texts(vi=words.text(text, "vi"), en=words.text(text, "en"))


def to_me(parts: Parts, officer: Officer) -> s.Me:
    """Return the officer and what the role allows."""
    commune = parts.index.get(commune_of(officer.place) or "")
    province = parts.index.province(officer.place)
    label = commune_label(commune) if commune else province_label(province) if province else None
    return s.Me(
        id=officer_id(parts, officer.id),
        name=officer.name,
        role=officer.role,
        place=officer.place,
        place_name=texts(parts.words, label) if label else None,
        may_decide=officer.role in DECIDERS,
        may_read_files=officer.role in READERS,
    )


def to_listed(reading: Reading, file: File) -> s.Listed:
    """Return a file as one line of a list."""
    own, score = file.declaration, reading.score(file.declaration)
    return s.Listed(
        id=own.public_id,
        code=own.code or "",
        status=own.status,
        version=own.version,
        title=own.title,
        period=own.period,
        place=_place(reading.parts, file),
        declarant=s.Declarant(
            name=file.person.name, birth_year=file.person.birth_year, settled=file.person.settled
        ),
        submitted_at=own.submitted_at,
        total=score.total,
        pass_mark=score.pass_mark,
        passes=score.passes,
        photos=own.photos,
        unclear_photos=sum(e.verdict in UNCLEAR for e in own.evidence),
        warnings=_warnings(file),
    )


def to_state(reading: Reading, file: File) -> s.FileState:
    """Return where a file stands."""
    own = file.declaration
    return s.FileState(
        id=own.public_id,
        code=own.code or "",
        status=own.status,
        version=own.version,
        total=reading.score(own).total,
        return_by=_return_by(own),
        decision=_decision(reading.parts, own),
    )


def to_file(reading: Reading, file: File, journal: Sequence[Entry]) -> s.FileOut:
    """Return everything a decision needs."""
    own, words, criteria = file.declaration, reading.parts.words, reading.criteria(file.declaration)
    return s.FileOut(
        **dict(to_listed(reading, file)),
        criteria=to_criteria(words, criteria),
        answers=to_answers(words, criteria, own),
        score=to_score(words, criteria, reading.score(own)),
        evidence=[_photo(own.public_id, e) for e in own.evidence],
        asked=[_asked(words, criteria, item) for item in own.items],
        decision=_decision(reading.parts, own),
        return_by=_return_by(own),
        twins=file.twins,
        unsent=_unsent(file),
        history=[_entry(e) for e in journal],
    )


def _unsent(file: File) -> s.UnsentNotice | None:
    found = file.unsent
    if found is None:
        return None
    return s.UnsentNotice(channel=found.channel, reason=found.reason, since=found.since)


def _place(parts: Parts, file: File) -> s.Place:
    own = file.declaration
    commune = parts.index.get(own.commune)
    typed = own.village_text if own.village_text != UNKNOWN_VILLAGE else None
    return s.Place(
        commune=own.commune,
        commune_name=texts(parts.words, commune_label(commune) if commune else own.commune),
        village=own.village,
        village_name=file.village_name,
        typed=typed if own.village is None else None,
    )


def _warnings(file: File) -> list[s.Warning]:
    own = file.declaration
    found: list[s.Warning] = []
    if not file.person.settled:
        found.append("name_unsettled")
    if own.village is None:
        unknown = own.village_text in (None, UNKNOWN_VILLAGE)
        found.append("village_missing" if unknown else "village_typed")
    if file.twins:
        found.append("twins")
    return found


def _photo(file: str, photo: Evidence) -> s.Photo:
    url = f"/api/v1/declarations/{file}/evidence/{photo.id}"
    kept = photo.verdict in KEPT
    return s.Photo(
        id=photo.id,
        criterion=photo.criterion,
        verdict=photo.verdict,
        reason=photo.reason,
        url=url if kept else None,
        thumb_url=f"{url}?size=thumb" if kept else None,
    )


def _asked(words: Words, criteria: CriteriaSet, item: ReturnItem) -> s.Asked:
    return s.Asked(
        criterion=item.criterion,
        number=criteria.indicator(item.criterion).number,
        reason=item.reason,
        words=texts(words, return_label(item)),
        needs=item.needs,
        settled=item.settled,
    )


def _decision(parts: Parts, file: Declaration) -> s.Made | None:
    made = file.decision
    if made is None:
        return None
    until = made.at + timedelta(seconds=parts.rules.notice_seconds)
    return s.Made(
        action=made.action,
        reason=made.reason,
        at=made.at,
        told=made.told,
        undo_until=None if made.told else until,
    )


def _return_by(file: Declaration) -> date | None:
    return file.return_by if file.status == "returned" else None


def _entry(entry: Entry) -> s.Entry:
    return s.Entry(
        at=entry.at,
        action=entry.action,
        officer=entry.officer,
        via=entry.via,
        source=entry.source,
        target=entry.target,
        details=dict(entry.details),
    )
