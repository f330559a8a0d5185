"""What several rounds say together."""

import pytest

from bench.summary import Spread, column, most_at_once, percentile, ratios, spread


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(median=3.0, least=1.0, most=10.0)


def test_an_even_number_of_rounds_has_its_median_in_the_middle() -> None:
    assert spread([4.0, 1.0, 2.0, 3.0]) == Spread(median=2.5, least=1.0, most=4.0)


def test_nothing_measured_has_no_spread() -> None:
    assert spread([]) is None


def test_a_round_that_failed_is_left_out_of_its_column() -> None:
    assert column([{"rate": 5.0}, {}, {"rate": 7.0}], "rate") == [5.0, 7.0]


def test_ratios_compare_the_same_round() -> None:
    # Given a machine that was twice as slow in the second round
    ours, theirs = [{"rate": 80.0}, {"rate": 40.0}], [{"rate": 10.0}, {"rate": 5.0}]

    assert ratios(ours, theirs, "rate") == [8.0, 8.0]


def test_a_round_that_one_of_both_failed_has_no_ratio() -> None:
    ours, theirs = [{"rate": 80.0}, {}, {"rate": 60.0}], [{}, {"rate": 10.0}, {"rate": 20.0}]

    assert ratios(ours, theirs, "rate") == [3.0]


@pytest.mark.parametrize(("percent", "value"), [(50, 50.0), (99, 99.0), (1, 1.0)])
def test_a_percentile_is_what_so_many_percent_do_not_exceed(percent: int, value: float) -> None:
    assert percentile([float(number) for number in range(101)], percent) == pytest.approx(value)


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 99) == 7.0


def test_what_touches_only_at_its_ends_does_not_last_at_once() -> None:
    assert most_at_once([(0.0, 1.0), (1.0, 2.0), (1.5, 3.0), (1.6, 1.7)]) == 3
    assert most_at_once([(0.0, 1.0), (1.0, 2.0)]) == 1
    assert most_at_once([]) == 0
