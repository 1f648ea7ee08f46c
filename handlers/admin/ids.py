"""Ids of officers in addresses: the row's number, sealed so that nobody can guess another's."""

import re

from handlers.admin.cursor import BadCursor, read_cursor, write_cursor
from handlers.parts import Parts
from storage.credentials import ID_LENGTH

PURPOSE = "officer-id"
_TOKEN = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}", re.ASCII)


def officer_id(parts: Parts, number: int) -> str:
    """Return the id by which the API speaks of an officer: 22 characters, always the same."""
    return write_cursor(parts.secret(PURPOSE), number)


def read_officer_id(parts: Parts, id: str) -> int | None:
    """Return the officer's row number, None for what is no id of this installation."""
    try:
        return read_cursor(parts.secret(PURPOSE), id)
    except BadCursor:
        return None


def is_token_id(text: str) -> bool:
    """Tell whether `text` can name an API token."""
    return _TOKEN.fullmatch(text) is not None
