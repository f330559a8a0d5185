"""Heavylift under Celery's API: the same tasks, ``.delay()``, canvas and control commands, on our store.

With ``heavylift.worker`` this is the only place that knows Celery.
"""
