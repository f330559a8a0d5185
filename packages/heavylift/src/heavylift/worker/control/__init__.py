"""Celery's remote control. Importing this registers our commands in the place of Celery's, in the way of Celery's own module.

Celery's commands answer from what its own way of consuming leaves in memory, which here is empty: what waits and what runs is in
the records. ``look`` asks, ``change`` acts, and ``refuse`` says in a sentence why something has no meaning here.
"""

from heavylift.worker.control import change, look, refuse

__all__ = ["change", "look", "refuse"]
