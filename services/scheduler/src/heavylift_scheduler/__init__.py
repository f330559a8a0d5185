"""Submits the tasks of schedules at their times."""
