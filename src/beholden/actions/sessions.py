"""Sessions: opened by whatever proves who somebody is, kept awake, made fresh again, ended."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.actions import audit, totp
from beholden.actions.audit import SYSTEM, Act
from beholden.errors import Missing, Reason, Refused, SignInRefused
from beholden.ports.database import Look, Transaction
from beholden.ports.system import System
from beholden.records.authenticators import Link, Linked, LinkState, Passkey, PasskeyState, Totp
from beholden.records.names import wrong_in_name
from beholden.records.people import API_KEY, Officer, Person, PersonState, Role, Session

PAGES = "web"  # the door whose sessions end by themselves when nobody sits there

WRONG = Reason(
    rule_id="session.known-person",
    why="the name and what was given with it do not belong together, or the person may not sign in now",
    source="REQ 103",
    how_to_proceed="check the name, the passphrase and, if you have set one up, the one-time code (each is taken once); an "
    "administrator can see whether the person is suspended and give a new one-time token with `beholden people token`",
)

WRONG_PASSKEY = Reason(
    rule_id="session.known-passkey",
    why="this passkey opens nothing here now, or it was used too late or twice",
    source="REQ 103",
    how_to_proceed="try again, or sign in with your passphrase; a passkey that was removed is added again when signed in",
)

WRONG_LINK = Reason(
    rule_id="session.known-link",
    why="this link was used before, has ended, or is none of this system",
    source="REQ 103",
    how_to_proceed="ask an administrator for a new one, who gives `beholden people link`, or sign in with a passphrase",
)

ONLY_SYNTHETIC = Reason(
    rule_id="session.as-only-synthetic",
    why="signing in as somebody else exists only in a system of the profile synthetic, where no real person's face is",
    source="REQ 103",
    how_to_proceed="sign in with `beholden sign-in`, and leave --as away",
)

NOT_CONFIRMED = Reason(
    rule_id="session.confirmed-person",
    why="what was given does not prove that you are still the person who signed in",
    source="REQ 114",
    how_to_proceed="give your passphrase and, if you have set one up, the one-time code that shows now; or use a passkey; or "
    "sign in again",
)


def clock_apart(seconds: int) -> Reason:
    """For a code that is right at another moment: told only to who gave everything else rightly."""
    side = "ahead of" if seconds > 0 else "behind"
    return Reason(
        rule_id="session.clock-together",
        why=f"this code is right for a clock that is about {abs(seconds)} seconds {side} the clock of this system",
        source="RFC 6238, section 6",
        how_to_proceed="set the clock of the device that shows the codes, and give the next code; where both devices are right, "
        "tell whoever keeps this machine that its clock is not",
    )


@dataclass(frozen=True, slots=True)
class Account:
    """What a person may know of their own: how they sign in, and where they are signed in."""

    person: Person
    here: str  # the id of the session that asks
    sessions: tuple[Session, ...]  # those that last, the latest first
    keys: tuple[Session, ...]  # those for programs, the one that ends first before the others
    passkeys: tuple[Passkey, ...]
    linked: bool  # whether the agency's own sign-in opens a session
    link_waits: bool  # whether an administrator linked it, and it waits to be confirmed
    codes: bool  # whether one-time codes are asked for
    passphrase: bool  # whether there is one


def account(system: System, officer: Officer) -> Account:
    """One's own account; no secret is in it."""
    now = system.clock.now()
    with system.database.look() as look:
        person = audit.signed_in(look, officer, now)
        sessions = [one for one in look.find(Session, person_id=person.id, ended=False) if one.ends_at > now]
        return Account(
            person=replace(person, credential=""),
            here=digest_of(officer.session),
            sessions=tuple(
                sorted(
                    (one for one in sessions if one.client != API_KEY),
                    key=lambda one: one.kept.created_at,
                    reverse=True,
                )
            ),
            keys=tuple(sorted((one for one in sessions if one.client == API_KEY), key=lambda one: one.ends_at)),
            passkeys=tuple(
                look.find(Passkey, person_id=person.id, state=PasskeyState.ACTIVE, order="created_at"),
            ),
            linked=bool(look.count(Linked, person_id=person.id, state=LinkState.CONFIRMED)),
            link_waits=bool(look.count(Linked, person_id=person.id, state=LinkState.PENDING)),
            codes=totp.confirmed_of(look, person) is not None,
            passphrase=_has_passphrase(person),
        )


@dataclass(frozen=True, slots=True)
class Open:
    """Where somebody else is signed in, as far as it may be told: no secret, and nothing of what they did there."""

    sessions: tuple[Session, ...]  # those that last, the latest first; without their ids
    keys: tuple[Session, ...]  # those for programs, the one that ends first before the others


def open_of(system: System, officer: Officer, *, person_id: str) -> Open | None:
    """What an administrator may end of a person: their sessions and keys. None to anybody else."""
    now = system.clock.now()
    with system.database.look() as look:
        if Role.ADMINISTRATOR not in audit.signed_in(look, officer, now).roles:
            return None
        there = [one for one in look.find(Session, person_id=person_id, ended=False) if one.ends_at > now]
        told = [replace(one, id="") for one in sorted(there, key=lambda one: one.kept.created_at, reverse=True)]
        keys = sorted((one for one in told if one.client == API_KEY), key=lambda one: one.ends_at)
        return Open(tuple(one for one in told if one.client != API_KEY), tuple(keys))


def awake(system: System, secret: str) -> Officer:
    """Whose session this secret opens. One of the pages lasts on from now, never beyond the hours of a sign-in.

    Raises `SignInRefused` for a secret that opens none, or none that lasts.
    """
    officer = Officer("", secret)
    now = system.clock.now()
    with system.database.look() as look:
        person = audit.signed_in(look, officer, now)
        session = look.get(Session, digest_of(secret))
    if person.state is not PersonState.ACTIVE or session.client == API_KEY:
        raise SignInRefused(audit.NOT_SIGNED_IN)  # a key is for programs: whoever finds one sees no page with it
    later = _ends_at(system, session.client, session.kept.created_at, now)
    idle = timedelta(minutes=system.rules.idle_minutes)
    if session.client == PAGES and later - session.ends_at > idle / 6:  # not at every page: each would be a write
        with system.database.begin() as tx:
            session = tx.get(Session, session.id)
            if not session.ended and now < session.ends_at:
                tx.change(session, ends_at=later)
    return Officer(person.name, secret)


def refresh(system: System, officer: Officer, *, passphrase: str = "", code: str = "") -> None:
    """Confirm who acts, with all that they would sign in with: the passphrase and the code, whichever they have.

    For a key for programs a code is asked for in every case: a passphrase may lie beside the key.
    """
    with audit.act(system, "session.refreshed", officer) as act:
        with act.look():
            known = act.person
        stored = known.credential if _has_passphrase(known) else ""
        right = system.credentials.check(passphrase, stored)
        with act.begin() as tx:
            act.permit()
            person = act.person
            taken = totp.take(act, tx, person, code)
            by_key = audit.session_of(tx, officer, act.now).client == API_KEY
            known_still = person == known and (right or (not stored and taken is not None))
            if known_still and taken is False and (apart := totp.apart(act, tx, person, code)):
                raise Refused(clock_apart(apart))
            if not known_still or taken is False or (by_key and not taken):
                raise Refused(NOT_CONFIRMED)
            make_fresh(act, tx, officer)


def end_session(system: System, officer: Officer, *, session_id: str) -> None:
    """End one of one's own sessions, wherever it is. Raises `Missing` for anybody else's."""
    with audit.act(system, "session.ended", officer) as act, act.begin() as tx:
        found = tx.find(Session, id=session_id, person_id=act.person.id, ended=False)
        if not found:
            raise Missing("you have no such session, or it has ended already")
        tx.change(found[0], ended=True)


def end_every_session(system: System, officer: Officer) -> int:
    """End all of one's own, this one and keys for programs too: how many. One signs in again where one goes on."""
    with audit.act(system, "session.ended", officer) as act, act.begin() as tx:
        ended = end_all(tx, act.person)
        act.tell("sessions", ended, act.person.id)
        return ended


def open_session(
    act: Act, tx: Transaction, person: Person, *, how: str, lasting: bool = False, proven_at: datetime | None = None
) -> Officer:
    """A session that is fresh from now, or from when the person proved elsewhere who they are.

    With `lasting` it stays so, for who has nothing to confirm with (in a synthetic system only).
    """
    secret = secrets.token_urlsafe(32)
    rules = act.system.rules
    most = act.now + timedelta(minutes=rules.session_minutes)
    tx.add(
        Session(
            id=digest_of(secret),
            version=0,
            kept=act.keep("person"),
            person_id=person.id,
            client=act.system.client,
            ends_at=_ends_at(act.system, act.system.client, act.now, act.now),
            ended=False,
            fresh_until=most if lasting else min(most, (proven_at or act.now) + timedelta(minutes=rules.fresh_minutes)),
        )
    )
    act.tell("with", how, SYSTEM)
    return Officer(person.name, secret)


def make_fresh(act: Act, tx: Transaction, officer: Officer) -> None:
    session = tx.get(Session, digest_of(officer.session))
    fresh = act.now + timedelta(minutes=act.system.rules.fresh_minutes)
    tx.change(session, fresh_until=max(session.fresh_until, fresh))


def end_all(tx: Transaction, person: Person) -> int:
    """Their sessions and keys, and the links with which a new one could be opened; how many sessions and keys there were."""
    for link in tx.find(Link, person_id=person.id, used=False):
        tx.change(link, used=True)
    there = tx.find(Session, person_id=person.id, ended=False)
    for session in there:
        tx.change(session, ended=True)
    return len(there)


def forget_authenticators(tx: Transaction, person: Person) -> None:
    """Whatever they signed in with opens nothing any more."""
    tx.remove(*tx.find(Totp, person_id=person.id), *tx.find(Linked, person_id=person.id))
    for passkey in tx.find(Passkey, person_id=person.id, state=PasskeyState.ACTIVE):
        tx.change(passkey, state=PasskeyState.REMOVED)


def named(look: Look, name: str) -> Person | None:
    if wrong_in_name(name.strip()):
        return None  # nobody has such a name
    there = [person for person in look.find(Person, name=name.strip()) if person.state is not PersonState.LEFT]
    return there[0] if there else None


def person_of(look: Look, passkey: Passkey | None) -> Person | None:
    return look.get(Person, passkey.person_id) if passkey else None


def nothing_to_confirm_with(look: Look, person: Person) -> bool:
    return not (
        _has_passphrase(person)
        or totp.confirmed_of(look, person)
        or look.count(Linked, person_id=person.id, state=LinkState.CONFIRMED)
        or look.count(Passkey, person_id=person.id, state=PasskeyState.ACTIVE)
    )


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def of_token(token: str) -> str:
    """A token has 192 random bits: one hash is enough, and there is nothing to guess."""
    return "token:" + digest_of(token)


def _has_passphrase(person: Person) -> bool:
    return bool(person.credential) and not person.credential.startswith("token:")


def _ends_at(system: System, client: str, opened_at: datetime, now: datetime) -> datetime:
    most = opened_at + timedelta(minutes=system.rules.session_minutes)
    return min(most, now + timedelta(minutes=system.rules.idle_minutes)) if client == PAGES else most
