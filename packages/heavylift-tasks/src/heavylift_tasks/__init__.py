"""The tasks that Heavylift ships. The entry point ``heavylift.tasks`` names this package; a worker finds the kinds below."""

from heavylift_tasks.demo import add, echo, fail, sleep
from heavylift_tasks.image import thumbnails
from heavylift_tasks.mail import send, welcome

__all__ = ["add", "echo", "fail", "send", "sleep", "thumbnails", "welcome"]
