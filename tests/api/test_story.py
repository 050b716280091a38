"""The same story, by the acts and by REST, leaves the same records and the same log."""

from __future__ import annotations

from typing import Any

from beholden.database.tables import RECORDS
from beholden.records.audit import Item
from beholden.records.review import Pair
from tests.agency import Agency, small_agency
from tests.api import story
from tests.api.client import rest_of

BY_CHANCE = (Pair, Item)  # which pair is at which place, and the order in which shown faces are told, is random


def told(agency: Agency) -> list[tuple[Any, ...]]:
    """The log, entry by entry, without ids and times."""
    names = ("event", "operation", "role", "purpose", "outcome", "rules")
    return [(*(leaf[name] for name in names), [item["name"] for item in leaf["items"]]) for leaf in agency.leaves()]


def test_the_story_by_rest_leaves_the_records_and_the_log_that_it_leaves_by_the_acts() -> None:
    one, other = small_agency(), small_agency()
    story.by_acts(one)
    story.by_rest(rest_of(other))
    assert told(other) == told(one)
    with one.system.database.look() as here, other.system.database.look() as there:
        for kind in RECORDS:
            same = story.counted if kind in BY_CHANCE else story.whole
            assert same(there, kind) == same(here, kind), kind.__name__


def test_the_log_says_that_it_was_done_by_rest() -> None:
    rest = rest_of(small_agency())
    rest.post("ines", "/cases", {"reference": "2026-117", "purpose": "victim-id-cse"})
    assert rest.agency.told(rest.agency.leaves()[-1]["n"])["client"] == ["rest"]
