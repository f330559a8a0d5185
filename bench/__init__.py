"""Heavylift beside its peers: the same duties, in turns, each on a Redis of its own."""
