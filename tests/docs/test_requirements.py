"""docs/requirements.md lists every requirement with the tests that hold it, and every such test is listed."""

from __future__ import annotations

from collections import Counter

from tests.docs.pages import bare, page, requirement_tests, rows
from tests.docs.update import NOT_YET, updated

# What this release promises; each must have a test.
PROMISED = [
    *("02", "05", "06", "10", "11", "12", "13", "15", "16", "19"),
    *("30", "31", "35", "36", "38", "39", "40", "53"),
    *("60", "61", "64", "74", "75", "76", "91", "92", "93"),
    *("103", "110", "111", "120", "123"),
]


def table() -> dict[str, list[str]]:
    """Number → priority, words, source, tests, state."""
    return {row[0]: row[1:] for row in rows(page("requirements.md"), 6)}


def test_the_catalogue_is_whole() -> None:
    listed = [row[0] for row in rows(page("requirements.md"), 6)]
    assert len(listed) == len(set(listed)) == 93
    assert Counter(row[0] for row in table().values()) == {"P0": 60, "P1": 29, "P2": 4}
    assert all(all(cell for cell in row) for row in table().values())


def test_every_test_of_a_requirement_is_in_the_table_and_every_test_in_the_table_exists() -> None:
    listed = {
        number: sorted(bare(name) for name in row[3].split("<br>"))
        for number, row in table().items()
        if row[3] != NOT_YET
    }
    assert listed == requirement_tests(), "run `python -m tests.docs.update`"


def test_a_requirement_is_not_yet_held_exactly_as_long_as_it_has_no_test() -> None:
    for number, (_, _, _, tests, state) in table().items():
        assert (state == NOT_YET) == (tests == NOT_YET), number
        assert state == NOT_YET or state == "held" or state.startswith("in part"), number


def test_everything_that_this_release_promises_has_a_test() -> None:
    assert [number for number in PROMISED if not requirement_tests().get(number)] == []


def test_updating_the_page_again_changes_nothing() -> None:
    once = updated(page("requirements.md"))
    assert updated(once) == once
    assert once == page("requirements.md"), "run `python -m tests.docs.update`"
