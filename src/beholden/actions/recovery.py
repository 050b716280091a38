"""A lost last administrator is brought back by custodians together: their signatures are the authority, whoever brings them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from beholden.actions import audit, people
from beholden.actions.audit import SYSTEM
from beholden.errors import BadInput, Missing, Reason, Refused, Untrusted
from beholden.formats.recoveries import recovery_of, signed_by, written
from beholden.formats.signatures import ED25519, key_of
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.authenticators import Spent
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.recovery import LIFE, SKEW, Recovery, RecoveryKey, wrong_in


def pin_key(system: System, officer: Officer, *, vkey: str) -> RecoveryKey:
    """A custodian of keys gives the public half of a key of their own, which takes the place of the one before.

    Raises `BadInput` for what is no Ed25519 key, and for one that somebody else has: two custodians are two keys.
    """
    with audit.act(system, "recovery_key.pinned", officer) as act, act.begin() as tx:
        act.permit()
        try:
            key = key_of(vkey.strip())
        except Untrusted as wrong:
            raise BadInput(str(wrong)) from wrong
        if key.kind != ED25519:
            raise BadInput("this is the key of a witness; give the one that `beholden recovery make-key` printed")
        others = [one for one in tx.find(RecoveryKey) if one.person_id != act.person.id]
        if any(key_of(one.vkey).public == key.public or key_of(one.vkey).name == key.name for one in others):
            raise BadInput("another custodian has this key or one of this name; make one of your own")
        tx.remove(*tx.find(RecoveryKey, person_id=act.person.id))
        pinned = RecoveryKey(system.clock.new_id(), 0, act.keep("person"), act.person.id, key.vkey)
        tx.add(pinned)
        act.tell("vkey", pinned.vkey, act.person.id)
        words = "a custodian of keys gave the key with which they help to bring back an administrator"
        tx.add(Notice(system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, act.person.id, words, sent=False))
    return pinned


def remove_key(system: System, officer: Officer) -> None:
    """One's own key signs nothing from now on. Raises `Missing` for who has none."""
    with audit.act(system, "recovery_key.removed", officer) as act, act.begin() as tx:
        act.permit()
        there = tx.find(RecoveryKey, person_id=act.person.id)
        if not there:
            raise Missing("you have given no key")
        tx.remove(*there)


def request_recovery(system: System, *, administrator: str) -> str:
    """The text that custodians sign. Nothing is done yet, and nobody needs to be signed in: there may be nobody who can.

    Raises `BadInput` for a name that nobody can have.
    """
    try:
        return written(Recovery(system.origin, administrator.strip(), secrets.token_hex(16), system.clock.now()))
    except ValueError as wrong:
        raise BadInput(str(wrong)) from wrong


def recover_administrator(system: System, given: Sequence[bytes]) -> tuple[Person, str]:
    """Invite the administrator whom the signed request names; the one-time token is shown once.

    Asks for signatures of as many different custodians as the rules say, each somebody active in that role whose key is
    pinned. Raises `Refused` where they are fewer or the request is for another system, too old, or was used; `Untrusted` for
    a signature that does not hold.
    """
    with audit.act(system, "person.recovered", None) as act, act.begin() as tx:
        custodians = custodians_of(tx)
        recovery, text, signers = signed_by(given, {key.vkey: person.id for person, key in custodians})
        needed = system.rules.min_recovery_custodians
        reasons = []
        if wrong := wrong_in(recovery, system.origin, act.now):
            reasons.append(
                _reason("recovery-is-for-here-and-now", wrong, "write a new one: `beholden recovery request`")
            )
        if len(signers) < needed:
            why = f"{len(signers)} of the {needed} custodians that must sign have done so"
            reasons.append(_reason("recovery-is-signed-by-enough", why, "let further custodians sign it"))
        spent = hashlib.sha256(text.encode()).hexdigest()
        if tx.count(Spent, id=spent):
            why = "this request was carried out before"
            reasons.append(_reason("recovery-is-new", why, "write a new one: `beholden recovery request`"))
        if reasons:
            raise Refused(*reasons)
        tx.add(Spent(spent, recovery.at + LIFE + SKEW))
        person, token = people.invite(act, tx, recovery.administrator, (Role.ADMINISTRATOR,))
        act.tell("subject", person.id, person.id)
        act.tell("nonce", recovery.nonce, SYSTEM)
        for signer in signers:
            act.tell("custodian", signer, signer)
        words = f"{len(signers)} custodians of keys together brought back an administrator, who was invited"
        tx.add(Notice(system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, person.id, words, sent=False))
    return person, token


def custodians_of(look: Look) -> tuple[tuple[Person, RecoveryKey], ...]:
    """Whose signatures count now: who is active, a custodian of keys, and has given a key."""
    people_there = {
        one.id: one for one in look.find(Person, state=PersonState.ACTIVE) if Role.KEY_CUSTODIAN in one.roles
    }
    keys = look.find(RecoveryKey)
    return tuple((people_there[key.person_id], key) for key in keys if key.person_id in people_there)


def read_request(text: str) -> Recovery:
    """What a custodian is asked to sign, to be read before they do. Raises `Untrusted` for what is no request."""
    return recovery_of(text)


def _reason(rule: str, why: str, how: str) -> Reason:
    return Reason(rule_id=rule, why=why, source="REQ 94; NIST SP 800-57 Part 2", how_to_proceed=how)
