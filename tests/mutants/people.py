"""Bugs in what is kept of people: consent, forgetting, photos, how long, logs."""

from tests.mutants.mutant import Edit, seed

FORGET = "storage/test_forget.py"
DRAFT = f"{FORGET}::test_erasing_a_draft_removes_rows_photos_and_words"
FILED = f"{FORGET}::test_erasing_a_submitted_file_clears_the_officers_chats_too"
NINETY = f"{FORGET}::test_after_ninety_idle_days_a_draft_or_a_mere_talk_is_gone"
IMAGES = "handlers/test_images.py"
FAR = "handlers/far"

MUTANTS = (
    seed(
        "refused consent leaves the person",
        "who says no has been written down all the same",
        "dialogs/steps/consenting.py",
        'Go(effects=(Forget(None, "refused"),), said=(Msg(',
        'Go("farewell", said=(Msg(',
        f"{FORGET}::test_refusing_consent_leaves_nothing",
    ),
    seed(
        "erasing leaves the photos",
        "the picture of a certificate outlives its person",
        "storage/people.py",
        "    await remove_photos(connection, evidence.c.declaration_id.in_(ids), at_ms=at_ms)\n",
        "    await connection.execute("
        "delete(evidence).where(evidence.c.declaration_id.in_(ids)))\n",
        DRAFT,
    ),
    seed(
        "erasing leaves what we said",
        "our own messages name the person",
        "storage/people.py",
        "    gone = delete(outbox).where(outbox.c.conversation_id.in_(conversations))\n"
        "    await connection.execute(gone)\n",
        "",
        DRAFT,
    ),
    seed(
        "erasing leaves what was said",
        "a person's own words stay",
        "storage/people.py",
        'emptied.values(said=None, raw=None, sender="")',
        'emptied.values(raw=None, sender="")',
        DRAFT,
    ),
    seed(
        "erasing leaves the officers' chats",
        "an officer scrolls up and reads who was erased",
        "storage/people.py",
        "        await forget_at_desks(connection, effect.person)\n",
        "",
        FILED,
    ),
    seed(
        "erasing leaves the answers",
        "a decided file keeps what the person said about their life",
        "storage/people.py",
        "    for table in (answer, return_item, reviewed):\n",
        "    for table in (return_item, reviewed):\n",
        f"{FORGET}::test_of_an_approved_file_only_the_decisions_facts_stay",
        DRAFT,
    ),
    seed(
        "erasing takes a photo that another person sent too",
        "one person's erasing destroys another one's evidence",
        "handlers/jobs.py",
        "            if not used:\n",
        "            if key:\n",
        f"{FORGET}::test_a_photo_that_two_people_sent_stays_for_the_other",
    ),
    seed(
        "erasing forgets the person's other conversations",
        "what was said on another channel stays",
        "storage/people.py",
        "        conversations = sorted({*conversations, *(number for (number,) in rows)})\n",
        "",
        f"{FORGET}::test_all_that_was_said_in_another_conversation_goes_too",
    ),
    seed(
        "drafts are kept a day too long",
        "what the page promises is ninety days",
        "handlers/retention.py",
        "before_ms, at_ms, count = to_ms(now - self._terms.drafts), to_ms(now), 0",
        "before_ms, at_ms, count = to_ms(now - self._terms.drafts - EVERY), to_ms(now), 0",
        NINETY,
    ),
    seed(
        "drafts go a day too early",
        "somebody comes back on the last day and finds nothing",
        "handlers/retention.py",
        "before_ms, at_ms, count = to_ms(now - self._terms.drafts), to_ms(now), 0",
        "before_ms, at_ms, count = to_ms(now - self._terms.drafts + EVERY), to_ms(now), 0",
        NINETY,
    ),
    seed(
        "people whose message waits are forgotten",
        "after a long stop the first thing done is to forget who wrote meanwhile",
        "storage/retention.py",
        "recent = talks.where(or_(conversation.c.seen_ms >= before_ms, _UNREAD))",
        "recent = talks.where(conversation.c.seen_ms >= before_ms)",
        "handlers/test_outages.py::test_an_upload_that_waits_for_its_turn_survives_a_long_stop",
        also=(
            Edit(
                "storage/retention.py",
                "here = or_(conversation.c.seen_ms >= before_ms, _UNREAD)",
                "here = conversation.c.seen_ms >= before_ms",
            ),
        ),
    ),
    seed(
        "handed-in files are forgotten",
        "a file waits for its officer and is gone",
        "storage/retention.py",
        'others = files.where(declaration.c.status != "draft")',
        'others = files.where(declaration.c.status == "approved")',
        f"{FORGET}::test_a_draft_touched_meanwhile_and_a_submitted_file_stay",
    ),
    seed(
        "dead letters keep their words",
        "what could not be answered is kept for ever",
        "storage/retention.py",
        "await connection.execute(update(inbox).where(inbox.c.id.in_(letters)).values(raw=None))",
        "await connection.execute(update(inbox).where(inbox.c.id.in_(letters)).values(said=None))",
        f"{FORGET}::test_the_raw_text_of_a_failed_message_goes_after_a_week",
    ),
    seed(
        "photos keep their metadata",
        "a photo tells where somebody lives",
        "handlers/images/normalise.py",
        '    image.save(out, "JPEG", quality=quality, optimize=True)\n',
        '    exif = image.info.get("exif", b"")\n'
        '    image.save(out, "JPEG", quality=quality, optimize=True, exif=exif)\n',
        f"{IMAGES}::test_a_turned_photo_comes_out_upright_and_without_its_place",
        also=(
            Edit(
                "handlers/images/normalise.py",
                "    return paper\n",
                "    paper.info = dict(image.info)\n    return paper\n",
            ),
        ),
    ),
    seed(
        "photos are kept as they were turned",
        "officers read certificates with their heads on one side",
        "handlers/images/normalise.py",
        "    if turn is not None:\n",
        "    if turn is None:\n        turn = Image.Transpose.ROTATE_180\n    if not image:\n",
        f"{IMAGES}::test_a_turned_photo_comes_out_upright_and_without_its_place",
    ),
    seed(
        "the size limit is off by one byte",
        "a limit that is not where it is said to be is no limit",
        "handlers/images/child.py",
        "    if len(data) > max_bytes:\n",
        "    if len(data) >= max_bytes:\n",
        f"{IMAGES}::test_the_size_limit_is_exact",
    ),
    seed(
        "the size limit of uploads is ten times as large",
        "ten people fill the disk",
        "storage/photos.py",
        "                if size > limit:\n",
        "                if size > 10 * limit:\n",
        "storage/test_photos.py::test_an_upload_past_the_limit_stops_at_once_and_leaves_nothing",
    ),
    seed(
        "pixels are not bounded",
        "a file of a kilobyte unpacks to gigabytes",
        "handlers/images/normalise.py",
        "    if size[0] * size[1] > max_pixels:\n",
        "    if size[0] * size[1] > max_pixels * 1_000:\n",
        f"{IMAGES}::test_everything_that_is_no_photo_is_refused_with_its_own_reason",
        also=(
            Edit(
                "handlers/images/normalise.py",
                "    Image.MAX_IMAGE_PIXELS = max_pixels\n",
                "    Image.MAX_IMAGE_PIXELS = None\n",
            ),
        ),
    ),
    seed(
        "a photo is what Pillow can open",
        "every format ever written is one more door",
        "handlers/images/normalise.py",
        '    if kind not in ("JPEG", "PNG", "WEBP"):\n        raise NotAPhoto(kind)\n',
        "",
        f"{IMAGES}::test_everything_that_is_no_photo_is_refused_with_its_own_reason",
        also=(
            Edit(
                "handlers/images/normalise.py",
                "Image.open(io.BytesIO(data), formats=(kind,))",
                "Image.open(io.BytesIO(data))",
            ),
        ),
    ),
    seed(
        "one address outside is enough",
        "a name with two addresses fetches from our own network",
        "handlers/far/dialling.py",
        "        if not all(map(is_outside, addresses)):\n",
        "        if not any(map(is_outside, addresses)):\n",
        f"{FAR}/test_fetch.py::test_a_name_that_leads_inside_is_never_connected_to",
    ),
    seed(
        "every host whose name ends so is allowed",
        "whoever buys evilzdn.vn chooses what we fetch",
        "handlers/far/addresses.py",
        'host.endswith(f".{one.lower()}")',
        "host.endswith(one.lower())",
        f"{FAR}/test_addresses.py::test_any_other_address_is_none",
    ),
    seed(
        "a photo that came too late stays",
        "an erased person's photo lies in a folder",
        "handlers/far/fetching.py",
        "        if not awaited:\n            await self._parts.incoming.remove(photo.incoming)\n",
        "        del awaited\n",
        f"{FAR}/test_fetching.py::test_erasing_while_a_photo_comes_leaves_nothing_of_it",
    ),
    seed(
        "uploads are not synced",
        "a photo that was acknowledged is empty after a power cut",
        "storage/photos.py",
        "            await asyncio.to_thread(_flush, file)\n",
        "",
        "storage/test_photos.py::test_a_received_upload_and_its_folder_is_on_the_disk",
    ),
    seed(
        "a torn photo is shown",
        "half a certificate is judged",
        "storage/photos.py",
        "        if photo_key(data) != key:\n"
        "            raise PhotoGone(key)\n"
        "        return data\n",
        "        return data\n",
        "storage/test_photos.py::test_a_photo_torn_by_a_power_cut_is_gone_until_it_is_kept_again",
    ),
    seed(
        "any path is a photo",
        "the photo store serves the key file",
        "storage/photos.py",
        "        _check_key(key)\n        try:\n            data = await self._shelf.get(key)\n",
        "        try:\n            data = await self._shelf.get(key)\n",
        "storage/test_photos.py::test_a_key_that_is_none_touches_no_file",
    ),
    seed(
        "logs print what was said",
        "an operator reads people's words",
        "bot/redaction.py",
        '    "screen_text", "text", "typed", "value", "values",\n',
        '    "screen_text", "value", "values",\n',
        "bot/test_redaction.py::test_personal_keys_are_removed_at_any_depth_in_any_spelling",
    ),
    seed(
        "logs quote exceptions",
        "a driver's message has the row in it",
        "bot/redaction.py",
        '    if isinstance(raised, OSError) or kind.__module__ == "sqlite3":\n',
        "    if raised.args:\n",
        "bot/test_logs.py::"
        "test_an_exception_is_logged_by_type_and_frames_and_never_quotes_a_person",
    ),
    seed(
        "logs print queries of addresses",
        "one-time codes and resume links are in the log",
        "bot/redaction.py",
        '    bare = path.partition("?")[0]\n',
        "    bare = path\n",
        "bot/test_redaction.py::test_a_path_is_logged_without_query_and_one_time_codes",
    ),
)
