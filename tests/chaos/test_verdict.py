"""The verdict finds what is planted, and accuses nobody else."""

from dataclasses import replace

import pytest

from heavylift.state import State
from tests.chaos.history import Answer, Ask, Birth, Blow, Chronicle, Counts, Effect, Held, History, Move, Run
from tests.chaos.verdict import Verdict, judge, total

QUEUED, RUNNING, SUCCEEDED, FAILED = State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FAILED


def history(*tasks: History, blows: tuple[Blow, ...] = ()) -> History:
    """One history of several, with counters that fit."""
    moves = tuple(move for task in tasks for move in task.moves)
    births = tuple(birth for task in tasks for birth in task.births)
    ended = [sum(move.state is state for move in moves) for state in (SUCCEEDED, FAILED, State.CANCELLED, State.EXPIRED)]
    return History(
        asks=tuple(ask for task in tasks for ask in task.asks),
        births=births,
        moves=moves,
        runs=tuple(run for task in tasks for run in task.runs),
        done=tuple(effect for task in tasks for effect in task.done),
        recorded=tuple(effect for task in tasks for effect in task.recorded),
        blows=blows,
        counts=Counts(len(births), *ended),
    )


def task(
    name: str,
    *steps: tuple[State, int],
    answer: Answer = Answer.ACKNOWLEDGED,
    may_end: frozenset[State] = frozenset({SUCCEEDED}),
    runs: tuple[Run, ...] = (),
) -> History:
    """The part of one task in a history; ``steps`` are states with the fence in force."""
    births = (Birth(name, name),) if steps else ()
    moves = tuple(Move(name, state, fence) for state, fence in steps)
    return History(asks=(Ask(name, may_end, answer),), births=births, moves=moves, runs=runs)


def run(name: str, fence: int = 1, *, attempt: int = 1, began: float = 0.0, ended: bool = True) -> Run:
    return Run(Held(name, fence, attempt), pid=fence, began=began, ended=began + 0.1 if ended else None)


def well(name: str) -> History:
    """A task that ran once and succeeded."""
    return task(name, (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), runs=(run(name),))


def twice(name: str) -> History:
    """A task whose first run died, and whose second succeeded."""
    steps = ((QUEUED, 0), (RUNNING, 1), (QUEUED, 1), (RUNNING, 2), (SUCCEEDED, 2))
    return task(name, *steps, runs=(run(name, ended=False), run(name, 2)))


def accused(verdict: Verdict) -> tuple[int, int, int]:
    return len(verdict.lost), len(verdict.double_commits), len(verdict.unexpected)


def test_a_history_in_which_all_went_well_is_sound() -> None:
    verdict = judge(history(well("a"), well("b")))

    assert (verdict.attempt, verdict.acknowledged, verdict.ok, verdict.runs) == (2, 2, 2, 2)
    assert accused(verdict) == (0, 0, 0)
    assert verdict.sound


def test_an_acknowledged_task_without_a_record_is_lost() -> None:
    verdict = judge(history(well("a"), task("b")))

    assert verdict.lost == ("b",)
    assert not verdict.sound


@pytest.mark.parametrize("state", [QUEUED, RUNNING, State.SCHEDULED])
def test_an_acknowledged_task_that_never_ends_is_lost(state: State) -> None:
    steps = {QUEUED: (), RUNNING: ((RUNNING, 1),), State.SCHEDULED: ((RUNNING, 1), (State.SCHEDULED, 1))}[state]

    assert judge(history(task("a", (QUEUED, 0), *steps))).lost == ("a",)


def test_a_task_that_ends_twice_is_a_double_commit_whatever_the_counters_say() -> None:
    runs = (run("a", 1), run("a", 2))
    doubled = task("a", (QUEUED, 0), (RUNNING, 1), (QUEUED, 1), (RUNNING, 2), (SUCCEEDED, 2), (SUCCEEDED, 1), runs=runs)

    verdict = judge(history(doubled))

    assert verdict.double_commits == ("a",)
    assert "1 were submitted and 2 have ended, say the counters" in verdict.unexpected


def test_an_end_that_is_overwritten_is_a_double_commit_and_off_the_table() -> None:
    verdict = judge(history(task("a", (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), (FAILED, 1), runs=(run("a"),))))

    assert verdict.double_commits == ("a",)
    assert "a went from succeeded to failed" in verdict.unexpected


def test_a_function_that_ran_twice_for_one_attempt_is_counted_and_allowed() -> None:
    again = task(
        "a", (QUEUED, 0), (RUNNING, 1), (QUEUED, 1), (RUNNING, 2), (SUCCEEDED, 2), runs=(run("a", ended=False), run("a", 2))
    )

    verdict = judge(history(again))

    assert (verdict.runs, verdict.duplicated, verdict.interrupted) == (2, 1, 1)
    assert verdict.sound


def test_an_effect_that_was_done_again_before_it_was_recorded_is_counted_and_allowed() -> None:
    done = (Effect("a", 1, "mail"), Effect("a", 2, "mail"))

    verdict = judge(history(replace(twice("a"), done=done, recorded=(Effect("a", 2, "mail"),))))

    assert (verdict.effects, verdict.repeated_effects) == (2, 1)
    assert verdict.sound


def test_attempts_of_a_task_that_is_tried_again_are_no_duplicates() -> None:
    steps = ((QUEUED, 0), (RUNNING, 1), (State.SCHEDULED, 1), (QUEUED, 1), (RUNNING, 2), (SUCCEEDED, 2))

    verdict = judge(history(task("a", *steps, runs=(run("a", 1), run("a", 2, attempt=2)))))

    assert verdict.duplicated == 0
    assert verdict.sound


def test_an_unknown_submission_may_exist_or_not() -> None:
    existing = replace(well("a"), asks=task("a", answer=Answer.UNKNOWN).asks)

    verdict = judge(history(existing, task("b", answer=Answer.UNKNOWN)))

    assert (verdict.unknown, verdict.recovered, verdict.acknowledged) == (2, 1, 0)
    assert accused(verdict) == (0, 0, 0)


@pytest.mark.parametrize(
    ("planted", "accusation"),
    [
        (replace(well("a"), asks=()), "a was recorded and never asked for"),
        (replace(well("a"), asks=task("a", answer=Answer.REFUSED).asks), "a was refused and recorded all the same"),
        (
            replace(well("a"), asks=task("a", may_end=frozenset({FAILED, State.CANCELLED})).asks),
            "a ended succeeded and not cancelled or failed",
        ),
        (
            replace(well("a"), runs=(run("a", ended=False),)),
            "a ended succeeded under fence 1, under which no function came to its end",
        ),
        (
            replace(well("a"), moves=(*well("a").moves[:2], Move("a", SUCCEEDED, 1, at=0.05))),
            "a ended succeeded under fence 1 0.050 s before the function of that fence came to its end",
        ),
        (replace(well("a"), runs=(run("a"), run("a", 2))), "a ran under fence 2, under which nobody claimed it"),
        (replace(well("a"), runs=(run("a"), run("a"))), "a ran 2 times under fence 1"),
        (
            task("a", (QUEUED, 0), (RUNNING, 1), (QUEUED, 1), (RUNNING, 1), (SUCCEEDED, 1), runs=(run("a"),)),
            "a was claimed again under fence 1",
        ),
        (task("a", (QUEUED, 0), (SUCCEEDED, 0), runs=(run("a", 0),)), "a went from queued to succeeded"),
        (
            replace(twice("a"), done=(Effect("a", 1, "mail"), Effect("a", 2, "mail")), recorded=(Effect("a", 1, "mail"),)),
            "a did mail under fence 2, which was recorded under fence 1",
        ),
        (replace(well("a"), recorded=(Effect("a", 1, "mail"),)), "a recorded mail under fence 1, under which nobody did it"),
        (task("a", (RUNNING, 1), (SUCCEEDED, 1), runs=(run("a"),)), "a was born running"),
    ],
)
def test_whatever_must_not_be_is_told_in_a_sentence(planted: History, accusation: str) -> None:
    verdict = judge(history(planted))

    assert accusation in verdict.unexpected
    assert not verdict.sound


def test_counters_that_do_not_fit_the_records_are_unexpected() -> None:
    miscounted = replace(history(well("a")), counts=Counts(1, 0, 1, 0, 0))

    assert "the counters say that 0 succeeded; 1 records moved there" in judge(miscounted).unexpected


def test_what_is_left_at_rest_is_unexpected() -> None:
    assert judge(replace(history(well("a")), leftovers=("1 tasks are left in scheduled",))).unexpected


def test_a_fault_that_never_hit_proves_nothing() -> None:
    missed = Blow("worker-kill", at=1.0, until=1.0, proof="")

    verdict = judge(history(well("a"), blows=(missed,)))

    assert verdict.sound
    assert verdict.unproven == ("worker-kill",)
    assert not verdict.holds


def test_a_history_without_work_proves_nothing() -> None:
    hit = Blow("worker-kill", at=1.0, until=1.0, proof="1 run was cut short")

    assert judge(history(well("a"), blows=(hit,))).holds
    assert not judge(history(blows=(hit,))).holds


def test_a_complaint_of_a_fault_is_unexpected() -> None:
    blow = Blow("worker-drain", at=1.0, until=2.0, proof="1 task was running", complaint="it ended with code 1")

    assert judge(history(well("a"), blows=(blow,))).unexpected == ("worker-drain: it ended with code 1",)


def test_recovery_is_the_time_until_what_was_cut_short_runs_again() -> None:
    runs = (run("a", 1, began=0.5, ended=False), run("a", 2, began=3.5))
    again = task("a", (QUEUED, 0), (RUNNING, 1), (QUEUED, 1), (RUNNING, 2), (SUCCEEDED, 2), runs=runs)
    kill = Blow("worker-kill", at=1.0, until=1.0, proof="1 run was cut short", cut=(Held("a", 1, 1),))

    (report,) = judge(history(again, blows=(kill,))).faults

    assert (report.struck, report.hit, report.cut, report.recoveries) == (1, 1, 1, (2.5,))


def test_recovery_from_what_cuts_nothing_is_the_time_until_anything_begins() -> None:
    hang = Blow("redis-hang", at=1.0, until=4.0, proof="it did not answer")
    after = replace(well("a"), runs=(run("a", began=4.25),))

    (report,) = judge(history(after, blows=(hang,))).faults

    assert report.recoveries == (0.25,)


def test_the_total_of_several_verdicts_hides_nothing() -> None:
    kill = Blow("worker-kill", at=0.0, until=0.0, proof="1 run was cut short", recovery=1.0)
    first = judge(history(well("a"), blows=(kill,)))
    second = judge(history(well("b"), task("c"), blows=(replace(kill, proof=""),)))

    whole = total([first, second])

    assert (whole.attempt, whole.ok, whole.lost) == (3, 2, ("c",))
    assert [(fault.struck, fault.hit) for fault in whole.faults] == [(2, 1)]
    assert not whole.holds


FAILOVER = Blow("sentinel-kill", at=10.0, until=12.0, proof="5 tasks ran", takes_back=True)


def test_a_run_whose_claim_a_failover_took_back_is_counted_and_allowed() -> None:
    # It ran under fence 1, of which the new primary had not heard, and then again under the same fence.
    again = task("a", (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), runs=(run("a", began=9.9), run("a", began=12.5)))
    # It was claimed a second time, of which the new primary had not heard, and has ended under the first claim since.
    unheard = task("b", (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), runs=(run("b", began=1.0), run("b", 2, began=11.0)))

    verdict = judge(history(again, unheard, blows=(FAILOVER,)))

    assert (verdict.taken_back, verdict.duplicated) == (2, 2)
    assert accused(verdict) == (0, 0, 0)


@pytest.mark.parametrize("blows", [(), (FAILOVER,), (replace(FAILOVER, at=100.0, until=101.0, takes_back=False),)])
def test_such_a_run_is_an_accusation_where_no_failover_can_have_brought_it_about(blows: tuple[Blow, ...]) -> None:
    again = task("a", (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), runs=(run("a", began=100.0), run("a", began=100.5)))
    unheard = task("b", (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), runs=(run("b", began=1.0), run("b", 2, began=100.0)))

    verdict = judge(history(again, unheard, blows=blows))

    assert verdict.taken_back == 0
    assert accused(verdict) == (0, 0, 2)


def test_an_end_of_which_only_a_run_that_was_taken_back_came_to_its_end_needs_no_other() -> None:
    """Its fence was given out again, and whoever held it first reported first."""
    runs = (run("a", began=9.9), run("a", began=12.5, ended=False))
    ended = task("a", (QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), runs=runs)

    assert accused(judge(history(ended, blows=(FAILOVER,)))) == (0, 0, 0)


def test_a_second_end_on_a_server_that_did_not_survive_is_a_double_commit_all_the_same() -> None:
    steps = [(QUEUED, 0), (RUNNING, 1), (SUCCEEDED, 1), (QUEUED, 1), (RUNNING, 2), (SUCCEEDED, 2)]
    elsewhere = Chronicle((Birth("a", "a"),), tuple(Move("a", state, fence) for state, fence in steps))

    verdict = judge(replace(history(well("a")), others=(elsewhere,)))

    assert verdict.double_commits == ("a",)
    assert any("went from succeeded to queued" in sentence for sentence in verdict.unexpected)


def test_what_a_server_inherited_counts_as_it_came() -> None:
    born = (Birth("a", "a", inherited=True),)
    steps = ((State.SCHEDULED, 3), (QUEUED, 3), (RUNNING, 4), (SUCCEEDED, 4))
    inherited = replace(task("a", *steps, runs=(run("a", 1), run("a", 4))), births=born)
    ended = replace(task("b", (SUCCEEDED, 2), runs=(run("b", 2),)), births=(Birth("b", "b", inherited=True),))

    assert accused(judge(history(inherited, ended))) == (0, 0, 0)
