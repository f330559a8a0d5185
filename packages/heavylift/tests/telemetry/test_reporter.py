import logging

import pytest

from heavylift.telemetry import Event, Promoted, Reporter

FACT = Promoted(due=1, expired=0)


def test_every_subscriber_hears_a_fact_in_the_order_of_subscription() -> None:
    heard: list[tuple[str, Event]] = []
    reporter = Reporter(lambda event: heard.append(("first", event)))
    reporter.subscribe(lambda event: heard.append(("second", event)))

    reporter.report(FACT)

    assert heard == [("first", FACT), ("second", FACT)]


def test_a_subscriber_that_fails_harms_neither_the_work_nor_the_other_subscribers(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Event] = []

    def fails(event: Event) -> None:
        raise RuntimeError("the disk of the metrics is full")

    reporter = Reporter(fails, heard.append)

    with caplog.at_level(logging.ERROR):
        reporter.report(FACT)

    assert heard == [FACT]
    assert "a telemetry subscriber failed on task.promoted" in caplog.text
    assert "the disk of the metrics is full" in caplog.text


def test_a_subscriber_that_wants_the_process_to_end_is_obeyed() -> None:
    def interrupted(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Reporter(interrupted).report(FACT)
