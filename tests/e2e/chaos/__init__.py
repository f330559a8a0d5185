"""Faults, each under load and with a verdict: nothing lost, nothing committed twice, and how long it was felt."""
