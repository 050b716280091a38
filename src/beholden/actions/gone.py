"""What was taken out of use is told apart from what never was there, also where it is looked for in a list of one's own."""

from __future__ import annotations

from datetime import datetime

from beholden.actions.audit import signed_in
from beholden.errors import Sequestered as Refusal
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.authority import Authority, Urgency
from beholden.records.exigent import Exigent, ExigentState, state_at
from beholden.records.people import Officer
from beholden.records.sequestration import RULE, Sequestered


def check_not_taken(look: Look, *ids: str) -> None:
    """Raises `errors.Sequestered` where one of these ids is of a record that is sequestered; nothing for any other."""
    if look.count(Sequestered, id=OneOf([id for id in ids if id])):
        raise Refusal(RULE)


def taken_like(system: System, officer: Officer, beginning: str) -> str:
    """The id of a sequestered record that begins so, for whoever is told so when they ask for it; empty where none does."""
    with system.database.look() as look:
        signed_in(look, officer, system.clock.now())
        return next((id for id in sorted(look.ids(Sequestered)) if id.startswith(beginning)), "")


def check_upheld_or_open(look: Look, authority_id: str, now: datetime) -> None:
    """Raises the same for whatever was made under an authority whose search before approval was refused, or lapsed by now.

    It is taken out of use by whoever tends the system next; nobody reads it meanwhile.
    """
    if look.get(Authority, authority_id).urgency is not Urgency.EXIGENT:
        return
    for one in look.find(Exigent, authority_id=authority_id):
        if state_at(one, now) in (ExigentState.REFUSED, ExigentState.LAPSED):
            raise Refusal(RULE)
