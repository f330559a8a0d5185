"""Tasks that come again and again: when, what, and what is to be done about times that nobody saw."""

from heavylift.schedule.plan import LATE, MOST_AT_ONCE, Plan, outlook, plan_of
from heavylift.schedule.schedule import FiredTask, KeptSchedule, Missed, Overlap, Schedule
from heavylift.schedule.tasks import TAG, queue_of, submission_of, task_id_at
from heavylift.schedule.timing import LONGEST_EVERY, SHORTEST_EVERY, Timing, TimingInvalid

__all__ = [
    "LATE",
    "LONGEST_EVERY",
    "MOST_AT_ONCE",
    "SHORTEST_EVERY",
    "TAG",
    "FiredTask",
    "KeptSchedule",
    "Missed",
    "Overlap",
    "Plan",
    "Schedule",
    "Timing",
    "TimingInvalid",
    "outlook",
    "plan_of",
    "queue_of",
    "submission_of",
    "task_id_at",
]
