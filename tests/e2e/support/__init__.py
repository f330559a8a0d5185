"""Primitives that know nothing of pytest: the cluster, the release, the load, and the verdict on what came of it."""
