"""What a process counts: right figures, nobody's data in them, and next to no time of a turn."""

from time import perf_counter

from prometheus_client import generate_latest

from handlers.measures import CODES_MAX, Measures


def samples(measures: Measures) -> dict[str, float]:
    """Return our samples by name with labels, those at 0 left out."""
    lines = generate_latest(measures.registry).decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line.startswith("khaihoc_"))
    return {name: float(value) for name, value in pairs if float(value)}


def test_a_batch_counts_each_message_from_its_arrival_to_its_answer() -> None:
    measures = Measures()
    measures.batch([1_000, 980, 400], done_ms=1_020, spent_s=0.012)
    found = samples(measures)
    latency = {
        k.partition('le="')[2][:-2]: v for k, v in found.items() if "latency" in k and "le" in k
    }
    assert latency == {
        "0.025": 1, "0.05": 2, "0.1": 2, "0.25": 2, "0.5": 2, "1.0": 3, "2.5": 3, "5.0": 3,
        "10.0": 3, "30.0": 3, "60.0": 3, "300.0": 3, "+Inf": 3,
    }  # fmt: skip
    assert round(found["khaihoc_turn_latency_seconds_sum"], 6) == 0.68
    assert found["khaihoc_turn_latency_seconds_count"] == 3
    assert found['khaihoc_batch_turns_bucket{le="4.0"}'] == 3 / 3
    assert found["khaihoc_batch_turns_sum"] == 3
    assert found["khaihoc_batch_seconds_sum"] == 0.012


def test_a_clock_that_jumped_back_makes_no_negative_latency() -> None:
    measures = Measures()
    measures.batch([5_000], done_ms=1_000, spent_s=0.0)
    assert samples(measures)['khaihoc_turn_latency_seconds_bucket{le="0.005"}'] == 1
    assert "khaihoc_turn_latency_seconds_sum" not in samples(measures)


def test_everything_else_is_counted_by_a_name_out_of_our_own_code() -> None:
    measures = Measures()
    measures.refused("stale_version")
    measures.refused("stale_version")
    measures.photo("blurry")
    measures.alarmed("queue_old")
    measures.dead()
    measures.unavailable()
    assert {k: v for k, v in samples(measures).items() if "_total" in k} == {
        'khaihoc_refusals_total{code="stale_version"}': 2,
        'khaihoc_photos_total{verdict="blurry"}': 1,
        'khaihoc_alarms_total{alarm="queue_old"}': 1,
        "khaihoc_dead_letters_made_total": 1,
        "khaihoc_database_unavailable_total": 1,
    }


def test_the_page_does_not_grow_with_what_comes_in() -> None:
    measures = Measures()
    for n in range(10 * CODES_MAX):
        measures.refused(f"code_{n}")
    codes = [name for name in samples(measures) if name.startswith("khaihoc_refusals_total")]
    assert len(codes) == CODES_MAX + 1
    assert samples(measures)['khaihoc_refusals_total{code="other"}'] == 9 * CODES_MAX


def test_two_programs_in_one_process_count_apart() -> None:
    one, other = Measures(), Measures()
    one.dead()
    assert samples(other) == {}


def test_measuring_costs_a_turn_less_than_two_microseconds() -> None:
    measures, arrived = Measures(), list(range(1_000, 1_064))

    def once() -> float:
        begun = perf_counter()
        for _ in range(200):
            measures.batch(arrived, done_ms=1_200, spent_s=0.01)
        return (perf_counter() - begun) / 200 / len(arrived)

    assert min(once() for _ in range(20)) < 2e-6
