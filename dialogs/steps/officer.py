"""The officer's steps in one list for the registry."""

from dialogs.steps.officer_base import OfficerStep
from dialogs.steps.officer_desk import Desk
from dialogs.steps.officer_opened import Opened
from dialogs.steps.officer_reasons import RejectReason, ScoreReason
from dialogs.steps.officer_returning import Returning, ReturnReason, ReturnWords

OFFICER_STEPS: tuple[OfficerStep, ...] = (
    Desk(),
    Opened(),
    Returning(),
    ReturnReason(),
    ReturnWords(),
    RejectReason(),
    ScoreReason(),
)
