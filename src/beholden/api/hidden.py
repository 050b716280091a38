"""What is hidden from a person looks like what is not there. The log still says which rules refused them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from beholden.actions import asides, compare, desk, disclosed, exigent, respond, tell_apart, training
from beholden.api.about import note
from beholden.api.problems import NOTHING_THERE
from beholden.api.unchanged import expecting
from beholden.api.who import Who
from beholden.errors import BadInput, Changed, Missing, Refused, Sequestered
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import Disclosure
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit
from beholden.records.exigent import Exigent
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, Image
from beholden.records.incidents import Incident
from beholden.records.people import Officer, Person
from beholden.records.requests import Request as SubjectRequest
from beholden.records.review import Pair, Review
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.training import Certificate

IfMatch = Annotated[
    str, Header(alias="If-Match", description="The version that was read, as its ETag.", max_length=100)
]

Acting = tuple[System, Officer]


@contextmanager
def hiding(system: System, officer: Officer, *named: tuple[type[Any], str]) -> Iterator[None]:
    """Do an act on named records. What stops it is told only to somebody who may know that they are there."""
    note(*named)
    try:
        yield
    except (Refused, Changed, BadInput) as error:
        if isinstance(error, Sequestered) or all(sees(system, officer, kind, id) for kind, id in named):
            raise
        raise Missing(NOTHING_THERE, entry=error.entry) from error


def sees(system: System, officer: Officer, kind: type[Any], id: str) -> bool:
    """Whether the record is on this person's desk."""
    try:
        return DESKS[kind](system, officer, id)
    except (Missing, Refused):
        return False


def on(kind: type[Any], name: str) -> Any:
    """For an act on the record that the path names: the system and the officer, with If-Match and with hiding."""

    def acting(request: Request, who: Who, if_match: IfMatch = "") -> Iterator[Acting]:
        (system, officer), id = who, request.path_params[name]
        with hiding(system, officer, (kind, id)):
            yield expecting(system, if_match, kind, id), officer

    return Depends(acting, scope="function")


def behind(kind: type[Any], name: str) -> Any:
    """As `on`, for what has no version to be told."""

    def acting(request: Request, who: Who) -> Iterator[Acting]:
        (system, officer), id = who, request.path_params[name]
        with hiding(system, officer, (kind, id)):
            yield system, officer

    return Depends(acting, scope="function")


def _listed(read: Callable[[System, Officer], list[Any]]) -> Callable[[System, Officer, str], bool]:
    return lambda system, officer, id: any(one.id == id for one in read(system, officer))


def _by_id(read: Callable[..., object], name: str) -> Callable[[System, Officer, str], bool]:
    return lambda system, officer, id: bool(id) and read(system, officer, **{name: id}) is not None


def _search(system: System, officer: Officer, id: str) -> bool:
    """Also one that is hidden by an opinion which the officer owes: it is on their desk."""
    return desk.had_part(system, officer, search_id=id) or desk.search(system, officer, search_id=id).id == id


def _aside(system: System, officer: Officer, id: str) -> bool:
    return any(one.id == id for one in asides.asides(system, officer))


DESKS: dict[type[Any], Callable[[System, Officer, str], bool]] = {
    Person: _by_id(desk.person, "person_id"),
    Certificate: _by_id(training.certificate, "certificate_id"),
    Source: _by_id(desk.source, "source_id"),
    Gallery: _by_id(desk.gallery, "gallery_id"),
    Image: _by_id(tell_apart.image, "image_id"),
    Case: _by_id(desk.case, "case_id"),
    Exhibit: _by_id(desk.exhibit, "exhibit_id"),
    Sought: _by_id(desk.sought, "sought_id"),
    Authority: _by_id(desk.authority, "authority_id"),
    Exigent: _by_id(exigent.exigent, "exigent_id"),
    Search: _search,
    Comparison: _by_id(compare.comparison, "comparison_id"),
    Review: _by_id(desk.review, "review_id"),
    Pair: _by_id(desk.review, "handle"),
    Examination: _by_id(desk.examination, "handle"),
    Disclosure: _by_id(disclosed.disclosure, "disclosure_id"),
    SubjectRequest: _by_id(desk.request, "request_id"),
    Erasure: _by_id(desk.erasure, "erasure_id"),
    Aside: _aside,
    Calibration: _listed(desk.calibrations),
    Incident: _by_id(respond.incident, "incident_id"),
}
