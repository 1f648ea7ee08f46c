"""Limits keep little: the least recently used are forgotten, and forgetting helps no flood."""

import sys

from handlers.limits import KEYS_MAX, Limits, Rate


def test_a_hundred_thousand_keys_leave_no_more_than_the_bound() -> None:
    limits = Limits({"messages": Rate(20, 10.0)})
    for n in range(100_000):
        assert limits.take("messages", f"sender-{n}", 0.0) == 0.0
    assert len(limits._buckets) == KEYS_MAX
    ours = sum(sys.getsizeof(k) + sys.getsizeof(k[1]) + 200 for k in limits._buckets)
    assert ours < 25 * 1024 * 1024


def test_who_floods_stays_known_however_many_others_come_meanwhile() -> None:
    limits = Limits({"messages": Rate(20, 10.0)})
    for n in range(100_000):
        limits.take("messages", f"sender-{n}", 0.0)
        if n % 1_000 == 0:
            limits.take("messages", "flood", 0.0, 20)
    assert limits.take("messages", "flood", 0.0) > 0.0


def test_a_clock_set_back_neither_fills_a_bucket_nor_locks_anybody_out() -> None:
    limits = Limits({"messages": Rate(2, 10.0)})
    assert limits.take("messages", "a", 7_200.0, 2) == 0.0
    assert limits.take("messages", "a", 3_600.0) == 5.0
    assert limits.take("messages", "a", 3_605.0) == 0.0
    assert limits.take("messages", "a", 3_605.0) == 5.0


def test_each_limit_counts_apart() -> None:
    limits = Limits({"messages": Rate(1, 10.0), "uploads": Rate(1, 10.0)})
    assert limits.take("messages", "a", 0.0) == 0.0
    assert limits.take("uploads", "a", 0.0) == 0.0
    assert limits.take("messages", "a", 0.0) == 10.0
