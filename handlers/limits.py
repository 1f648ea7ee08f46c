"""Limits against floods: per person and per address, in memory of this process."""

from collections import OrderedDict
from dataclasses import dataclass

KEYS_MAX = 50_000
# What repeated addition of fractions may lack at the very second promised.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in `seconds`."""

    count: int
    seconds: float


class Limits:
    """Token buckets by name and key; the least recently used are forgotten first."""

    def __init__(self, rates: dict[str, Rate]) -> None:
        self._rates = rates
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, name: str, key: str, now: float, count: int = 1) -> float:
        """Take `count` from the bucket, or nothing; return 0.0, or the seconds to wait for them.

        Whoever wants more than a full bucket holds, takes a full one.
        """
        wait = self.wait(name, key, now, count)
        if not wait:
            left, since = self._buckets[name, key]
            self._buckets[name, key] = (left - min(count, self._rates[name].count), since)
        return wait

    def wait(self, name: str, key: str, now: float, count: int = 1) -> float:
        """Return the seconds until `count` can be taken, 0.0 if now; nothing is taken."""
        rate = self._rates[name]
        left, since = self._buckets.pop((name, key), (float(rate.count), now))
        left = min(rate.count, left + max(now - since, 0.0) * rate.count / rate.seconds)
        self._buckets[name, key] = (left, now)
        while len(self._buckets) > KEYS_MAX:
            self._buckets.popitem(last=False)
        missing = min(count, rate.count) - left
        return missing * rate.seconds / rate.count if missing > ROUNDING else 0.0
