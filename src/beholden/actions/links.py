"""One-time links, with which the people of a synthetic system are tried out: no real person's face is in it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from beholden.actions import audit, sessions
from beholden.errors import SignInRefused
from beholden.ports.system import System
from beholden.records.authenticators import Link
from beholden.records.people import Officer, Person, PersonState


def make_link(system: System, officer: Officer, *, person_id: str) -> tuple[Person, str]:
    """The token of a link, shown once and good once, for the minutes that the rules say."""
    with audit.act(system, "link.made", officer) as act, act.begin() as tx:
        person = tx.get(Person, person_id)
        act.tell("subject", person.id, person.id)
        act.permit(subject_state=str(person.state))
        token = secrets.token_urlsafe(32)
        ends_at = act.now + timedelta(minutes=system.rules.link_minutes)
        tx.add(Link(_id_of(token), 0, act.keep("person"), person.id, ends_at, used=False))
    return person, token


def use_link(system: System, *, token: str) -> Officer:
    with audit.act(system, "session.opened", None) as act, act.begin() as tx:
        if system.profile != "synthetic":
            raise SignInRefused(sessions.ONLY_SYNTHETIC)
        links = tx.find(Link, id=_id_of(token))
        person = tx.get(Person, links[0].person_id) if links else None
        act.acts_as(person)
        if person is None or links[0].used or act.now >= links[0].ends_at:
            raise SignInRefused(sessions.WRONG_LINK)
        if person.state not in (PersonState.ACTIVE, PersonState.INVITED):
            raise SignInRefused(sessions.WRONG_LINK)
        tx.change(links[0], used=True)
        if person.state is PersonState.INVITED:
            person = tx.change(person, state=PersonState.ACTIVE)  # the token stays good, for a passphrase of their own
        return sessions.open_session(act, tx, person, how="link", lasting=sessions.nothing_to_confirm_with(tx, person))


def _id_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
