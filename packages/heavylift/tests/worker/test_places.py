"""How many tasks a child has in hand, and how many it begins."""

import threading

from heavylift.worker.places import Places


def test_no_more_places_are_taken_than_there_are() -> None:
    places = Places(3)

    assert places.take(2) == 2
    assert places.take(2) == 1


def test_a_place_that_stayed_empty_can_be_taken_again() -> None:
    places = Places(2)
    places.take(2)

    places.free(1)

    assert places.take(5) == 1


def test_no_more_tasks_begin_than_the_child_may_run_in_its_life() -> None:
    places = Places(10, last_task=5)

    assert places.take(10) == 5
    places.free(2)  # a claim brought three
    assert places.sit(3)
    assert not places.spent
    assert places.take_over(3) == 2
    assert places.sit(2)
    places.leave(3, successors=2, expected=2)
    assert places.spent


def test_a_task_that_a_conclusion_did_not_bring_may_still_be_claimed() -> None:
    places = Places(1, last_task=2)
    places.take(1)
    places.sit(1)

    assert places.take_over(1) == 1
    places.leave(1, successors=0, expected=1)

    assert places.take(1) == 1


def test_whoever_waits_for_a_place_is_woken_when_they_are_closed() -> None:
    places = Places(1)
    places.take(1)
    taken: list[int] = []
    waiting = threading.Thread(target=lambda: taken.append(places.take(1)))
    waiting.start()

    places.close()
    waiting.join(5)

    assert taken == [0]


def test_places_are_deserted_when_they_are_closed_and_everybody_has_left() -> None:
    places = Places(2)
    places.take(1)
    places.sit(1)
    places.close()
    assert not places.deserted

    places.leave(1)

    assert places.deserted
    assert not places.sit(1)
