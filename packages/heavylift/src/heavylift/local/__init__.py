"""Heavylift on one machine, with nothing to install beside it: an embedded Redis, the API and a worker as processes."""
