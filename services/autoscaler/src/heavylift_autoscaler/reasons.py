"""The reason for a number of pods, in one sentence that a tired person understands."""

import math
from datetime import UTC

from heavylift_autoscaler.bounds import whole
from heavylift_autoscaler.demand import Demand
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.need import Cause, Finding
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommendation import Recommendation, Rule


def reason_of(pods: int, rule: Rule, finding: Finding, fleet: Fleet, promise: Promise, unsure: str) -> Recommendation:
    """The recommendation with its sentence."""
    why = _why(pods, rule, finding, fleet, promise, unsure)
    return Recommendation(
        pods=pods,
        rule=rule,
        reason=f"{_move(fleet.ordered, pods)}: {why}{_paused(finding.demand)}",
        needed=whole(finding.pods),
        would_wait=finding.need.would_wait,
    )


def reason_to_hold(pods: int, unknown: str) -> Recommendation:
    """The same where nothing is known."""
    return Recommendation(pods=pods, rule=Rule.UNKNOWN, reason=f"holding at {pods}: {unknown}")


def _move(before: int, after: int) -> str:
    return f"staying at {after}" if before == after else f"scaling from {before} to {after}"


def _why(pods: int, rule: Rule, finding: Finding, fleet: Fleet, promise: Promise, unsure: str) -> str:
    needed = whole(finding.pods)
    match rule:
        case Rule.STEADY:
            return f"{_load(finding)}, which is near enough"
        case Rule.CALM:
            return f"{needed} would do now, and {pods} is the most that was needed in the last {promise.calm:.0f} s"
        case Rule.RUNNING:
            return f"{needed} would do, but {_tasks(finding.demand.running)} running"
        case Rule.MINIMUM:
            return f"there are never fewer than {promise.minimum}, and {_load(finding)}"
        case Rule.MAXIMUM:
            return f"{needed} are needed and {promise.maximum} allowed: {_load(finding)}"
        case Rule.CLUSTER:
            return f"{needed} are needed, but {_stuck(fleet)}"
        case Rule.UNKNOWN:
            return f"{needed} would do, but none is taken away so soon after a doubt: {unsure}"
        case Rule.NEED:
            return _need(finding, fleet, promise)


def _need(finding: Finding, fleet: Fleet, promise: Promise) -> str:
    needed = whole(finding.pods)
    if finding.need.cause is Cause.BACKLOG and needed > fleet.ordered:
        return f"{_backlog(finding.demand)} would wait {_wait(finding)}, {promise.wait:.4g} s were promised"
    if needed < fleet.ordered:
        return f"more was not needed in the last {promise.calm:.0f} s, as {_load(finding)}"
    return _load(finding)


def _load(finding: Finding) -> str:
    demand = finding.demand
    match finding.need.cause:
        case Cause.NOTHING:
            return "nothing waits, runs or comes in"
        case Cause.ARRIVALS:
            busy = (demand.rate or 0.0) * demand.usual / finding.slots
            return f"{demand.rate or 0:.3g} tasks of {_seconds(demand.usual)} come in each second, work for {_pods(busy)}"
        case Cause.BACKLOG:
            return f"{_backlog(demand)} would wait {_wait(finding)}"


def _backlog(demand: Demand) -> str:
    words = [f"{demand.waiting} ready"] if demand.waiting or not demand.coming else []
    words += [f"{demand.coming} due"] if demand.coming else []
    number = demand.waiting + demand.coming
    guess = "perhaps " if demand.guessed else ""
    return f"{' and '.join(words)} {'task' if number == 1 else 'tasks'} of {guess}{_seconds(demand.seconds)}{_planned(demand)}"


def _planned(demand: Demand) -> str:
    if demand.planned_at is None:
        return ""
    at = demand.planned_at.astimezone(UTC)
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f", {demand.planned} of them scheduled at {clock},"


def _wait(finding: Finding) -> str:
    return "for ever" if math.isinf(finding.need.would_wait) else _seconds(finding.need.would_wait)


def _stuck(fleet: Fleet) -> str:
    if fleet.unplaced:
        return f"{_pods(fleet.unplaced)} {'waits' if fleet.unplaced == 1 else 'wait'} for a place in the cluster already"
    return f"{_pods(fleet.failing)} {'does' if fleet.failing == 1 else 'do'} not get ready: look at their image and their logs"


def _paused(demand: Demand) -> str:
    if not demand.held:
        return ""
    queues = f"the queue {demand.paused[0]} is" if len(demand.paused) == 1 else f"the queues {', '.join(demand.paused)} are"
    return f"; {queues} paused, with {demand.held} {'task' if demand.held == 1 else 'tasks'} ready"


def _tasks(number: int) -> str:
    return "1 task is" if number == 1 else f"{number} tasks are"


def _pods(number: float) -> str:
    return f"{number:.3g} {'pod' if number == 1 else 'pods'}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"
