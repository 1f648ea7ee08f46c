"""What stands about each question of a criteria set: made once, the same objects for everybody.

So a turn looks a question up instead of putting it together, and a channel may remember how it
looks. Nothing of a person is in here. It took a third off the time of a decision.
"""

from collections.abc import Mapping

from dialogs.answers import Option
from dialogs.changes import Record, remembered
from dialogs.criteria import CriteriaSet, Indicator
from dialogs.screen import Choice, Fixed, Lowered, Msg, Progress, Screen, Standing, Text

# An exposed question may be left to a talk with the officer: no option, 0 points until reviewed.
LEFT_TO_OFFICER = -1
LEAVING = Choice("left", Msg("criterion.left"))
EXPLAIN_HINT = Msg("hint.back_explain")


class Asked(Record, frozen=True):
    """One question. `labels` are the words of a choice by its id, `noted` what follows its choice.

    `levels` are the options without leaving it to the officer; `screen` asks for the first time.
    """

    indicator: Indicator
    can_be_left: bool
    levels: tuple[Option, ...]
    labels: Mapping[str, Text]
    noted: Mapping[str, Text]
    screen: Screen


def answer_text(indicator: Indicator, option: int) -> Text:
    """Return the words of an answer."""
    return LEAVING.label if option == LEFT_TO_OFFICER else indicator.options[option].text


def answer_of(choice: str) -> int:
    """Return the option that a choice's id stands for."""
    return LEFT_TO_OFFICER if choice == LEAVING.id else int(choice)


@remembered
def questions_of(criteria: CriteriaSet) -> Mapping[str, Asked]:
    """Return the questions of a set by the codes of their indicators."""
    return {i.code: _asked(i, len(criteria.indicators)) for i in criteria.indicators}


def _asked(indicator: Indicator, of: int) -> Asked:
    can_be_left = indicator.exposed and not any(o.provisional for o in indicator.options)
    levels = tuple(Choice(str(n), o.text) for n, o in enumerate(indicator.options))
    choices = (*levels, LEAVING) if can_be_left else levels
    return Asked(
        indicator,
        can_be_left,
        tuple(_spoken(indicator, n) for n in range(len(levels))),
        {choice.id: choice.label for choice in choices},
        {choice.id: _noted(choice.label) for choice in choices},
        Screen(
            (indicator.ask,),
            choices,
            accepts=("choice", "text", "number"),
            progress=Progress(indicator.number, of),
            note=EXPLAIN_HINT,
            standing=Standing(indicator.code),
        ),
    )


def _spoken(indicator: Indicator, option: int) -> Option:
    """Return a level as people say it, in every language, with its points."""
    level = indicator.options[option]
    wordings = (*(text for _, text in level.text.texts), *level.aliases)
    return Option(str(option), wordings, level.points)


def _noted(answer: Text) -> Text:
    """Return what says that an answer was taken: in words, never in points."""
    return Fixed(Msg("answer.noted", {"answer": Lowered(answer)}))
