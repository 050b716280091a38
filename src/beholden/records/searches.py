"""A search that was made: under which authority, what was compared, and how far the people have come with its list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed, Written


class SearchState(StrEnum):
    STARTED = "started"  # consumed a use; no list yet
    LISTED = "listed"  # waits for the reviewer
    REVIEWED = "reviewed"  # waits for the examiners
    UNSEALED = "unsealed"  # the last opinion is locked: scores are open to everybody at once
    FAILED = "failed"


PROVEN = "proven exhaustive"  # wherever a person reads that nothing was missed


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a probe was compared with. How it was found (`rescored`, `engine`) makes no difference between two lists."""

    galleries: int
    shelves: int
    references: int
    proven: bool
    waiting: int  # references that have no template yet, and so were not compared
    # Of how many the exact score was summed until the bound proved the list, over all passes; -1 where it was not noted.
    rescored: int = field(default=-1, compare=False)
    engine: str = field(default="", compare=False)  # what read the rows before that; empty where it was not noted

    def words(self) -> str:
        """One sentence for the person who reads the list."""
        what = _count(self.references, "reference") + " of " + _count(self.galleries, "gallery", "galleries")
        how = f"{PROVEN}: no other of them is nearer" if self.proven else f"not {PROVEN}"
        waiting = f"; {self.waiting} more waiting for a template were not compared" if self.waiting else ""
        return f"all {what} compared, {how}{waiting}" if self.references else f"no reference compared{waiting}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@dataclass(frozen=True, slots=True)
class Search:
    id: str
    version: int
    kept: Kept
    case_id: str
    authority_id: str
    sought_id: str
    searched_by: str
    started_at: datetime
    ended_at: datetime | None  # None while it runs, or when it failed
    space_id: str
    model: str
    model_files: tuple[tuple[str, str], ...]  # name and SHA-256
    probe_quality: tuple[int, ...]  # unified quality of each fused face, 0–100
    coverage: Coverage
    calibration_id: str  # quoted in the statements; empty for the model's own figures, or none
    statements: Annotated[tuple[str, ...], Sealed("id")]  # made once for the list, never for one lead
    limit: int  # people asked for
    people: int  # people listed
    state: SearchState
    quality_override: Written = ""  # why a probe below the floor was compared all the same; empty where it was not
    unmanifested: int = -1  # probe faces outside the case's evidence when it began; -1 where that was not noted


NO_COVERAGE = Coverage(galleries=0, shelves=0, references=0, proven=False, waiting=0)


def without_case(search: Search) -> Search:
    """For who does not see the case: all but whose search it is and what it was asked for."""
    return replace(search, case_id="", authority_id="", sought_id="", searched_by="")


def that_it_is_there(search: Search) -> Search:
    """For who is to give an opinion: its id, when it began and how far it has come.

    Which case and sought it is of, who searched, and how many were compared or listed, would tell them what to expect.
    """
    return replace(
        without_case(search),
        ended_at=None,
        space_id="",
        model="",
        model_files=(),
        probe_quality=(),
        coverage=NO_COVERAGE,
        calibration_id="",
        statements=(),
        limit=0,
        people=0,
        quality_override="",
        unmanifested=-1,
    )


NOT_MEASURED = (
    "Not measured on your data: how many unrelated people score as high, and how often a person who is held is not "
    "listed, has not been established for this gallery and these photographs."
)


def statements(coverage: Coverage, people: int, expected: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What must stand on every list, the empty one too (REQ 32): what it can and cannot tell, and what is `expected` of it."""
    return (
        f"{coverage.words().capitalize()}.",
        "This is a list of investigative leads. A place on it does not say who anybody is.",
        *(expected or (NOT_MEASURED,)),
        "An empty list, or a list without the person, does not mean that the person is not held."
        if people
        else "The list is empty. That does not mean that the person is not held.",
    )
