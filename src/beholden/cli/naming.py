"""How a person names a record on the command line: by its name, its id, or the beginning of its id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from beholden.actions import desk, sequester
from beholden.actions.gone import taken_like
from beholden.errors import BadInput, Missing
from beholden.ports.system import System
from beholden.records.people import Officer, PersonState

LEAST = 6  # characters: of a million records, one in sixteen shares six digits with another, and is then listed


@dataclass(frozen=True, slots=True)
class Known:
    """A record that this person may see: its id, and how people call it."""

    id: str
    name: str = ""


def resolve(given: str, what: str, known: Iterable[Known]) -> str:
    """The id of what was named. What nobody knows is given back as it is: the act itself says so, and logs it.

    Raises `BadInput` where several could be meant.
    """
    there = list(known)
    if any(one.id == given for one in there):
        return given
    named = [one for one in there if one.name and one.name.casefold() == given.strip().casefold()]
    begun = [one for one in there if given and one.id.startswith(given.lower())]
    if len(named) == 1:
        return named[0].id
    found = named or begun
    if not found:
        return given
    if not named and len(given) < LEAST:
        raise BadInput(f"{given!r} is too short for the id of a {what}; give at least {LEAST} characters of it")
    if len(found) > 1:
        several = ", ".join(f"{one.id[:16]} {one.name}".strip() for one in found)
        raise BadInput(f"{given!r} could be more than one {what}: {several}; give more of the id")
    return found[0].id


def resolve_or_taken(system: System, officer: Officer, given: str, what: str, known: Iterable[Known]) -> str:
    """The same of records that can be sequestered: who begins the id of one is told that, and not that it is mistyped."""
    there = list(known)
    found = resolve(given, what, there)
    if len(given) < LEAST or any(one.id == found for one in there):
        return found
    return taken_like(system, officer, given.lower()) or found


def person(system: System, officer: Officer, given: str) -> str:
    there = [one for one in desk.people(system, officer) if one.state is not PersonState.LEFT]
    return resolve(given, "person", (Known(one.id, one.name) for one in there))


def source(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "source", (Known(one.id, one.name) for one in desk.sources(system, officer)))


def gallery(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "gallery", (Known(one.id, one.name) for one in desk.galleries(system, officer)))


def case(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "case", (Known(one.id, one.reference) for one in desk.cases(system, officer)))


def exhibit(system: System, officer: Officer, given: str) -> str:
    cases = desk.cases(system, officer)
    there = (one for case in cases for one, _ in desk.exhibits(system, officer, case_id=case.id))
    return resolve(given, "exhibit", (Known(one.id) for one in there))


def face(system: System, officer: Officer, case_id: str, given: str) -> str:
    """A face of a case's exhibits: by id, or as EXHIBIT:POSITION."""
    there = desk.exhibits(system, officer, case_id=case_id)
    beginning, colon, position = given.partition(":")
    if colon:
        exhibit_id = resolve(beginning, "exhibit", (Known(exhibit.id) for exhibit, _ in there))
        for exhibit, faces in there:
            for one in faces:
                if exhibit.id == exhibit_id and str(one.position) == position:
                    return one.id
        raise BadInput(f"there is no face {given!r} in this case; `beholden exhibit list` names them")
    return resolve(given, "face", (Known(one.id) for _, faces in there for one in faces))


def sought(system: System, officer: Officer, given: str) -> str:
    cases = desk.cases(system, officer)
    there = (one for case in cases for one in desk.soughts(system, officer, case_id=case.id))
    return resolve(given, "sought", (Known(one.id) for one in there))


def authority(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "authority", (Known(one.id) for one in desk.authorities(system, officer)))


def search(system: System, officer: Officer, given: str) -> str:
    """Also one that is hidden by an opinion which the officer owes: whoever has it on their desk knows its id."""
    there = {one.id for one in desk.searches(system, officer)}
    there |= {review.search_id for review, _ in desk.reviews(system, officer)}
    there |= {one.search_id for one in desk.examinations(system, officer)}
    return resolve_or_taken(system, officer, given, "search", (Known(id) for id in sorted(there)))


def review(system: System, officer: Officer, given: str) -> str:
    return resolve_or_taken(
        system, officer, given, "review", (Known(review.id) for review, _ in desk.reviews(system, officer))
    )


def pair(system: System, officer: Officer, given: str) -> str:
    there = (pair for _, pairs in desk.reviews(system, officer) for pair in pairs)
    return resolve_or_taken(system, officer, given, "pair", (Known(one.handle) for one in there))


def examination(system: System, officer: Officer, given: str) -> str:
    return resolve_or_taken(
        system, officer, given, "pair", (Known(one.id) for one in desk.examinations(system, officer))
    )


def request(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "request", (Known(one.id) for one in desk.requests(system, officer)))


def calibration(system: System, officer: Officer, given: str) -> str:
    return resolve(given, "calibration", (Known(one.id) for one in desk.calibrations(system, officer)))


def sought_under(system: System, officer: Officer, named: str, wanted: str) -> tuple[str, str]:
    """The ids of an authority, and of a sought: if none is named, of the one that the authority names.

    Raises `Missing` for an authority that this person does not see, if it must tell of whom it is.
    """
    authority_id = authority(system, officer, named)
    if wanted:
        return authority_id, sought(system, officer, wanted)
    for one in desk.authorities(system, officer):
        if one.id == authority_id:
            return authority_id, one.sought_id
    raise Missing(f"there is no authority {named!r} that you may see; `beholden authority list` names yours")


def sequestration(system: System, officer: Officer, given: str) -> str:
    """Of whoever has no list of them, as it was given: the act itself says no, and logs it."""
    try:
        there = sequester.sequestrations(system, officer)
    except Missing:
        return given
    return resolve(given, "sequestration", (Known(one.id) for one in there))
