"""Bugs in what proves the rest: sums, the journal's chain, backup and restore, the clock."""

from tests.mutants.mutant import Edit, seed

SUMS = "storage/test_sums.py::test_sums_equal_a_recount_after_every_step"
CHAIN = "storage/test_audit_chain.py"
TAMPERED = f"{CHAIN}::test_whoever_tampers_is_named_by_the_first_line"
BACKUP = "storage/test_backup.py"
TOUCHING = (
    "_TOUCHING = frozenset((e.Move, e.SetPlace, e.CorrectFile, e.BeginDeclaration, e.Forget))"
)

MUTANTS = (
    seed(
        "sums are not kept on moves",
        "figures count who has withdrawn, and nobody who was approved",
        "storage/sums.py",
        TOUCHING,
        TOUCHING.replace("e.Move, ", ""),
        SUMS,
    ),
    seed(
        "sums are not kept on withdrawing",
        "a file taken back goes on waiting in the figures",
        "storage/sums.py",
        "            case e.Move() | e.SetPlace() | e.CorrectFile():\n",
        '            case e.Move(action="withdraw"):\n'
        "                continue\n"
        "            case e.Move() | e.SetPlace() | e.CorrectFile():\n",
        SUMS,
    ),
    seed(
        "sums are not kept on correcting",
        "a village that an officer puts right stays without its file",
        "storage/sums.py",
        TOUCHING,
        TOUCHING.replace("e.CorrectFile, ", ""),
        SUMS,
    ),
    seed(
        "sums are not kept on erasing",
        "figures count people who are no more",
        "storage/sums.py",
        TOUCHING,
        TOUCHING.replace(", e.Forget", ""),
        SUMS,
    ),
    seed(
        "sums are not kept when a draft expires",
        "ninety days later the figures are wrong by themselves",
        "storage/retention.py",
        "async with sums.kept(connection, sums.list_touched([forget])):",
        "async with sums.kept(connection, None):",
        SUMS,
    ),
    seed(
        "the demo is among real figures",
        "invented people are reported to the ministry",
        "storage/sums.py",
        "        found = (c.period == self.period) & (c.demo == self.demo)\n",
        "        found = c.period == self.period\n",
        "storage/test_sums.py::test_the_demo_is_counted_apart",
        "handlers/admin/test_places.py::test_invented_files_are_never_among_real_ones",
    ),
    seed(
        "a recount believes the sums",
        "the proof compares a thing with itself",
        "storage/recount.py",
        "    return c.status == name\n",
        '    return and_(c.status == name, c.status != "returned")\n',
        SUMS,
    ),
    seed(
        "the journal's digest leaves out a field",
        "what was decided can be changed unseen",
        "storage/audit_digest.py",
        "_JSON.encode(fields)",
        "_JSON.encode(fields[:-1])",
        TAMPERED,
    ),
    seed(
        "a line is not chained to the one before",
        "lines can be taken out of the middle",
        "storage/audit_digest.py",
        "bytes.fromhex(before) + _JSON.encode(fields)",
        "bytes.fromhex(FIRST) + _JSON.encode(fields)",
        TAMPERED,
        f"{CHAIN}::test_the_form_of_the_digest_never_changes",
    ),
    seed(
        "a missing last line is not noticed",
        "the decision that somebody regrets is gone without a trace",
        "storage/audit_chain.py",
        "        if self._seq < known:\n",
        "        if self._seq < known - 1:\n",
        TAMPERED,
    ),
    seed(
        "an anchor proves nothing",
        "who rewrites a whole chain is believed",
        "storage/audit_chain.py",
        "line.seq != anchored.seq or line.digest == anchored.digest",
        "line.seq != anchored.seq or line.digest != anchored.digest",
        f"{CHAIN}::test_what_fits_itself_is_found_by_the_anchor_alone",
    ),
    seed(
        "files are not held against the journal",
        "a status changed in the database passes for a decision",
        "storage/audit_files.py",
        "    if moves[-1].target != file.status:\n",
        "    if moves[-1].target is None:\n",
        f"{CHAIN}::test_a_file_that_stands_otherwise_than_the_journal_says_is_named",
    ),
    seed(
        "chains are not locked",
        "two writers of one commune make a fork of its journal",
        "storage/audit.py",
        "    .order_by(audit_head.c.place)\n    .with_for_update()\n",
        "    .order_by(audit_head.c.place)\n",
        "storage/test_postgresql.py::test_two_claims_of_one_place_chain_their_lines",
    ),
    seed(
        "an approval leaves no line",
        "nobody can say who approved",
        "storage/effects.py",
        "            await write(effect, connection, at)\n"
        "    await audit.add_all(connection, at.journal)",
        "            await write(effect, connection, at)",
        "handlers/admin/test_decisions.py::"
        "test_approving_answers_the_new_state_and_writes_the_journal",
    ),
    seed(
        "a backup does not miss its photos",
        "the backup of a broken disk is found out when it is needed",
        "storage/backup/writing.py",
        "            if key in await _list_keys(now, key, inclusive=True):\n",
        "            if key in await _list_keys(now, key):\n",
        f"{BACKUP}::test_a_photo_that_is_lost_while_a_file_names_it_is_no_backup",
    ),
    seed(
        "a backup is not read back",
        "a disk that writes rubbish has written a backup",
        "storage/backup/writing.py",
        "        await asyncio.to_thread(_prove, draft, manifest)\n",
        "",
        f"{BACKUP}::test_what_cannot_be_read_back_is_no_backup",
    ),
    seed(
        "a restore checks no digest",
        "one wrong bit is a person's wrong answer",
        "storage/backup/archive.py",
        "    if name != END + proof or _header(name, 0) != _again(file):\n",
        "    if _header(name, 0) != _again(file):\n",
        f"{BACKUP}::test_a_file_cut_short_or_with_a_wrong_bit_is_refused_in_one_line",
        also=(
            Edit(
                "storage/backup/checking.py",
                "    if manifest is None or manifest != sums.manifest(\n"
                "        list(head.columns), manifest.erased, manifest.absent\n"
                "    ):\n",
                "    if manifest is None:\n",
            ),
        ),
    ),
    seed(
        "a restore fills a database that is in use",
        "last week's rows are mixed with today's",
        "storage/backup/restoring.py",
        "    if filled := list_filled(connection):\n",
        "    if (filled := list_filled(connection)) and len(filled) > 99:\n",
        f"{BACKUP}::test_only_an_empty_database_is_filled",
    ),
    seed(
        "a backup of another key is taken",
        "nobody's session and no event id is known any more, and nobody was told",
        "storage/backup/restoring.py",
        "    if target.key_check not in (None, head.key_check):\n",
        "    if target.key_check is None and head.key_check is None:\n",
        f"{BACKUP}::test_another_key_is_refused_unless_it_is_meant",
    ),
    seed(
        "a clock that ran ahead puts the daily work off",
        "one wrong boot, and nothing is deleted for a year",
        "handlers/retention.py",
        "now < self._next <= now + 2 * EVERY:",
        "now < self._next:",
        "handlers/test_clock.py::test_retention_is_neither_put_off_for_long_nor_done_over_and_over",
    ),
    seed(
        "the database allows every move",
        "SQL by hand approves what no rule would",
        "storage/migrations/versions/0001_initial.py",
        "    add_guards(SCHEMA_0001)\n",
        '    add_guards(tuple(g for g in SCHEMA_0001 if g.table == "audit"))\n',
        "storage/test_migrations.py::test_sql_moves_a_declaration_only_as_the_rules_do",
    ),
)
