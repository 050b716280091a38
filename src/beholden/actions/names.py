"""What the records on a page are called, looked up by their ids alone. What one may not see has no name for them."""

from __future__ import annotations

from collections.abc import Iterable

from beholden.actions.desk import EVERY_CASE, REGISTER, at_desk, is_one_of, owes_opinion
from beholden.actions.sent import address_of
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Person
from beholden.records.sources import Source
from beholden.records.travel import OutsideExaminer

Named = Person | Source | Gallery


def people(system: System, officer: Officer, *, ids: Iterable[str]) -> dict[str, str]:
    """Of everybody who works with the system, or did; of an examiner elsewhere with their agency."""
    wanted = list(ids)
    with at_desk(system, officer) as (look, _):
        found = _names(look, Person, wanted)
        others = sorted({id for id in wanted if id and id not in found})
        outside = look.find(OutsideExaminer, id=OneOf(others)) if others else []
        return found | {one.id: address_of(one) for one in outside}


def sources(system: System, officer: Officer, *, ids: Iterable[str]) -> dict[str, str]:
    """Of the register; of none of it to somebody who owes a blind opinion, or to whom it is not shown."""
    with at_desk(system, officer) as (look, person):
        seen = is_one_of(person, *REGISTER) and not owes_opinion(look, person)
        return _names(look, Source, ids) if seen else {}


def galleries(system: System, officer: Officer, *, ids: Iterable[str]) -> dict[str, str]:
    """Of the galleries, to those who see the register."""
    with at_desk(system, officer) as (look, person):
        return _names(look, Gallery, ids) if is_one_of(person, *REGISTER) else {}


def cases(system: System, officer: Officer, *, ids: Iterable[str]) -> dict[str, Case]:
    """Those that one sees."""
    with at_desk(system, officer) as (look, person):
        every = is_one_of(person, *EVERY_CASE)
        found = look.find(Case, id=OneOf(sorted(set(ids))))
        return {case.id: case for case in found if every or person.id in case.assigned}


def _names(look: Look, kind: type[Named], ids: Iterable[str]) -> dict[str, str]:
    wanted = sorted({id for id in ids if id})
    return {one.id: one.name for one in look.find(kind, id=OneOf(wanted))} if wanted else {}
