"""A synthetic agency with references, a case and somebody sought, made by acts before a server opens it: no story is played."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from beholden.actions import people, training
from beholden.demo import photographs
from beholden.demo.chapters import authority, casework, enrolment, founding, register, searching
from beholden.demo.stage import ADA, Places, Stage
from beholden.demo.telling import Teller
from beholden.opening import open_folder
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.people import Role
from beholden.records.sought import Sought

PEOPLE = 4


@dataclass(frozen=True)
class Prepared:
    data: Path
    case: Case
    sought: Sought
    gallery: Gallery


def prepare(folder: Path, *more: Callable[[Stage, Case, Sought, Gallery], object], number: int = PEOPLE) -> Prepared:
    """With references of this number of people and `more` acts of the agency, one after another. Nobody is left signed in but
    for programs of theirs."""
    places, teller = Places(folder), Teller(Console(quiet=True))
    token = founding.make_system(places, teller)
    with closing(open_folder(places.data, client="demo")) as system:
        officers = founding.bring_in_people(system, places, teller, token)
        stage = Stage(system, teller, officers, photographs.choose(number), places)
        source, gallery = register.register_source(stage)
        enrolment.enrol_everything(stage, source, gallery)
        case, sought = casework.open_case(stage)
        for act in more:
            act(stage, case, sought, gallery)
    return Prepared(places.data, case, sought, gallery)


def searched(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    """Authority is asked for and given, and a list waits for its reviewer."""
    searching.run_search(stage, authority.obtain_authority(stage, case, sought, gallery))


def join(stage: Stage, name: str, passphrase: str, *roles: Role) -> str:
    """Somebody new, with a passphrase and certificates for these roles; their id."""
    person, token = people.add_person(stage.system, stage[ADA], name=name, roles=roles)
    people.accept(stage.system, name=name, token=token, passphrase=passphrase)
    for role in roles:
        if role in training.COURSES:
            training.enter_certificate(
                stage.system, stage[ADA], person_id=person.id, role=role, course=f"{role} 1", number="117"
            )
    return person.id
