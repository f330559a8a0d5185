"""Runs calls in memory: for unit tests of ours and of applications, with a clock that the test holds in its hand.

It keeps the same promises as the scripts (one conformance suite holds both to them) and nothing else: one process, nothing kept.
"""

from heavylift.store.memory.store import AsyncMemoryStore, MemoryStore

__all__ = ["AsyncMemoryStore", "MemoryStore"]
