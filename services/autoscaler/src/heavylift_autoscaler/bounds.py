"""From what is needed to what is ordered: patience, bounds, and what the cluster can give."""

import math
from dataclasses import dataclass

from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.need import Cause, Finding
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommendation import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """``greatest``: the most pods that were needed lately. ``running``: pods that what runs fills.

    ``sure``: whether all that is known can be relied on for taking pods away.
    """

    greatest: float
    running: int
    sure: bool


def bounded(finding: Finding, fleet: Fleet, promise: Promise, bounds: Bounds) -> tuple[int, Rule]:
    """How many pods, and what decided that."""
    pods, rule = _patient(finding, fleet, promise, bounds)
    if pods > fleet.ordered and _stuck(fleet):
        pods, rule = fleet.ordered, Rule.CLUSTER
    if pods > promise.maximum:
        kept = min(bounds.running, fleet.ordered) if bounds.sure else fleet.ordered
        pods, rule = max(promise.maximum, kept), Rule.MAXIMUM
    if pods < promise.minimum:
        pods, rule = promise.minimum, Rule.MINIMUM
    return pods, rule


def _patient(finding: Finding, fleet: Fleet, promise: Promise, bounds: Bounds) -> tuple[int, Rule]:
    """More at once, but for what lies within the tolerance; fewer when it has been enough for a while."""
    needed = whole(finding.pods)
    if needed > fleet.ordered:
        slight = finding.need.cause is Cause.ARRIVALS and finding.pods <= fleet.ordered * (1 + promise.tolerance)
        return (fleet.ordered, Rule.STEADY) if slight else (needed, Rule.NEED)
    enough = min(fleet.ordered, max(whole(bounds.greatest), bounds.running))
    if enough < fleet.ordered and not bounds.sure:
        return fleet.ordered, Rule.UNKNOWN
    if enough == needed:
        return enough, Rule.NEED
    return enough, Rule.RUNNING if enough > whole(bounds.greatest) else Rule.CALM


def whole(pods: float) -> int:
    """Pods come whole. What is a hair above a number is an error of the computing."""
    return math.ceil(pods - 1e-9)


def _stuck(fleet: Fleet) -> bool:
    """Whether more would come to nothing: there is no room for them, or most of those that start do not get ready."""
    return fleet.unplaced > 0 or fleet.failing > fleet.ready
