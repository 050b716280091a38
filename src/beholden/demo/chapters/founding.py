"""Chapter 1: an empty system is made, its first person comes in by a one-time token, and invites the others."""

from __future__ import annotations

import secrets

from beholden.actions import log, people, training
from beholden.demo.stage import ADA, AUDE, INVITED, Places
from beholden.demo.telling import Teller
from beholden.keys.wrapping import KeyFile
from beholden.opening import make_folder
from beholden.ports.system import System
from beholden.records.people import Officer


def make_system(places: Places, teller: Teller) -> str:
    """Make an empty system; the one-time token of its first person."""
    made = make_folder(
        places.data,
        places.keys,
        profile="synthetic",
        administrator=ADA.name,
        wrapping=KeyFile.make(places.unlock),
    )
    teller.say(
        f"An empty system is in {places.data.name}/, its keys apart in {places.keys.name}/, unlocked by "
        f"{places.unlock.name}. It has no default account, key or password. Its profile, synthetic, stands in entry 0 of "
        "the log: it takes no picture of a real person."
    )
    return made.token


def bring_in_people(system: System, places: Places, teller: Teller, token: str) -> dict[str, Officer]:
    """Everybody signed in, by name."""
    ada = people.accept(system, name=ADA.name, token=token, passphrase=secrets.token_urlsafe(18))
    officers = {ADA.name: ada}
    teller.act(ADA.name, ADA.office, "comes in with the one-time token and sets a passphrase of her own.")
    for player in INVITED:
        person, _ = people.add_person(system, ada, name=player.name, roles=(player.role,))
        officers[player.name] = people.sign_in_as(system, name=player.name)
        if player.role in training.COURSES:
            course = f"{player.role.replace('_', '-')}-2026"
            training.enter_certificate(
                system, ada, person_id=person.id, role=player.role, course=course, number=f"{len(officers):04d}"
            )
    names = ", ".join(f"{player.name} ({player.role.replace('_', ' ')})" for player in INVITED)
    teller.act(ADA.name, ADA.office, f"invites {names}. Nobody has two offices.")
    teller.act(
        ADA.name,
        ADA.office,
        "enters the certificates of training that they showed her. Each counts for a year, and is asked for at each act.",
    )
    places.out.mkdir()
    places.trusted_keys.write_text("".join(f"{key}\n" for key in log.vkeys(system)), encoding="utf-8")
    teller.act(AUDE.name, AUDE.office, f"keeps the public keys of the log for herself: {places.trusted_keys.name}.")
    return officers
