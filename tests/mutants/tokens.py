"""Bugs around the tokens of a Zalo account: who may ask, when, and what is kept of it."""

from tests.mutants.mutant import seed

TOKENS = "handlers/zalo/test_tokens.py"
ROWS, CODE = "storage/zalo_tokens.py", "handlers/zalo/tokens.py"

MUTANTS = (
    seed(
        "a zalo token is asked for though another process asks",
        "the second one is refused, and a human is called for nothing",
        ROWS,
        'free = and_(_is_pair(kept), c.state == "ok", or_(before, c.asking == asking))',
        'free = and_(_is_pair(kept), c.state == "ok", or_(before, before.is_not(None)))',
        f"{TOKENS}::test_many_in_many_processes_ask_once",
    ),
    seed(
        "a zalo token is asked for without a mark",
        "after a kill nobody knows that a token was spent",
        ROWS,
        "    return await _change(connection, free, **values)\n",
        "    return free is not None and values is not None\n",
        f"{TOKENS}::test_after_a_death_anywhere_a_token_was_used_once_or_there_is_one_alarm",
    ),
    seed(
        "a zalo token's mark is taken over at once",
        "two processes show the same token",
        CODE,
        "return _monotonic() - self._seen[1] < self._times.lease",
        "return _monotonic() - self._seen[1] < 0",
        f"{TOKENS}::test_a_mark_is_left_alone_for_the_whole_lease",
    ),
    seed(
        "a zalo token is asked for by one who slept past the lease",
        "two processes show the same token",
        CODE,
        "if _monotonic() - began + self._times.answer >= self._times.lease:",
        "if _monotonic() - began + self._times.answer < 0:",
        f"{TOKENS}::test_one_who_was_asleep_longer_than_the_lease_does_not_ask",
    ),
    seed(
        "a zalo token pair that comes late is thrown away",
        "the only living pair is lost, and somebody must consent again",
        ROWS,
        "if await _change(connection, _is_pair(kept), **values):",
        'if await _change(connection, and_(_is_pair(kept), zalo_token.c.state == "ok"), **values):',
        f"{TOKENS}::test_a_pair_that_comes_late_heals_what_others_were_refused",
    ),
    seed(
        "a zalo token that somebody seeds is overwritten by an answer on its way",
        "what the operator did is undone in silence",
        ROWS,
        '"version": c.version + 1}',
        '"version": c.version}',
        f"{TOKENS}::test_no_transaction_is_open_while_zalo_is_asked_and_a_seed_wins",
    ),
    seed(
        "a zalo token is refused when Zalo is merely busy",
        "a human is called though nothing is lost",
        "handlers/zalo/oauth.py",
        "if answered.status >= 500 or code == BUSY or answered.status == 429:",
        "if answered.status >= 500 or answered.status == 429:",
        "handlers/zalo/test_token_answers.py::test_too_many_requests_is_no_refusal",
    ),
    seed(
        "a zalo token's answer is dropped when its asker is stopped",
        "a restart at the wrong second calls a human",
        CODE,
        "            await asyncio.wait({task}, timeout=self._times.lease)\n",
        "            task.cancel()\n",
        f"{TOKENS}::test_whoever_is_stopped_while_zalo_answers_keeps_the_answer_first",
    ),
    seed(
        "a zalo token's alarm dies with its process",
        "nobody hears that a human is needed",
        CODE,
        "            return not self._is_anothers(kept)\n",
        "            return False\n",
        f"{TOKENS}::test_an_alarm_that_died_with_its_process_is_raised_by_one_of_the_others",
    ),
    seed(
        "a zalo token may be moved to another row",
        "who can write to the database puts one account's token into another's place",
        "handlers/zalo/sealing.py",
        'return f"{self.oa_id}/{column}".encode()',
        'return b"" if column else b""',
        "handlers/zalo/test_oauth.py::test_what_is_sealed_opens_only_in_its_own_place",
    ),
    seed(
        "a zalo token of another key is restored",
        "the program works with what it cannot open",
        "storage/backup/restoring.py",
        "        if target.key_check is None:\n            await zalo_tokens",
        "        if target.key_check is not None:\n            await zalo_tokens",
        "storage/test_backup.py::test_another_key_is_refused_unless_it_is_meant",
    ),
)
