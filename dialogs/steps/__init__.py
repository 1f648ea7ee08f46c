"""The registry of questions: one line each, by the stable tag that states keep."""

from collections.abc import Mapping

from dialogs.steps.base import Step
from dialogs.steps.consenting import Consenting, Farewell, Receipt
from dialogs.steps.holding import Erase, MyData
from dialogs.steps.identity import BirthYear, Name, NamePick, YearPick
from dialogs.steps.linking import Linking, Unlinking
from dialogs.steps.officer import OFFICER_STEPS
from dialogs.steps.photos import PhotoCheck, Photos
from dialogs.steps.questions import Confirming, Question
from dialogs.steps.standing import Home, Notice, Withdraw
from dialogs.steps.starting import Hello, InVillage, Language, Place, PlacePick, Title
from dialogs.steps.summing import Edit, Submit, Summary
from dialogs.steps.supplement import Supplement
from dialogs.steps.years import Carried, Over

CITIZEN_STEPS: tuple[Step, ...] = (
    Hello(),
    Language(),
    Place(),
    PlacePick(),
    InVillage(),
    Title(),
    Consenting(),
    Name(),
    BirthYear(),
    YearPick(),
    NamePick(),
    Question(),
    Carried(),
    Confirming(),
    Photos(),
    PhotoCheck(),
    Summary(),
    Edit(),
    Submit(),
    Receipt(),
    Home(),
    Over(),
    Notice(),
    Supplement(),
    Withdraw(),
    MyData(),
    Erase(),
    Linking(),
    Unlinking(),
    Farewell(),
)
STEPS: Mapping[str, Step] = {step.tag: step for step in (*CITIZEN_STEPS, *OFFICER_STEPS)}
