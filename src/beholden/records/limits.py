"""How often one person may do something in a day, and how often they did: a number for each act that is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from beholden.records.retention import Kept
from beholden.records.rules import Rules

# Every event that is counted, with the rule that says how often is enough. Taking images in is not among them: a steward
# enrols a folder of a hundred thousand.
DAY_LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "search.started": "max_searches_a_day",
        "comparison.made": "max_comparisons_a_day",
        "comparison.read": "max_lists_read_a_day",
        "search.read": "max_lists_read_a_day",
        "authority.approved": "max_approvals_a_day",
        "review.opened": "max_opinions_opened_a_day",
        "examination.opened": "max_opinions_opened_a_day",
        "review.shown": "max_pictures_shown_a_day",
        "examination.shown": "max_pictures_shown_a_day",
        "exhibit.shown": "max_pictures_shown_a_day",
        "exhibit.frame_shown": "max_frames_shown_a_day",
        "chip.revealed": "max_chips_revealed_a_day",
        "probe.shown": "max_pictures_shown_a_day",
        "lead.shown": "max_pictures_shown_a_day",
        "picture.revealed": "max_pictures_revealed_a_day",
        "image.judged": "max_images_judged_a_day",
        "reference.found": "max_references_found_a_day",
        "reference.shown": "max_pictures_shown_a_day",
        "photograph.shown": "max_pictures_shown_a_day",
        "photograph.compared": "max_photographs_compared_a_day",
        "disclosure.made": "max_disclosures_a_day",
        "examination.sent": "max_disclosures_a_day",
        "disclosure.read": "max_disclosures_read_a_day",
        "disclosure.previewed": "max_disclosures_read_a_day",
        "log.exported": "max_log_exports_a_day",
    }
)
NEAR = 80  # per cent of a limit: at it the oversight body is told, while there is something left to stop


class DayState(StrEnum):
    USUAL = "usual"
    NEAR = "near"  # done or tried nearly as often as one may in a day
    REACHED = "reached"  # as often, or more


@dataclass(frozen=True, slots=True)
class DayCount:
    """What one person did of one kind on one day. There is one for each of the three, whatever session or door it came by."""

    id: str  # person, event and day
    version: int
    kept: Kept
    person_id: str
    event: str
    day: str  # of UTC, as 2026-11-22
    done: int
    stopped: int  # tried, and refused or failed
    state: DayState


def day_of(now: datetime) -> str:
    """A day begins at midnight UTC for everybody: a clock that somebody sets elsewhere gains nothing."""
    return now.astimezone(UTC).date().isoformat()


def count_id(person_id: str, event: str, now: datetime) -> str:
    return f"{person_id}/{event}/{day_of(now)}"


def most_in_day(rules: Rules, event: str) -> int:
    most: int = getattr(rules, DAY_LIMITS[event])
    return most


def state_of(tries: int, most: int) -> DayState:
    """What was tried counts like what was done: who is refused a hundred times is looking for something."""
    if tries >= most:
        return DayState.REACHED
    return DayState.NEAR if tries * 100 >= most * NEAR else DayState.USUAL
