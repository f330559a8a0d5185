"""The deployable worker: settings, probes and entry point around ``heavylift.worker``."""
