"""What something that was given hangs on: the session, the person's roles and opinions owed, and the records that it shows.

Whoever keeps such a thing, in memory and for minutes, asks before each time that it is given again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from beholden.actions.desk import at_desk, owed_by
from beholden.actions.sessions import digest_of
from beholden.errors import Missing, SignInRefused
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.disclosures import DisclosedReference, Disclosure
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.people import Officer, Person
from beholden.records.review import Review
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source

Named = tuple[type[Any], str]

# What a record leads to by the name of its field. Not the authority: each search changes it, and it shows nothing.
LEADS_TO: dict[str, type[Any]] = {
    "case_id": Case,
    "search_id": Search,
    "sought_id": Sought,
    "exhibit_id": Exhibit,
    "disclosure_id": Disclosure,
    "source_id": Source,
    "gallery_id": Gallery,
    "image_id": Image,
    "face_id": Face,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Versions, read before the act that showed it: what changes while it is cut is gone at once.

    With the searches on which the person owed an opinion then. Whoever comes to owe another is given nothing of it any
    more, for it may name sources and scores (REQ 35); but for what is shown to those who owe: the pairs of an own opinion.
    """

    session: str
    person: tuple[str, int]
    records: frozenset[tuple[type[Any], str, int]]
    owed: frozenset[str]
    blind: bool = False


def standing(system: System, officer: Officer, *named: Named) -> Standing:
    """Of these records and of all that they lead to. A record that is not there yet or any more stands for nothing.

    Raises `Missing` and `SignInRefused` as the desk does.
    """
    with at_desk(system, officer) as (look, person):
        return _made(look, officer, person, _around(look, named))


def standing_of_search(system: System, officer: Officer, *, search_id: str, blind: bool = True) -> Standing:
    """Of whatever a review or an examination of it shows: every reference that it lists with its source, and the sought's
    exhibits. Which record is whose is told to nobody. Its leads are shown to nobody who owes an opinion: not `blind`."""
    with at_desk(system, officer) as (look, person):
        found = _around(look, [(Search, search_id), *_shown_of(look, search_id)])
        own: list[Any] = [
            *look.find(Review, search_id=search_id, reviewer=person.id),
            *look.find(Examination, search_id=search_id, examiner=person.id),
        ]
        return _made(look, officer, person, [*found, *own], blind=blind)


def standing_since(system: System, officer: Officer, before: Standing, *, search_id: str) -> Standing:
    """With the opinion that was taken meanwhile. Where anything else has changed too, what stood before, which stands no
    more."""
    now = standing_of_search(system, officer, search_id=search_id)
    same = (now.session, now.person) == (before.session, before.person)
    return now if same and before.records <= now.records else before


def standing_of_disclosure(system: System, officer: Officer, *, search_id: str, disclosure_id: str = "") -> Standing:
    """Of the files of a packet; before the disclosure is made, of all that its search lists."""
    with at_desk(system, officer) as (look, person):
        kept = look.find(DisclosedReference, disclosure_id=disclosure_id) if disclosure_id else []
        shown = [(Face, one.face_id) for one in kept] if disclosure_id else []
        shown += [one for one in _shown_of(look, search_id) if not disclosure_id or one[0] is not Face]
        found = _around(look, [(Search, search_id), (Disclosure, disclosure_id), *shown])
        return _made(look, officer, person, [*found, *kept])


def stands(system: System, officer: Officer, before: Standing) -> bool:
    """Whether nothing of it has changed, the same session of the same person asks, and they owe no further opinion."""
    try:
        with at_desk(system, officer) as (look, person):
            if before.session != digest_of(officer.session) or before.person != (person.id, person.version):
                return False
            if not before.blind and not before.owed.issuperset(owed_by(look, person)):
                return False
            now = _records(look, [(kind, id) for kind, id, _ in before.records])
            return _versions(now) == before.records
    except (Missing, SignInRefused):
        return False


def _made(look: Look, officer: Officer, person: Person, records: Iterable[Any], *, blind: bool = False) -> Standing:
    owed = frozenset(owed_by(look, person))
    return Standing(digest_of(officer.session), (person.id, person.version), _versions(records), owed, blind)


def _shown_of(look: Look, search_id: str) -> list[Named]:
    faces: list[Named] = [(Face, one.face_id) for one in look.find(Candidate, search_id=search_id)]
    for search in look.find(Search, id=search_id):
        for sought in look.find(Sought, id=search.sought_id):
            probes = look.find(ExhibitFace, id=OneOf(sought.face_ids))
            faces += [(Exhibit, one.exhibit_id) for one in probes]
    return faces


def _around(look: Look, named: Iterable[Named]) -> list[Any]:
    """These records and those that they lead to, each once."""
    found: dict[Named, Any] = {}
    wanted = {one for one in named if one[1]}
    while wanted:
        there = _records(look, wanted)
        found |= {(type(one), one.id): one for one in there}
        wanted = {
            (kind, id)
            for one in there
            for name, kind in LEADS_TO.items()
            if (id := getattr(one, name, "")) and (kind, id) not in found
        }
    return list(found.values())


def _records(look: Look, named: Iterable[Named]) -> list[Any]:
    by_kind: dict[type[Any], list[str]] = {}
    for kind, id in named:
        by_kind.setdefault(kind, []).append(id)
    return [one for kind, ids in by_kind.items() for one in look.find(kind, id=OneOf(sorted(ids)))]


def _versions(records: Iterable[Any]) -> frozenset[tuple[type[Any], str, int]]:
    return frozenset((type(one), one.id, one.version) for one in records)
