"""Keys for programs: each of one person, with that person's rights of the moment, and at an end within ninety days."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from beholden.actions import audit
from beholden.actions.audit import millis
from beholden.actions.sessions import digest_of
from beholden.errors import BadInput, Missing
from beholden.ports.system import System
from beholden.records.names import wrong_in_name
from beholden.records.people import API_KEY, Officer, Session

MOST = 20  # of one person
PREFIX = "beholden-key-"  # so that whoever finds one in a file, or a scanner of files, knows what it is


def make_key(system: System, officer: Officer, *, name: str, days: int = 0) -> tuple[Session, str]:
    """A key of one's own, shown once: only its SHA-256 is kept. `days` until it ends; 0: as many as the rules allow.

    It is a session that is never fresh by itself: what asks who acts anew is refused until the person confirms for this
    key, with a one-time code (`sessions.refresh`). It ends with the person's other sessions, at once. Raises `BadInput`
    for a name that is none or that a living key of theirs has.
    """
    with audit.act(system, "api_key.made", officer) as act, act.begin() as tx:
        days = days or system.rules.key_days
        act.permit(
            days=days,
            max_days=system.rules.key_days,
            by_key=audit.session_of(tx, officer, act.now).client == API_KEY,
        )
        name = name.strip()
        if wrong := wrong_in_name(name):
            raise BadInput(wrong)
        living = _living(tx.find(Session, person_id=act.person.id, client=API_KEY, ended=False), act.now)
        if name in [one.name for one in living]:
            raise BadInput(f"you have a key named {name!r}; revoke it first, or call this one something else")
        if len(living) >= MOST:
            raise BadInput(f"you have {MOST} keys, which is the most; revoke one that no program uses")
        secret = PREFIX + secrets.token_urlsafe(32)
        session = Session(
            id=digest_of(secret),
            version=0,
            kept=act.keep("person"),
            person_id=act.person.id,
            client=API_KEY,
            ends_at=act.now + timedelta(days=days),
            ended=False,
            fresh_until=act.now,
            name=name,
        )
        tx.add(session)
        act.tell("key", session.id, act.person.id)
        act.tell("name", name, act.person.id)
        act.tell("ends_at", millis(session.ends_at), act.person.id)
    return session, secret


def revoke_key(system: System, officer: Officer, *, key_id: str) -> None:
    """It opens nothing from now on. Raises `Missing` for anybody else's."""
    with audit.act(system, "api_key.revoked", officer) as act, act.begin() as tx:
        act.permit()
        there = tx.find(Session, id=key_id, person_id=act.person.id, client=API_KEY, ended=False)
        if not there:
            raise Missing("you have no such key, or it was revoked already")
        tx.change(there[0], ended=True)
        act.tell("key", key_id, act.person.id)


def keys(system: System, officer: Officer) -> tuple[Session, ...]:
    """One's own that last, the one that ends first before the others."""
    now = system.clock.now()
    with system.database.look() as look:
        person = audit.signed_in(look, officer, now)
        there = _living(look.find(Session, person_id=person.id, client=API_KEY, ended=False), now)
        return tuple(sorted(there, key=lambda one: one.ends_at))


def _living(there: list[Session], now: datetime) -> list[Session]:
    return [one for one in there if one.ends_at > now]
