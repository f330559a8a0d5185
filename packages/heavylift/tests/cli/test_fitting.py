"""Tables are made to fit."""

import pytest

from heavylift.cli.fitting import Column, fit

COLUMNS = (Column("ID", whole=True), Column("KIND"), Column("QUEUE", spare=2), Column("AGE", spare=1), Column("SAYS"))


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (200, {0: 36, 1: 14, 2: 10, 3: 8, 4: 60}),  # all as they like
        (100, {0: 36, 1: 14, 2: 10, 3: 8, 4: 24}),  # the last is cut
        (80, {0: 36, 1: 14, 3: 8, 4: 16}),  # what can be spared most goes first
        (70, {0: 36, 1: 14, 4: 16}),
        (62, {0: 36, 1: 12, 4: 12}),  # then all are cut but what is to be copied
        (20, {0: 36, 1: 12, 4: 12}),  # beyond that it is for the terminal to wrap
    ],
)
def test_a_table_gives_up_what_can_be_spared_and_never_what_is_whole(room: int, shown: dict[int, int]) -> None:
    assert fit(COLUMNS, [36, 14, 10, 8, 60], room) == shown
