"""The worker: a guardian that never runs task code, and children that claim for themselves.

``guardian`` composes the ``duties``, one file each: ``nursery`` forks children, ``supervisor`` keeps their number
(``seats``), judges their ends (``deaths``, ``oom``, ``burial``) and hands on what a dead one held (``handover``), ``leases``
renews, ``upkeep`` promotes and reaps, ``reports`` brings facts from children.

``child`` is a child's life, as a ``serial_child``, or a ``concurrent_child`` with one of the ``crews``; ``desk`` is what it says
to the store, ``execute`` runs and decides, ``limits`` ends what takes too long. ``pool`` and ``consumer`` are the two places in
which all this sits under a Celery worker.
"""
