"""How long a client is waited for, by a clock that the test turns."""

from heavylift_api.patience import SLOWEST, Sender, Taker

PATIENCE = 10.0


def test_a_head_has_its_time_however_much_of_it_comes() -> None:
    sender = Sender(PATIENCE, now=100.0)
    sender.received = 60_000

    assert not sender.is_late(110.0)
    assert sender.is_late(110.1)


def test_a_body_that_keeps_coming_may_take_as_long_as_it_takes() -> None:
    sender = Sender(PATIENCE, now=0.0)
    sender.in_head = False

    for second in range(1, 1000):
        sender.received += SLOWEST
        assert not sender.is_late(float(second))
    assert sender.is_late(1000 + PATIENCE)


def test_who_is_held_back_by_us_is_not_late() -> None:
    sender = Sender(PATIENCE, now=0.0)

    for second in range(0, 100, 5):
        sender.is_held_back(float(second))
        assert not sender.is_late(float(second))
    assert sender.is_late(95 + PATIENCE + 1)


def test_who_owes_nothing_is_never_late() -> None:
    sender = Sender(PATIENCE, now=0.0)

    sender.has_sent_all()
    sender.is_held_back(1.0)
    assert not sender.is_late(1e9)

    sender.begins(1e9)
    assert sender.is_late(1e9 + PATIENCE + 1)


def test_a_reader_that_is_slow_and_reads_on_is_not_stuck() -> None:
    taker = Taker(PATIENCE, now=0.0)
    assert not taker.is_stuck(10_000_000, 0, 1.0)

    for second in range(2, 5000):
        assert not taker.is_stuck(10_000_000 - 1100 * second, 1100 * second, float(second))


def test_a_reader_that_takes_in_bursts_is_not_stuck() -> None:
    """The kernel asks for more when a third of its buffer is free, and takes nothing from us until then."""
    taker = Taker(PATIENCE, now=0.0)

    for second in range(1, 100):
        taken = (second // 8) * 100_000
        assert not taker.is_stuck(10_000_000 - taken, taken, float(second))


def test_a_reader_that_takes_next_to_nothing_is_stuck() -> None:
    taker = Taker(PATIENCE, now=0.0)

    stuck = [taker.is_stuck(10_000_000 - second, second, float(second)) for second in range(1, 20)]

    assert stuck.index(True) == PATIENCE + 1, "what it took first was all that it owed then"


def test_more_that_is_written_is_nothing_that_was_taken() -> None:
    taker = Taker(PATIENCE, now=0.0)

    stuck = [taker.is_stuck(1000 * second, 0, float(second)) for second in range(1, 20)]

    assert stuck.index(True) == PATIENCE


def test_a_reader_for_whom_there_is_always_more_is_not_stuck() -> None:
    taker = Taker(PATIENCE, now=0.0)

    for second in range(1, 1000):
        assert not taker.is_stuck(500_000, 50_000 * second, float(second))


def test_a_stream_of_little_things_that_take_their_time_on_the_way_is_not_stuck() -> None:
    taker = Taker(PATIENCE, now=0.0)

    for second in range(1, 1000):
        assert not taker.is_stuck(60, 30 * second, float(second))


def test_a_stream_on_which_little_happens_and_all_is_taken_is_not_stuck() -> None:
    taker = Taker(PATIENCE, now=0.0)

    for second in range(1, 1000):
        assert not taker.is_stuck(30 if second % 15 == 0 else 0, 2 * second, float(second))
