"""Submissions that are too large for Redis: written to a file as they come, read by a process of their own, put away."""
