"""The verdict of the end-to-end tests, tried on histories in which something is wrong."""

from dataclasses import replace

from tests.chaos.history import Answer, Counts, Held, Run
from tests.e2e.support.history import End, History, Request, Submission
from tests.e2e.support.verdict import judge


def accepted(task: str, at: float) -> Submission:
    return Submission((Request(at - 0.01, at, Answer.ACKNOWLEDGED, "202", task),))


def unanswered(at: float) -> Request:
    return Request(at - 1.0, at, Answer.UNKNOWN, "503")


def end(task: str, state: str = "succeeded", at: str = "12:00:01") -> End:
    return End(task, state, at)


def run(task: str, began: float, ended: float | None, fence: int = 1) -> Run:
    return Run(Held(task, fence, 1), 7, began, ended)


#: Two tasks that went in, ran and ended.
WELL = History(
    submissions=(accepted("a", 10.0), accepted("b", 10.5)),
    sightings=(end("a"),),
    ends=(end("a"), end("b")),
    runs=(run("a", 10.1, 10.2), run("b", 10.6, 10.7)),
    counts=Counts(2, 2, 0, 0, 0),
    struck=10.2,
)


def test_what_went_in_and_came_out_is_sound():
    verdict = judge(WELL)

    assert verdict.sound
    assert (verdict.acknowledged, verdict.runs, verdict.failed, verdict.repeated) == (2, 2, 0, 0)


def test_nothing_is_proven_by_a_trial_in_which_nothing_was_accepted():
    assert not judge(History()).sound


def test_an_acknowledged_task_without_a_record_is_lost():
    verdict = judge(replace(WELL, ends=(end("b"),), sightings=(), counts=Counts(1, 1, 0, 0, 0), runs=WELL.runs[1:]))

    assert verdict.lost == ("a",)
    assert not verdict.sound


def test_an_acknowledged_task_that_has_not_ended_is_lost():
    verdict = judge(replace(WELL, ends=(end("a"),), live=("b",), counts=Counts(2, 1, 0, 0, 0)))

    assert verdict.lost == ("b",)
    assert "b has not ended" in verdict.unexpected


def test_an_end_that_somebody_saw_and_that_no_longer_stands_is_a_second_commit():
    verdict = judge(replace(WELL, ends=(end("a", at="12:00:09"), end("b"))))

    assert len(verdict.double_commits) == 1
    assert not verdict.sound


def test_more_ends_in_the_counters_than_tasks_is_a_second_commit():
    assert judge(replace(WELL, counts=Counts(2, 3, 0, 0, 0))).double_commits


def test_a_task_that_failed_is_not_what_was_expected():
    verdict = judge(replace(WELL, ends=(end("a"), end("b", "failed")), counts=Counts(2, 1, 1, 0, 0)))

    assert verdict.unexpected == ("b ended failed",)


def test_a_request_that_was_tried_again_has_failed_and_is_not_forsaken():
    twice = Submission((unanswered(10.4), *accepted("b", 10.5).requests))

    verdict = judge(replace(WELL, submissions=(WELL.submissions[0], twice)))

    assert (verdict.failed, verdict.forsaken) == (1, 0)
    assert verdict.sound


def test_a_task_whose_answer_was_lost_is_recovered_when_it_ended():
    alone = Submission((unanswered(10.4),))

    verdict = judge(replace(WELL, submissions=(WELL.submissions[0], alone)))

    assert (verdict.recovered, verdict.forsaken) == (1, 1)
    assert verdict.sound


def test_the_gap_is_the_longest_time_without_acceptance_that_ends_after_the_fault():
    calm = (accepted("c", 1.0), accepted("d", 9.0))

    verdict = judge(replace(WELL, submissions=(*calm, *WELL.submissions)))

    assert verdict.gap_accepted == 0.5  # from 10.0 to 10.5; what came before ended before the fault at 10.2


def test_a_run_that_was_cut_short_resumed_when_it_began_under_the_next_fence():
    verdict = judge(replace(WELL, runs=(run("a", 10.1, None), run("a", 15.0, 15.1, fence=2), WELL.runs[1])))

    assert (verdict.cut, verdict.repeated) == (1, 1)
    assert verdict.resumed is not None
    assert round(verdict.resumed, 3) == 4.8
