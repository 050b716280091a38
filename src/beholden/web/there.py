"""The records that are there for whoever sits here. Every other, foreign or never made, is missing in the same words, on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from beholden.actions import audit, desk
from beholden.errors import BeholdenError, Missing
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.examination import ExaminationState
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.people import Officer
from beholden.records.review import Pair, Review
from beholden.records.searches import Search
from beholden.records.sought import Sought


def case(system: System, officer: Officer, case_id: str) -> Case:
    with _on_record(system, officer):
        return desk.case(system, officer, case_id=case_id)


def case_or_none(system: System, officer: Officer, case_id: str) -> Case | None:
    """For a page that names the case where the reader sees it."""
    try:
        return desk.case(system, officer, case_id=case_id)
    except Missing:
        return None


def exhibit(system: System, officer: Officer, case_id: str, exhibit_id: str) -> tuple[Exhibit, list[ExhibitFace]]:
    with _on_record(system, officer):
        for found, faces in desk.exhibits(system, officer, case_id=case_id):
            if found.id == exhibit_id:
                return found, faces
        raise _missing()


def sought(system: System, officer: Officer, case_id: str, sought_id: str) -> Sought:
    with _on_record(system, officer):
        for found in desk.soughts(system, officer, case_id=case_id):
            if found.id == sought_id:
                return found
        raise _missing()


def authority(system: System, officer: Officer, authority_id: str) -> Authority:
    with _on_record(system, officer):
        return desk.authority(system, officer, authority_id=authority_id)


def search(system: System, officer: Officer, search_id: str) -> Search:
    with _on_record(system, officer):
        return desk.search(system, officer, search_id=search_id)


def own_review(system: System, officer: Officer, search_id: str) -> tuple[Review, list[Pair]] | None:
    """One's own review of this search, open or finished; None where one has taken none, but could."""
    with _on_record(system, officer):
        for review, pairs in desk.reviews(system, officer):
            if review.search_id == search_id:
                return review, pairs
        desk.search(system, officer, search_id=search_id)
        return None


def own_pair(system: System, officer: Officer, search_id: str, handle: str) -> Review:
    """The own review that this handle is of."""
    with _on_record(system, officer):
        for review, pairs in desk.reviews(system, officer):
            if review.search_id == search_id and any(pair.handle == handle for pair in pairs):
                return review
        raise _missing()


def open_examination(system: System, officer: Officer, search_id: str) -> str:
    """The handle of the examination of this search that lies open on one's desk; empty where there is none."""
    with _on_record(system, officer):
        for one in desk.examinations(system, officer):
            if one.search_id == search_id and one.state is ExaminationState.OPEN:
                return one.id
        desk.search(system, officer, search_id=search_id)
        return ""


def own_examination(system: System, officer: Officer, search_id: str, handle: str) -> str:
    with _on_record(system, officer):
        for one in desk.examinations(system, officer):
            if one.search_id == search_id and one.id == handle:
                return one.id
        raise _missing()


def _missing() -> Missing:
    return Missing("there is no such record for you")


@contextmanager
def _on_record(system: System, officer: Officer) -> Iterator[None]:
    try:
        yield
    except BeholdenError as error:
        if error.entry is None:  # it was stopped before it came to any act
            audit.write_stopped(system, officer, error)
        raise
