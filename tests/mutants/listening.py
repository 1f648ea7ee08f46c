"""Bugs in how people are understood and spoken to: numbers, codes, consent, languages."""

from tests.mutants.mutant import seed

ANSWERS = "dialogs/test_answers.py"
UNDERSTOOD = f"{ANSWERS}::test_a_typed_answer_is_understood_as_people_mean_it"
GOLDEN = (
    "golden/test_golden.py::test_a_conversation_reads_as_its_golden_transcript[sqlite-editing-en]"
)

MUTANTS = (
    seed(
        "a lone 0 is the lowest level",
        "who wants to go back has given the worst answer there is",
        "dialogs/answers.py",
        "        return ZeroAsked() if levels else None\n"
        "    if not number.points and 1 <= value <= len(options):",
        "        return Picked(0) if levels else None\n"
        "    if not number.points and 1 <= value <= len(options):",
        UNDERSTOOD,
    ),
    seed(
        "the letter o is a zero",
        "a letter that slipped in is an answer",
        "dialogs/listening/numerals.py",
        'text.replace("\\N{KEYCAP TEN}", "10"))',
        're.sub(r"\\b[oO]\\b", "0", text.replace("\\N{KEYCAP TEN}", "10")))',
        UNDERSTOOD,
    ),
    seed(
        "points are taken for the number of an option",
        "3 points become the third option",
        "dialogs/answers.py",
        "    if not number.points and 1 <= value <= len(options):\n",
        "    if 1 <= value <= len(options):\n",
        UNDERSTOOD,
    ),
    seed(
        "the second of several numbers counts",
        "who answers two questions in one message has the second answer at the first question",
        "dialogs/answers.py",
        "first = _by_number(Single(values[0]), options, levels)",
        "first = _by_number(Single(values[-1]), options, levels)",
        UNDERSTOOD,
    ),
    seed(
        "perhaps is consent",
        "what is not a clear yes is no consent (Law 91/2025/QH15, art. 9)",
        "dialogs/answers.py",
        "return answer if said and said.clear and said.sure else None",
        "return answer",
        f"{ANSWERS}::test_consent_is_never_proposed",
        UNDERSTOOD,
    ),
    seed(
        "the receipt's check character is not checked",
        "a mistyped code opens somebody else's file",
        "dialogs/receipts.py",
        "    if not _CODE.fullmatch(plain) or _remainder(plain):\n",
        "    if not _CODE.fullmatch(plain):\n",
        "dialogs/test_receipts.py::test_any_single_wrong_character_is_caught",
    ),
    seed(
        "the check does not see a swap",
        "the commonest slip of the thumb gives another sound code",
        "dialogs/receipts.py",
        "(_VALUES[c] * (1 + n % 2) for",
        "(_VALUES[c] * (1 + n * 0) for",
        "dialogs/test_receipts.py::test_any_two_neighbours_swapped_are_caught",
    ),
    seed(
        "criteria speak one language",
        "an English conversation asks in Vietnamese",
        "handlers/i18n.py",
        "            return text.get(locale)\n",
        '            return text.get("vi")\n',
        GOLDEN,
    ),
    seed(
        "a text that stays is kept in one language",
        "whoever comes second reads the first one's language",
        "handlers/i18n.py",
        "        known = self._fixed[locale]\n",
        '        known = self._fixed["vi"]\n',
        "handlers/test_i18n.py::test_what_was_put_into_words_in_one_language_is_said_in_the_other",
    ),
    seed(
        "identity numbers stay in the history",
        "nobody asked for them; what is not kept cannot be stolen",
        "dialogs/engine.py",
        "            return hide_numbers(text)\n",
        "            return text\n",
        "storage/test_forget.py::"
        "test_an_identity_number_is_struck_out_once_the_message_is_answered",
    ),
)
