"""Views: what an examiner did to the picture before locking an opinion. Only the view changes; the photograph never does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed

TOOLS = (
    "zoom",
    "pan",
    "rotate",
    "mirror",
    "align",
    "overlay",
    "swipe",
    "flicker",
    "difference",
    "grid",
    "greyscale",
    "exposure",
)
MOST_VIEWS = 200  # in one batch; a page sends one every few seconds
MOST_SECONDS = 86_400

_SETTING = re.compile(r"[a-z0-9 .,:%+\-]{0,60}")  # what a tool was set to, never a sentence


@dataclass(frozen=True, slots=True)
class View:
    tool: str  # of TOOLS
    setting: str
    seconds: int  # for how long it stood


@dataclass(frozen=True, slots=True)
class Viewed:
    """One batch of them, under the key of the examination."""

    id: str
    version: int
    kept: Kept
    examination_id: str
    views: Annotated[tuple[View, ...], Sealed("examination_id")]


def wrong_in_views(views: Iterable[View]) -> tuple[str, ...]:
    """What is wrong, by the number of the view."""
    wrong: list[str] = []
    for number, view in enumerate(views, 1):
        if number > MOST_VIEWS:
            return (*wrong, f"at most {MOST_VIEWS} views at a time")
        if view.tool not in TOOLS:
            wrong.append(f"view {number}: one of {', '.join(TOOLS)}")
        if not _SETTING.fullmatch(view.setting):
            wrong.append(f"view {number}: a setting of at most 60 small letters, digits and signs")
        if not 0 <= view.seconds <= MOST_SECONDS:
            wrong.append(f"view {number}: seconds from 0 to {MOST_SECONDS:,}")
    return tuple(wrong)


def tools_used(batches: Iterable[Viewed]) -> tuple[tuple[str, int], ...]:
    """How often each was used, in the order of TOOLS; those that were not are left out."""
    times = Counter(view.tool for batch in batches for view in batch.views)
    return tuple((tool, times[tool]) for tool in TOOLS if times[tool])
