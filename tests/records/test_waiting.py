"""What a record waits for: each state and moment has one step, and a case names its steps in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beholden.cli import waiting as cli
from beholden.records import waiting
from beholden.records.authority import Authority, AuthorityState, Necessity, Urgency
from beholden.records.retention import Kept
from beholden.records.sources import AuthorityKind, Source, SourceState
from beholden.records.waiting import Due, Step, by_urgency, how_due
from beholden.web.waiting import WORDS

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEPT = Kept("authority", NOW, "p", "pack", NOW + HOUR, NOW + HOUR, False)
AUTHORITY = Authority(
    *("a", 0, KEPT, "c", "s", "victim-id-cse", Urgency.PRIOR, Necessity("x", "y", "z"), ("g",), NOW, NOW + HOUR, 3, 0),
    *("ines", "sven", "", "", AuthorityState.ACTIVE),
)
SOURCE = Source(
    *("s", 0, KEPT, "n", "c", AuthorityKind.SYNTHETIC, "c", "0" * 64, "CA", ("p",), NOW - HOUR, NOW + HOUR),
    *(SourceState.ACTIVE, "stella", "pia", ""),
)


@pytest.mark.parametrize(
    ("changes", "at", "step"),
    [
        ({"state": AuthorityState.REQUESTED}, NOW + 2 * HOUR, Step.APPROVAL),
        ({"state": AuthorityState.REVOKED}, NOW, Step.NONE),
        ({}, NOW - HOUR, Step.AUTHORITY_BEGINS),
        ({}, NOW, Step.AUTHORITY_USABLE),
        ({"used": 3}, NOW, Step.AUTHORITY_USED),
        ({"used": 3}, NOW + HOUR, Step.AUTHORITY_ENDED),
        ({}, NOW + HOUR, Step.AUTHORITY_ENDED),
    ],
)
def test_an_authority_waits_by_its_state_its_uses_and_the_time(
    changes: dict[str, object], at: datetime, step: Step
) -> None:
    assert waiting.of_authority(replace(AUTHORITY, **changes), at) is step  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "at", "step"),
    [
        (SourceState.PROPOSED, NOW, Step.SOURCE_DECISION),
        (SourceState.ACTIVE, NOW, Step.NONE),
        (SourceState.ACTIVE, NOW + HOUR, Step.SOURCE_ENDED),
        (SourceState.SUSPENDED, NOW, Step.SOURCE_SUSPENDED),
        (SourceState.REFUSED, NOW, Step.NONE),
    ],
)
def test_a_source_waits_by_its_state_and_the_time(state: SourceState, at: datetime, step: Step) -> None:
    assert waiting.of_source(replace(SOURCE, state=state), at) is step


def test_pages_have_words_for_every_step_and_name_no_command() -> None:
    assert set(WORDS) == set(Step)
    assert all(words and "`" not in words for step, words in WORDS.items() if step is not Step.NONE)


def test_the_command_line_names_what_to_give_where_somebody_goes_on() -> None:
    assert "`beholden authority approve`" in cli.of_authority(replace(AUTHORITY, state=AuthorityState.REQUESTED), NOW)
    assert cli.of_authority(AUTHORITY, NOW) == (
        "3 of 3 searches left until 2026-11-22 10:00 UTC (`beholden search run`)"
    )


@pytest.mark.parametrize(
    ("due", "how"),
    [
        (None, Due.OPEN),
        (NOW - HOUR, Due.OVERDUE),
        (NOW, Due.SOON),
        (NOW + 24 * HOUR, Due.SOON),
        (NOW + 25 * HOUR, Due.OPEN),
    ],
)
def test_what_is_due_is_overdue_soon_or_open(due: datetime | None, how: Due) -> None:
    assert how_due(due, NOW) is how


def test_the_most_urgent_comes_first_then_owed_opinions_exigent_searches_and_authorities_then_the_rest() -> None:
    waits = {
        "cases": [None],
        "authorities": [None],
        "requests": [NOW + 70 * HOUR, NOW + 48 * HOUR],
        "nothing": [],
        "exigents": [NOW + 30 * HOUR],
        "erasures": [NOW + 300 * HOUR, NOW - HOUR],
        "sources": [None],
        "owed": [None],
        "training": [None, NOW + 2 * HOUR],
    }
    order = ["erasures", "training", "owed", "exigents", "authorities", "requests", "cases", "sources"]
    assert by_urgency(waits, NOW) == order
    assert by_urgency({}, NOW) == []
