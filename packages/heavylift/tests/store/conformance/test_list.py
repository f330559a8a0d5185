"""Looking at many tasks: filters, paging, bounds."""

from collections.abc import Iterator
from typing import Any

from heavylift.record import Record
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Limits


def _ids(subject: Any, **filters: Any) -> list[str]:
    return [record.id for page in _pages(subject, **filters) for record in page]


def _pages(subject: Any, **filters: Any) -> Iterator[tuple[Record, ...]]:
    cursor = None
    while True:
        page = subject.run(calls.List(cursor=cursor, **filters))
        yield page.records
        cursor = page.cursor
        if cursor is None:
            return


def test_tasks_are_listed_newest_first(subject: Any) -> None:
    ids = [subject.submit(delay=60 if n % 2 else None).id for n in range(6)]

    page = subject.run(calls.List())

    assert [record.id for record in page.records] == ids[::-1]
    assert page.cursor is None


def test_a_listed_record_is_the_record(subject: Any) -> None:
    delivery = subject.take(tags=("a",))
    subject.succeed(delivery)

    assert subject.run(calls.List()).records == (subject.record(delivery.id),)


def test_an_empty_store_lists_nothing(subject: Any) -> None:
    assert subject.run(calls.List()) == calls.Page((), None)


def test_each_filter_selects(subject: Any) -> None:
    subject.submit(kind="demo.other", queue="other", tags=("other",), delay=60)
    wanted = subject.submit(kind="demo.this", queue="this", tags=("this", "too")).id

    for by in ({"kind": "demo.this"}, {"queue": "this"}, {"tag": "this"}, {"tag": "too"}, {"state": State.QUEUED}):
        assert _ids(subject, **by) == [wanted], by


def test_filters_select_together(subject: Any) -> None:
    for kind in ("demo.a", "demo.b"):
        for queue in ("left", "right"):
            for tag in ("x", "y"):
                for delay in (None, 60):
                    subject.submit(kind=kind, queue=queue, tags=(tag, "all"), delay=delay)

    page = subject.run(calls.List(kind="demo.a", queue="right", tag="y", state=State.SCHEDULED))

    (record,) = page.records
    assert (record.kind, record.queue, record.tags, record.state) == ("demo.a", "right", ("y", "all"), State.SCHEDULED)
    assert len(_ids(subject, kind="demo.a", tag="all")) == 8
    assert _ids(subject, kind="demo.a", tag="nothing") == []


def test_ended_tasks_are_found_by_their_state(subject: Any) -> None:
    succeeded, cancelled = subject.take(), subject.submit().id
    subject.succeed(succeeded)
    subject.run(calls.Cancel(cancelled))

    assert _ids(subject, state=State.SUCCEEDED) == [succeeded.id]
    assert _ids(subject, state=State.CANCELLED) == [cancelled]
    assert _ids(subject, state=State.QUEUED) == _ids(subject, state=State.RUNNING) == []


def test_paging_shows_each_task_once_while_others_are_being_added(subject: Any) -> None:
    ids = subject.submit_many(300)
    seen = []

    for number, page in enumerate(_pages(subject, count=25)):
        seen += [record.id for record in page]
        subject.submit_many(7)
        assert number < 20

    assert seen == ids[::-1]


def test_paging_through_a_filter_shows_each_task_once(subject: Any) -> None:
    wanted = [subject.submit_many(1, kind="demo.wanted")[0] for _ in range(30) if subject.submit_many(2)]

    assert _ids(subject, kind="demo.wanted", queue="default", count=7) == wanted[::-1]


def test_a_page_that_passes_over_many_tasks_goes_on_behind_them(subject: Any) -> None:
    wanted = subject.submit(tags=("rare",), delay=60).id
    for _ in range(3):
        subject.submit_many(500, delay=60)

    # The state's own index is looked through, because it alone is complete.
    pages = list(_pages(subject, state=State.SCHEDULED, tag="rare"))

    assert len(pages) > 1
    assert [record.id for page in pages for record in page] == [wanted]


def test_indexes_hold_the_newest_tasks_and_are_bounded(subject: Any) -> None:
    subject.limit(Limits(index_limit=10))
    rounds = [subject.submit_many(2, kind="demo.a", tags=("t",)) + subject.submit_many(1, kind="demo.b") for _ in range(60)]
    newest = [id_ for ids in rounds[-3:] for id_ in ids][::-1]

    listed = _ids(subject)

    assert listed[: len(newest)] == newest
    assert len(listed) <= 10 + 64
    for by in ({"kind": "demo.a"}, {"kind": "demo.b"}, {"queue": "default"}, {"tag": "t"}):
        assert 10 <= len(_ids(subject, **by)) <= 10 + 64, by


def test_an_index_is_bounded_whatever_the_rhythm_of_its_tasks(subject: Any) -> None:
    subject.limit(Limits(index_limit=10))
    for _ in range(100):  # every other seq is even, so a bound kept by the seq would never see demo.odd
        subject.submit_many(1, kind="demo.odd")
        subject.submit_many(1, kind="demo.even")

    assert len(_ids(subject, kind="demo.odd")) <= 10 + 64
    assert len(_ids(subject, kind="demo.even")) <= 10 + 64


def test_ended_tasks_are_bounded_too(subject: Any) -> None:
    subject.limit(Limits(index_limit=10))
    for id_ in subject.submit_many(120):
        subject.run(calls.Cancel(id_))

    assert 10 <= len(_ids(subject, state=State.CANCELLED)) <= 10 + 64


def test_live_states_are_listed_completely(subject: Any) -> None:
    subject.limit(Limits(index_limit=10))
    waiting = subject.submit_many(150, delay=60)
    queued = subject.submit_many(150)

    assert _ids(subject, state=State.SCHEDULED) == waiting[::-1]
    assert _ids(subject, state=State.QUEUED, kind="demo.work", queue="default") == queued[::-1]


def test_without_indexes_only_live_states_are_listed(subject: Any) -> None:
    subject.limit(Limits(index_limit=0))
    queued, gone = subject.submit(tags=("t",)).id, subject.submit().id
    subject.run(calls.Cancel(gone))

    assert _ids(subject, state=State.QUEUED) == [queued]
    assert (
        _ids(subject) == _ids(subject, kind="demo.work") == _ids(subject, state=State.CANCELLED) == _ids(subject, tag="t") == []
    )
