"""The records that are there for whoever sits here. Every other, foreign or never made, is missing in the same words, on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from beholden.actions import audit, compare, desk, disclosed, hurry
from beholden.actions import exigent as exigents
from beholden.actions.disclosed import Disclosed
from beholden.actions.exigent import Seen
from beholden.actions.hurry import Hurried
from beholden.errors import BeholdenError, Missing
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.people import Officer
from beholden.records.requests import Photograph
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
        return desk.exhibit(system, officer, exhibit_id=exhibit_id, case_id=case_id)


def sought(system: System, officer: Officer, case_id: str, sought_id: str) -> Sought:
    with _on_record(system, officer):
        return desk.sought(system, officer, sought_id=sought_id, case_id=case_id)


def authority(system: System, officer: Officer, authority_id: str) -> Authority:
    with _on_record(system, officer):
        return desk.authority(system, officer, authority_id=authority_id)


def search(system: System, officer: Officer, search_id: str) -> Search:
    with _on_record(system, officer):
        return desk.search(system, officer, search_id=search_id)


def comparison(system: System, officer: Officer, comparison_id: str) -> Comparison:
    with _on_record(system, officer):
        return compare.comparison(system, officer, comparison_id=comparison_id)


def exigent(system: System, officer: Officer, exigent_id: str) -> Seen:
    with _on_record(system, officer):
        return exigents.exigent(system, officer, exigent_id=exigent_id)


def hurried(system: System, officer: Officer, exigent_id: str) -> Hurried:
    """How far one has come who began it, also while an opinion of theirs on it is open."""
    with _on_record(system, officer):
        return hurry.hurried(system, officer, exigent_id=exigent_id)


def disclosure(system: System, officer: Officer, disclosure_id: str) -> Disclosed:
    with _on_record(system, officer):
        return disclosed.disclosure(system, officer, disclosure_id=disclosure_id)


def request_desk(system: System, officer: Officer) -> None:
    """Raises `Missing` for those who have no part in what data subjects ask."""
    with _on_record(system, officer), desk.at_desk(system, officer) as (_, person):
        desk.check_request_desk(person)


def photographs(system: System, officer: Officer, request_id: str) -> list[Photograph]:
    """Those given with a request, for a privacy officer and an auditor."""
    with _on_record(system, officer):
        return desk.photographs(system, officer, request_id=request_id)


def own_review(system: System, officer: Officer, search_id: str) -> tuple[Review, list[Pair]] | None:
    """One's own review of this search, open or finished; None where one has taken none, but could."""
    with _on_record(system, officer):
        if own := desk.review(system, officer, search_id=search_id):
            return own
        desk.search(system, officer, search_id=search_id)
        return None


def own_pair(system: System, officer: Officer, search_id: str, handle: str) -> Review:
    """The own review that this handle is of."""
    with _on_record(system, officer):
        own = desk.review(system, officer, handle=handle)
        if own is None or own[0].search_id != search_id:
            raise _missing()
        return own[0]


def open_examination(system: System, officer: Officer, search_id: str) -> str:
    """The handle of the examination of this search that lies open on one's desk; empty where there is none."""
    with _on_record(system, officer):
        if own := desk.open_examination(system, officer, search_id=search_id):
            return own.id
        desk.search(system, officer, search_id=search_id)
        return ""


def own_examination(system: System, officer: Officer, search_id: str, handle: str) -> str:
    with _on_record(system, officer):
        own = desk.examination(system, officer, handle=handle)
        if own.search_id != search_id:
            raise _missing()
        return own.id


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
