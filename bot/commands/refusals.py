"""What a command can refuse, in the one line an operator reads."""

import errno

from bot.settings import SettingsRefused
from dialogs.criteria import CriteriaInvalid
from dialogs.errors import Refused
from storage.backup.archive import BackupDamaged
from storage.backup.restoring import RestoreRefused
from storage.backup.writing import BackupRefused
from storage.criteria_versions import CriteriaChanged
from storage.database import UNAVAILABLE
from storage.migrate import DatabaseUnusable, SchemaRefused, describe
from storage.photos import PhotoStoreError


class CommandRefused(Exception):
    """A command cannot do what it was asked; the text is one line for the operator."""

    code = "command_refused"


ONE_LINE: tuple[type[Exception], ...] = (
    CommandRefused,
    SettingsRefused,
    SchemaRefused,
    DatabaseUnusable,
    CriteriaChanged,
    PhotoStoreError,
    BackupDamaged,
    BackupRefused,
    RestoreRefused,
)


def readable(error: Exception) -> str | None:
    """Return what to tell the operator, or None for a defect of the program.

    Criteria files are the exception to the one line: each of their problems has its own.
    """
    if isinstance(error, (*ONE_LINE, CriteriaInvalid)):
        return str(error)
    if isinstance(error, UNAVAILABLE):
        return describe(error)
    if isinstance(error, Refused):
        return error.code
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or errno.errorcode.get(error.errno, 'system error')}"
    return None
