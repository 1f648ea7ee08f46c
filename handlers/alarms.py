"""Alarms: log events with stable names that should wake an operator.

Each has its line in the runbook of docs/operate.md, under a heading that is its name. `bot.logs`
marks every event of this table, wherever it is logged, with `alarm` and `runbook`.
"""

from collections.abc import Mapping
from types import MappingProxyType

RUNBOOK = "docs/operate.md"
# name -> what has happened, in a few words
ALARMS: Mapping[str, str] = MappingProxyType(
    {
        "dead_letter": "a message could not be answered",
        "stuck_conversation": "a message waits though the loops run",
        "queue_old": "the oldest waiting message, photo or job is too old",
        "disk_almost_full": "uploads and commits are about to fail",
        "database_unavailable": "the database cannot be used",
        "clock_back": "the clock was set back",
        "unclean_stop": "this process or another was killed",
        "photo_store_away": "the photo store cannot be written",
        "message_refused": "a platform refuses a message of ours for good",
        "sending_needs_human": "an account may not send until somebody mends its settings",
        "sending_failed": "sending met a defect of the program",
        "link_guessing": "somebody tries linking codes; six-digit ones rest",
        "loop_failed": "a loop of the program failed and was started again",
        "request_failed": "a request met a defect of the program",
        "zalo_consent_needed": "nothing goes to the Zalo account until somebody consents again",
        "webhook_refused": "a call of a webhook had a wrong signature or secret",
        "polling_refused": "a Zalo bot that is to be asked for messages has a webhook",
        "spool_aside": "something that arrived during an outage could not be kept afterwards",
    }
)


def runbook(name: str) -> str:
    """Return where the runbook speaks of an alarm: file and anchor."""
    return f"{RUNBOOK}#{name}"
