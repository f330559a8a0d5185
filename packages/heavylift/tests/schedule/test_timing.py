"""When a schedule comes: cron expressions in time zones, and intervals."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from heavylift.schedule import Timing, TimingInvalid

BERLIN = "Europe/Berlin"  # on 2026-03-29 there is no 2:00 to 3:00, on 2026-10-25 there are two of them
ZONES = ("UTC", BERLIN, "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo")
CRONS = (
    *("* * * * *", "*/15 * * * *", "30 2 * * *", "0,30 1-3 * * *", "15 * * * *", "*/20 2 * * *"),
    *("0 0 * * *", "0 9 * * MON-FRI", "45 23 L * *", "0 12 1,15 * SUN", "@daily", "0 3 * 3,10 SUN#5"),
)

moments = st.integers(0, 2 * 365 * 86_400_000).map(lambda ms: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
timings = st.builds(Timing, cron=st.sampled_from(CRONS), timezone=st.sampled_from(ZONES))
intervals = st.builds(Timing, every=st.floats(1, 100_000), start=st.none() | moments)


def _local(timing: Timing, since: str, number: int) -> list[str]:
    zone = ZoneInfo(timing.timezone)
    times = islice(timing.times_after(datetime.fromisoformat(since).replace(tzinfo=zone)), number)
    return [time.astimezone(zone).strftime("%d. %H:%M %Z") for time in times]


def test_a_time_in_the_hour_that_is_left_out_comes_right_after_it() -> None:
    assert _local(Timing(cron="30 2 * * *", timezone=BERLIN), "2026-03-28 03:00", 2) == ["29. 03:00 CEST", "30. 02:30 CEST"]


def test_a_time_in_the_hour_that_comes_twice_comes_once_in_the_first() -> None:
    daily = Timing(cron="30 2 * * *", timezone=BERLIN)

    assert _local(daily, "2026-10-24 03:00", 2) == ["25. 02:30 CEST", "26. 02:30 CET"]
    second_hour = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert daily.after(second_hour) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_what_comes_every_so_many_minutes_keeps_to_them_through_both_changes() -> None:
    quarters = Timing(cron="*/15 * * * *", timezone=BERLIN)

    for change in (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)):
        times = list(islice(quarters.times_after(change), 12))
        assert times == [change + timedelta(minutes=15 * number) for number in range(1, 13)]


def test_a_cron_expression_follows_the_clock_on_the_wall_of_its_zone() -> None:
    workdays = Timing(cron="0 9 * * MON-FRI", timezone=BERLIN)

    assert workdays.after(datetime(2026, 3, 27, 12, tzinfo=UTC)) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert workdays.after(datetime(2026, 3, 26, 12, tzinfo=UTC)) == datetime(2026, 3, 27, 8, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(timing=timings, moment=moments)
def test_a_next_time_is_later_and_is_the_same_until_it_comes(timing: Timing, moment: datetime) -> None:
    following = timing.after(moment)

    assert following is not None
    assert following > moment
    halfway = moment + (following - moment) / 2
    assert timing.after(halfway) == following
    assert timing.after(following - timedelta(microseconds=1)) == following


@settings(max_examples=60, deadline=None)
@given(timing=timings, moment=moments)
def test_times_one_after_the_other_are_those_that_are_found_one_by_one(timing: Timing, moment: datetime) -> None:
    several = list(islice(timing.times_after(moment), 6))

    for time in several:
        assert timing.after(moment) == time
        moment = time


@settings(max_examples=60, deadline=None)
@given(timing=intervals, moment=moments)
def test_an_interval_keeps_its_rhythm_wherever_it_is_looked_at_from(timing: Timing, moment: datetime) -> None:
    first, second = islice(timing.times_after(moment), 2)

    assert second - first == timedelta(milliseconds=round((timing.every or 0) * 1000))
    assert first > moment
    assert timing.start is not None or (first - datetime(1970, 1, 1, tzinfo=UTC)) % (second - first) == timedelta()
    assert timing.after(second - timedelta(microseconds=1)) == second


def test_nothing_comes_before_the_start_nor_after_the_end() -> None:
    start, end = datetime(2026, 5, 1, 10, tzinfo=UTC), datetime(2026, 5, 1, 10, 2, tzinfo=UTC)
    times = Timing(every=60, start=start, end=end).times_after(datetime(2026, 1, 1, tzinfo=UTC))

    assert list(times) == [start, start + timedelta(minutes=1), end]
    assert Timing(cron="* * * * *", start=start, end=end).after(start) == start + timedelta(minutes=1)
    assert Timing(cron="* * * * *", end=end).after(end) is None


@pytest.mark.parametrize(
    ("given_", "field", "said"),
    [
        ({"cron": "61 * * * *"}, "cron", "the minute is wrong"),
        ({"cron": "* * * *"}, "cron", "five fields"),
        ({"cron": "* * * * * *"}, "cron", "five fields"),
        ({"cron": "0 0 31 2 *"}, "cron", "the day of month is wrong"),
        ({"cron": "x" * 5000}, "cron", "0 9 * * MON-FRI"),
        ({}, "cron", "one of the two"),
        ({"cron": "* * * * *", "every": 5}, "cron", "one of the two"),
        ({"every": 0.5}, "every", "from 1 to"),
        ({"every": float("nan")}, "every", "from 1 to"),
        ({"every": 60, "start": datetime(1, 1, 1, tzinfo=UTC)}, "start", "between 1970 and 2200"),
        ({"every": 60, "end": datetime(9999, 1, 1, tzinfo=UTC)}, "end", "between 1970 and 2200"),
        ({"every": 60, "timezone": "Europe/Berln"}, "timezone", "did you mean Europe/Berlin?"),
        ({"every": 60, "timezone": "../../etc/passwd"}, "timezone", "is none"),
        ({"every": 60, "start": datetime(2026, 1, 2, tzinfo=UTC), "end": datetime(2026, 1, 1, tzinfo=UTC)}, "end", "after start"),
    ],
)
def test_what_cannot_be_understood_is_refused_at_its_field(given_: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(TimingInvalid) as refused:
        Timing(**given_)  # type: ignore[arg-type]  # that is the point

    assert refused.value.field == field
    assert said in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30) | st.lists(st.sampled_from([*"0159*/-,#LW", "MON", "60"]), min_size=5, max_size=9).map(" ".join))
def test_whatever_is_written_is_a_timing_or_is_refused(text: str) -> None:
    try:
        timing = Timing(cron=text)
    except TimingInvalid:
        return
    assert timing.after(datetime(2026, 1, 1, tzinfo=UTC)) is not None
