"""Bugs in the way of a message: kept once, answered once, in order, whatever happens to others."""

from tests.mutants.mutant import Edit, seed

TURNS = "handlers/test_turns.py"
TWICE = f"{TURNS}::test_the_same_event_twice_at_once_is_one_answer"
KILLED = f"{TURNS}::test_after_a_kill_a_message_is_tried_three_times_at_most"
TAKEN = "dialogs/test_photos_taken.py"
POISONED = f"{TURNS}::test_a_poisoned_turn_hurts_nobody_else"
BEFORE = f"{TURNS}::test_nobody_is_told_of_what_is_not_on_disk"
GOLDEN = (
    "golden/test_golden.py::test_a_conversation_reads_as_its_golden_transcript[sqlite-editing-en]"
)

MUTANTS = (
    seed(
        "the inbox has no unique key",
        "a platform's repetition is a second answer",
        "storage/migrations/versions/0001_initial.py",
        '        sa.UniqueConstraint("external_id", "channel", "bot"),\n',
        "",
        TWICE,
        also=(
            Edit(
                "storage/models/messages.py",
                '    UniqueConstraint("external_id", "channel", "bot"),\n',
                "",
            ),
        ),
    ),
    seed(
        "event ids are ignored",
        "what a page sends again after a broken line is answered anew",
        "handlers/web/routes.py",
        'event_key(self.parts.secret("inbox"), sender, event_id)',
        'event_key(self.parts.secret("inbox"), sender, self.parts.seams.token())',
        TWICE,
    ),
    seed(
        "event ids of all people are one",
        "somebody else's event id keeps a message from being taken",
        "handlers/web/routes.py",
        'event_key(self.parts.secret("inbox"), sender, event_id)',
        'event_key(self.parts.secret("inbox"), event_id)',
        "handlers/web/test_bad_input.py::"
        "test_an_event_id_of_another_session_is_that_persons_own_event",
    ),
    seed(
        "two equal arrivals in one commit are both new",
        "photos sent twice at once are there twice, or their files are lost",
        "handlers/door.py",
        "            places[external] = (place[0], False)\n",
        "",
        "handlers/test_outages.py::test_photos_sent_twice_at_once_are_one_album",
    ),
    seed(
        "the door acknowledges before the commit",
        "a power cut loses what a person was told is kept",
        "storage/database.py",
        '        before = partial(self._seams.crashpoint, "commit.before")\n'
        "        results = await self.engine.write(works, before)\n",
        "        results: list[Any] = []\n\n"
        "        def told(work: Work, job: _Job[Any]) -> Work:\n"
        "            async def telling(connection: Connection) -> Any:\n"
        "                found = await work(connection)\n"
        "                loop = job.done.get_loop()\n"
        "                loop.call_soon_threadsafe(\n"
        "                    lambda: job.done.done() or job.done.set_result(found)\n"
        "                )\n"
        "                return found\n\n"
        "            return telling\n\n"
        "        works = [told(work, job) for work, job in zip(works, group, strict=True)]\n"
        '        before = partial(self._seams.crashpoint, "commit.before")\n'
        "        results = await self.engine.write(works, before)\n",
        "handlers/test_outages.py::test_a_full_disk_under_the_database_is_503_and_loses_nothing",
        BEFORE,
    ),
    seed(
        "a turn is told before its commit",
        "a person reads an answer that the database then does not have",
        "handlers/turns.py",
        "                outcome = await self._answer(claim, *await claim.read(self._take))\n"
        "        except Exception as error:\n"
        "            self._more = True\n"
        "            return await self._one_by_one(error)\n"
        "        self._committed(outcome, began)\n",
        "                outcome = await self._answer(claim, *await claim.read(self._take))\n"
        "                self._committed(outcome, began)\n"
        "        except Exception as error:\n"
        "            self._more = True\n"
        "            return await self._one_by_one(error)\n",
        BEFORE,
    ),
    seed(
        "no version check of conversations",
        "two processes answer one person at once, and one answer is lost",
        "storage/conversations.py",
        'seen = and_(conversation.c.id == given("row_id"), '
        'conversation.c.version == given("seen"))',
        'seen = and_(conversation.c.id == given("row_id"), given("seen") > 0)',
        f"{TURNS}::test_a_conversation_that_moved_on_meanwhile_is_decided_again",
    ),
    seed(
        "no version check of moves",
        "a file is handed in or decided on by what it no longer says",
        "storage/review_writes.py",
        "seen = and_(declaration.c.id == effect.declaration, "
        "declaration.c.version == effect.version)",
        "seen = declaration.c.id == effect.declaration",
        f"{TURNS}::test_a_decision_in_between_is_seen_and_brings_nobody_down",
    ),
    seed(
        "no version check of points",
        "points are given to a file that changed since it was looked at",
        "storage/review_writes.py",
        "one = and_(declaration.c.id == number, declaration.c.version == seen)",
        "one = declaration.c.id == number",
        "handlers/admin/test_versions.py::test_what_was_decided_on_an_older_version_is_not_written",
    ),
    seed(
        "messages of one sender go together",
        "two answers are both read at the first question",
        "storage/inbox.py",
        "        .group_by(inbox.c.sender, inbox.c.channel, inbox.c.bot)\n",
        "        .group_by(inbox.c.id)\n",
        "storage/test_inbox.py::test_a_batch_has_the_oldest_message_of_each_sender",
    ),
    seed(
        "the newest message first",
        "answers are taken in the order of a stack",
        "storage/inbox.py",
        "        select(func.min(inbox.c.id))\n        .where(_IS_WAITING, *among)",
        "        select(func.max(inbox.c.id))\n        .where(_IS_WAITING, *among)",
        f"{TURNS}::test_twenty_messages_at_once_are_answered_in_order",
    ),
    seed(
        "one poisoned message stops the batch",
        "one broken row, and nobody in the province is answered",
        "handlers/turns.py",
        "            return await self._one_by_one(error)\n",
        "            raise\n",
        POISONED,
    ),
    seed(
        "a dead letter is not told",
        "somebody waits for an answer that never comes",
        "handlers/turns.py",
        "plans = [] if conversation is None else [self._planner.sorry(message, conversation)]",
        "plans: list[Plan] = []",
        POISONED,
    ),
    seed(
        "an outage makes dead letters",
        "a full disk throws away what everybody says meanwhile",
        "handlers/turns.py",
        "                if is_unavailable(error):\n"
        "                    raise\n"
        "                failed = error\n",
        "                failed = error\n",
        "handlers/test_outages.py::"
        "test_an_outage_that_is_over_before_a_letter_is_buried_makes_none",
        also=(
            Edit(
                "handlers/turns.py",
                "        if is_unavailable(error):\n            raise error\n",
                "",
            ),
        ),
    ),
    seed(
        "attempts are not counted",
        "a message that kills the process kills it for ever",
        "handlers/turns.py",
        "            await self._parts.database.write("
        "partial(inbox.count_attempt, ids=[message.id]))\n",
        "",
        KILLED,
    ),
    seed(
        "one attempt too many",
        "the promise says three",
        "handlers/turns.py",
        "            if message.attempts >= TRIES:\n",
        "            if message.attempts > TRIES:\n",
        KILLED,
    ),
    seed(
        "an unclean stop is not noticed",
        "nothing is careful when it has to be",
        "bot/worker.py",
        "            self._own.turns.careful = CAREFUL_BATCHES\n"
        '            log.error("unclean_stop")\n',
        '            log.error("unclean_stop")\n',
        KILLED,
    ),
    seed(
        "newer states are read",
        "an older program spoils what a newer one has written",
        "storage/conversations.py",
        "newest = {row[3]: row for row in rows if row[6] <= STATE_VERSION}",
        "newest = {row[3]: row for row in rows}",
        f"{TURNS}::test_a_state_of_a_newer_program_waits_for_it_and_hurts_nobody_else",
    ),
    seed(
        "the first answer stays",
        "nobody can mend an answer",
        "storage/answers.py",
        "    return insert.on_conflict_do_update(\n"
        '        index_elements=["declaration_id", "criterion"],\n'
        '        set_={"option": insert.excluded.option, "inbox_id": insert.excluded.inbox_id},\n'
        "    )\n",
        "    return insert.on_conflict_do_nothing()\n",
        "handlers/web/test_walk.py::test_a_declaration_is_made_mended_approved_and_told",
        GOLDEN,
    ),
    seed(
        "a second answer is inserted beside the first",
        "mending an answer is an error of ours",
        "storage/answers.py",
        "    return insert.on_conflict_do_update(\n"
        '        index_elements=["declaration_id", "criterion"],\n'
        '        set_={"option": insert.excluded.option, "inbox_id": insert.excluded.inbox_id},\n'
        "    )\n",
        "    return insert\n",
        GOLDEN,
    ),
    seed(
        "one job that fails fails its whole group",
        "somebody else's refused decision refuses mine",
        "storage/database.py",
        "            if len(group) > 1 and not is_unavailable(error):\n",
        "            if len(group) > GROUP and not is_unavailable(error):\n",
        "storage/test_database.py::test_a_job_that_fails_fails_alone",
    ),
    seed(
        "an album is answered photo by photo",
        "ten photos are ten messages",
        "storage/albums.py",
        "    return (await connection.execute(waits)).scalar_one() == 0\n",
        "    return (await connection.execute(waits)).scalar_one() >= 0\n",
        "handlers/test_media.py::test_a_photo_that_always_fails_is_given_up_and_the_others_go_on",
        GOLDEN,
    ),
    seed(
        "an album in pieces is answered by every word about it",
        "whoever sends three photos one by one is answered twice",
        "dialogs/steps/photos.py",
        "    whole = not event.photos or len(album) <= event.photos\n",
        "    whole = True\n",
        f"{TAKEN}::test_an_album_is_answered_when_all_of_it_is_settled_and_nothing_more_is_to_come",
    ),
    seed(
        "an album in pieces is answered while more of it comes",
        "ten photos are ten messages",
        "storage/albums.py",
        "growing.having(~_grows(func.max(e.quiet_ms), now_ms))",
        "growing.having(~_grows(func.min(e.quiet_ms), now_ms))",
        "storage/test_albums.py::test_an_album_is_taken_once_when_it_is_settled_and_quiet",
        also=(Edit("storage/albums.py", ", _grows(other.c.quiet_ms, now_ms))", ")"),),
    ),
    seed(
        "notices are due a minute early",
        "a decision is told while it can still be taken back",
        "storage/due.py",
        "c.due_ms <= now_ms)",
        "c.due_ms <= now_ms + 60_000)",
        "handlers/test_notices.py::test_a_notice_leaves_when_its_minute_is_over_and_not_before",
    ),
    seed(
        "a notice that was taken back leaves all the same",
        "set_done says it is closed already, and nobody listens",
        "handlers/jobs.py",
        "            if not closed or person is None:\n",
        "            if person is None:\n",
        "handlers/test_notices.py::test_a_decision_taken_back_at_the_last_moment_is_not_told",
    ),
    seed(
        "a notice that left is taken back",
        "what a person is being told is undone under their eyes",
        "storage/due.py",
        "    closed = update(due).where(*open_notice, due.c.done_ms.is_(None))\n",
        "    closed = update(due).where(*open_notice)\n",
        "handlers/test_notices.py::test_a_decision_whose_notice_is_on_its_way_is_not_taken_back",
    ),
)
