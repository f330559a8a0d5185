"""The worker: a guardian that never runs task code, and children that claim for themselves.

``guardian`` composes the ``duties``, a thread each: ``supervisor`` keeps the children, ``leases`` renews, ``upkeep`` promotes
and reaps, ``reports`` brings facts from children, ``task_events`` passes them on to Flower.

Of the supervisor's round: ``nursery`` forks children into their ``seats``, ``warden`` holds them to their limits,
``dismissal`` lets one go, ``staff`` changes their number. When one is gone ``partings`` judges why (``deaths``, ``oom``,
``burial``) and ``handover`` takes what it held to the store. ``census`` and ``control`` tell and do what Celery's remote
control asks.

``child`` is a child's life, as a ``serial_child``, or a ``concurrent_child`` with one of the ``crews``; ``desk`` is what it says
to the store, ``execute`` runs and decides, ``limits`` ends what takes too long. ``pool`` and ``consumer`` are the two places in
which all this sits under a Celery worker.
"""
