"""Bugs at the doors: cookies, other sites, limits, blocks, addresses."""

from tests.mutants.mutant import seed

FLOODS = "handlers/web/test_floods.py"
BAD = "handlers/web/test_bad_input.py"

MUTANTS = (
    seed(
        "a block is not heeded",
        "who floods the commune goes on",
        "handlers/web/routes.py",
        "        await self._heed_block(sender)\n"
        '        self._limit("messages", sender)\n'
        "        raw: Raw = (\n",
        '        self._limit("messages", sender)\n        raw: Raw = (\n',
        "handlers/web/test_blocks.py::test_a_blocked_person_is_told_until_when_and_the_draft_stays",
    ),
    seed(
        "a block is heeded late",
        "who was let in again is still refused, and who floods goes on for minutes",
        "handlers/blocks.py",
        "FRESH = timedelta(seconds=5)",
        "FRESH = timedelta(seconds=500)",
        "handlers/web/test_blocks.py::"
        "test_nobody_else_is_blocked_and_an_ended_block_is_heeded_within_seconds",
    ),
    seed(
        "a block holds in one conversation only",
        "who is blocked opens another window",
        "storage/blocks.py",
        "join_from(block, conversation, b.person_id == c.person_id)",
        "join_from(block, conversation, (b.person_id == c.person_id) & (b.id == c.id))",
        "storage/test_blocks.py::test_a_blocked_person_is_blocked_in_every_conversation",
    ),
    seed(
        "everybody shares one limit",
        "one person who types fast silences a commune",
        "handlers/web/routes.py",
        '        self._limit("messages", sender)\n        raw: Raw = (\n',
        '        self._limit("messages", "")\n        raw: Raw = (\n',
        f"{FLOODS}::test_messages_of_one_person_are_limited_and_nothing_is_lost",
    ),
    seed(
        "a bucket never empties",
        "there is no limit",
        "handlers/limits.py",
        "            self._buckets[name, key] = "
        "(left - min(count, self._rates[name].count), since)\n",
        "            self._buckets[name, key] = (left, since)\n",
        f"{FLOODS}::test_a_bucket_gives_all_that_is_asked_or_nothing",
    ),
    seed(
        "a refused request costs all the same",
        "who waits as told is refused again",
        "handlers/limits.py",
        "        if not wait:\n",
        "        if wait is not None:\n",
        f"{FLOODS}::test_a_bucket_gives_all_that_is_asked_or_nothing",
    ),
    seed(
        "X-Forwarded-For is always believed",
        "a flooder writes a new address into every request",
        "handlers/web/address.py",
        "        if not _is_in(hop, trusted):\n            break\n",
        "",
        "handlers/web/test_address.py::test_without_trusted_proxies_only_the_peer_counts",
    ),
    seed(
        "the left-most address is believed",
        "behind a proxy the client's own word counts",
        "handlers/web/address.py",
        '    return ",".join(lines).split(",")[: -HOPS - 1 : -1]\n',
        '    return ",".join(lines).split(",")[:HOPS]\n',
        "handlers/web/test_address.py::test_the_address_is_the_right_most_hop_that_is_not_ours",
    ),
    seed(
        "a house has as many limits as addresses",
        "one phone has 2^64 addresses of IPv6",
        "handlers/web/address.py",
        "IPV6_PREFIX = 64",
        "IPV6_PREFIX = 128",
        "handlers/web/test_address.py::test_limits_count_ipv6_by_network_and_ipv4_by_address",
    ),
    seed(
        "an expired cookie opens the chat",
        "an officer's session lasts until the phone is sold",
        "handlers/web/sessions.py",
        "return sender if age <= cookie.seconds else None",
        "return sender",
        f"{BAD}::test_an_expired_cookie_is_no_cookie",
    ),
    seed(
        "one cookie opens both chats",
        "a citizen's cookie speaks as an officer's",
        "handlers/web/sessions.py",
        'salt=f"cookie.{face}"',
        'salt="cookie"',
        f"{BAD}::test_a_citizens_cookie_opens_no_officers_chat_and_the_other_way_round",
    ),
    seed(
        "other sites' pages speak for a person",
        "a link in a game hands a declaration in",
        "handlers/web/direct.py",
        "        self._site.check(request)\n",
        "",
        f"{BAD}::test_what_another_sites_page_sends_is_refused",
    ),
    seed(
        "an upload that was sent again leaves its files",
        "a broken line fills the disk",
        "handlers/web/routes.py",
        "        else:\n            await self._remove(list(uploads))\n"
        "            said = await self._again(message, sender)\n",
        "        else:\n            said = await self._again(message, sender)\n",
        "handlers/web/test_bad_uploads.py::"
        "test_an_upload_sent_again_is_one_answer_and_leaves_nothing",
    ),
    seed(
        "settings are overwritten unseen",
        "two hands on one commune's settings, and one is lost",
        "dialogs/communes.py",
        "    if seen != now:\n",
        "    if seen > now:\n",
        "handlers/admin/test_communes.py::test_two_people_at_once_do_not_overwrite_each_other",
    ),
)
