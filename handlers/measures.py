"""What a process counts about itself, and how Prometheus reads it.

One object a program, with a registry of its own. A turn costs it a fraction of a microsecond:
figures are plain integers of the event loop's thread, added up once a batch, put into words when
asked.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from dialogs.model import Verdict

VERSION = "0.1.0"
# Seconds. The budget of a lone turn is 50 ms, a page gives up after 10 s.
LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)
# Codes are names in our code; should one ever be made up at run time, the page does not grow.
CODES_MAX = 100
Settled = Verdict | Literal["refused"]


class Tally:
    """A histogram of plain integers: how many values fell at or below each bound."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, values: Iterable[float]) -> None:
        """Count each of `values`."""
        counts, bounds, total = self._counts, self._bounds, 0.0
        for value in values:
            counts[bisect_left(bounds, value)] += 1
            total += value
        self._sum += total

    def one(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def family(self, name: str, about: str) -> Metric:
        """Return it as Prometheus has it: counts that grow from bucket to bucket."""
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        counted, buckets = 0, []
        for bound, count in zip(names, self._counts, strict=True):
            counted += count
            buckets.append((bound, float(counted)))
        return HistogramMetricFamily(name, about, buckets=buckets, sum_value=self._sum)


class Counts:
    """Counters under one label, whose values are names out of our own code."""

    def __init__(self, label: str, names: Iterable[str] = ()) -> None:
        self._label = label
        self._counts = dict.fromkeys(names, 0)

    def add(self, name: str) -> None:
        """Count one more."""
        if name not in self._counts and len(self._counts) >= CODES_MAX:
            name = "other"
        self._counts[name] = self._counts.get(name, 0) + 1

    def family(self, name: str, about: str) -> Metric:
        """Return them as Prometheus has them."""
        family = CounterMetricFamily(name, about, labels=[self._label])
        for value, count in sorted(self._counts.items()):
            family.add_metric([value], count)
        return family


class Measures(Collector):
    """The counters of one process, and the registry that `GET /metrics` reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._latency, self._batches = Tally(LATENCY), Tally(BATCH)
        self._spent = Tally(LATENCY)
        self._refused, self._photos = Counts("code"), Counts("verdict")
        self._alarms, self._tokens = Counts("alarm"), Counts("outcome")
        self._heard = Counts("outcome")
        self._deliveries, self._waited = Counts("outcome"), Tally(LATENCY)
        self._dead = self._unavailable = 0
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(self)

    def batch(self, arrived_ms: Sequence[int], *, done_ms: int, spent_s: float) -> None:
        """Count a committed batch: when each of its messages arrived, when it was answered, and
        how long the batch itself took. A clock that jumped back makes a latency of 0.
        """
        self._latency.add([max(done_ms - at_ms, 0) / 1000 for at_ms in arrived_ms])
        self._batches.one(len(arrived_ms))
        self._spent.one(spent_s)

    def refused(self, code: str) -> None:
        """Count a request that was answered with this problem code."""
        self._refused.add(code)

    def delivery(self, channel: str, outcome: str, waited_s: float) -> None:
        """Count an attempt to send: what became of it, and how long the message had waited."""
        self._deliveries.add(f"{channel} {outcome}")
        if outcome == "sent":
            self._waited.one(max(waited_s, 0.0))

    def heard(self, channel: str, outcome: str) -> None:
        """Count what a platform sent and what became of it; see `handlers.zalo.hearing`."""
        self._heard.add(f"{channel} {outcome}")

    def dead(self) -> None:
        """Count a message that became a dead letter."""
        self._dead += 1

    def unavailable(self) -> None:
        """Count a moment at which the database could not be used."""
        self._unavailable += 1

    def photo(self, settled: Settled) -> None:
        """Count a photo that was looked at."""
        self._photos.add(settled)

    def alarmed(self, alarm: str) -> None:
        """Count an alarm of the table in `handlers.alarms`."""
        self._alarms.add(alarm)

    def token(self, outcome: str) -> None:
        """Count what became of asking Zalo for new tokens; see `handlers.zalo.tokens`."""
        self._tokens.add(outcome)

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted since the process began."""
        yield self._latency.family(
            "khaihoc_turn_latency_seconds", "From a message's arrival to its committed answer"
        )
        yield self._batches.family("khaihoc_batch_turns", "Turns answered by one commit")
        yield self._spent.family("khaihoc_batch_seconds", "Reading, deciding and writing a batch")
        yield self._refused.family("khaihoc_refusals", "Requests refused, by problem code")
        yield self._photos.family("khaihoc_photos", "Photos looked at, by verdict")
        yield self._deliveries.family(
            "khaihoc_deliveries", "Attempts to send, by channel and what became of them"
        )
        yield self._waited.family(
            "khaihoc_send_latency_seconds", "From a message's commit to the platform's receipt"
        )
        yield self._heard.family(
            "khaihoc_platform_events", "What platforms sent, by channel and what became of it"
        )
        yield self._alarms.family("khaihoc_alarms", "Alarms raised, by name")
        yield self._tokens.family("khaihoc_zalo_tokens", "Askings for Zalo tokens, by outcome")
        yield CounterMetricFamily(
            "khaihoc_dead_letters_made", "Messages that could not be answered", value=self._dead
        )
        yield CounterMetricFamily(
            "khaihoc_database_unavailable",
            "Times the database could not be used",
            value=self._unavailable,
        )
