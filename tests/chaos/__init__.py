"""Seeded faults against a real Redis and real workers under load, then a verdict.

Layers, each knowing only those above it: ``history`` (what happened, as values), ``verdict`` (what it means, pure), ``journal``
and ``ledger`` (where runs and states are written down), ``load`` (who asks), ``fleet`` and ``scene`` (who works), ``faults``
(what is done to them), ``campaign`` (all of it, by a seed). ``python -m tests.chaos --help`` runs it.
"""
