"""Answers and points in the words of the API, line by line."""

from dialogs.criteria import CriteriaSet
from dialogs.model import Declaration
from dialogs.scoring import Score, ScoreLine
from dialogs.screen import Localised
from handlers.admin import schemas as s
from handlers.i18n import Words


def to_criteria(words: Words, criteria: CriteriaSet) -> s.Criteria:
    """Return which criteria a file is judged by."""
    return s.Criteria(
        version=criteria.version, name=_texts(words, criteria.name), status=criteria.status
    )


def to_answers(words: Words, criteria: CriteriaSet, file: Declaration) -> list[s.Answered]:
    """Return the answers in asking order; one left to the officer has no option."""
    return [
        _answer(words, criteria, code, file.answers[code])
        for code in criteria.codes
        if code in file.answers
    ]


def _answer(words: Words, criteria: CriteriaSet, code: str, option: int) -> s.Answered:
    indicator = criteria.indicator(code)
    chosen = indicator.options[option] if 0 <= option < len(indicator.options) else None
    return s.Answered(
        criterion=code,
        number=indicator.number,
        question=_texts(words, indicator.ask),
        option=option + 1 if chosen else None,
        answer=_texts(words, chosen.text) if chosen else None,
    )


def to_score(words: Words, criteria: CriteriaSet, score: Score) -> s.Score:
    """Return the sum, its groups and its lines."""
    return s.Score(
        total=score.total,
        self_total=score.self_total,
        max=criteria.total,
        pass_mark=score.pass_mark,
        floor=criteria.floor,
        passes=score.passes,
        groups=[
            s.Group(
                id=group.id,
                name=_texts(words, criteria.group(group.id).name),
                points=group.points,
                max=group.max,
            )
            for group in score.groups
        ],
        lines=[_line(words, criteria, line) for line in score.lines],
    )


def _line(words: Words, criteria: CriteriaSet, line: ScoreLine) -> s.Line:
    return s.Line(
        criterion=line.code,
        number=line.number,
        group=line.group,
        short=_texts(words, criteria.indicator(line.code).short),
        self_points=line.self_points,
        reviewed_points=line.reviewed_points,
        points=line.points,
        max=line.max,
        below_floor=line.below_floor,
        unsettled=line.provisional or line.missing,
        reason=line.reason,
    )


def _texts(words: Words, text: Localised) -> s.Texts:
    return s.Texts(vi=words.text(text, "vi"), en=words.text(text, "en"))
