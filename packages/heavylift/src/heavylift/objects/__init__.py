"""Payloads and results that are too large for Redis: put away in an object store, and fetched by who needs them."""

from heavylift.objects.keeper import Keeper
from heavylift.objects.storage import Storage

__all__ = ["Keeper", "Storage"]
