"""Passkeys: made by somebody signed in, used to sign in without a name, and to confirm who acts."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from beholden.actions import audit, sessions
from beholden.actions.audit import millis
from beholden.errors import BadInput, Missing, Refused, SignInRefused
from beholden.ports.authenticators import Claim, Site
from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records.authenticators import Passkey, PasskeyState, Spent
from beholden.records.names import wrong_in_name
from beholden.records.people import Officer, PersonState

LIFE = timedelta(minutes=5)  # of a challenge
MOST = 20  # of one person
NONCE, ENDS, MARK = 16, 8, 32  # bytes
TO_ADD, TO_SIGN_IN, TO_CONFIRM = "add", "sign-in", "confirm"

BROKEN = "the browser's answer does not hold, or came too late or twice; begin again"


def options_to_add(system: System, officer: Officer, *, site: Site) -> dict[str, object]:
    """What the browser needs to make a passkey. Nothing is done yet."""
    own = sessions.account(system, officer)
    return system.passkeys.options_to_make(
        site,
        person_id=own.person.id,
        name=own.person.name,
        challenge=_challenge(system, TO_ADD, own.here),
        known=[one.id for one in own.passkeys],
    )


def add_passkey(system: System, officer: Officer, *, site: Site, answer: str, name: str) -> Passkey:
    """Take up what the browser made. Raises `BadInput` for an answer that does not hold, or to no challenge of this session."""
    with audit.act(system, "passkey.added", officer) as act, act.begin() as tx:
        act.permit()
        name = name.strip()
        if wrong := wrong_in_name(name):
            raise BadInput(wrong)
        claim = _spend(system, tx, answer, TO_ADD, sessions.digest_of(officer.session), act.now)
        made = system.passkeys.made(site, answer, challenge=claim.challenge) if claim else None
        if made is None:
            raise BadInput(BROKEN)
        if tx.find(Passkey, id=made.id):
            raise BadInput("this passkey is known already; use another device")
        if tx.count(Passkey, person_id=act.person.id, state=PasskeyState.ACTIVE) >= MOST:
            raise BadInput(f"you have {MOST} passkeys, which is the most; remove one that you do not use")
        passkey = Passkey(
            id=made.id,
            version=0,
            kept=act.keep("person"),
            person_id=act.person.id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=name,
            state=PasskeyState.ACTIVE,
        )
        tx.add(passkey)
        act.tell("passkey", passkey.id, act.person.id)
        return passkey


def remove_passkey(system: System, officer: Officer, *, passkey_id: str) -> None:
    """It opens nothing from now on. Raises `Missing` for anybody else's."""
    with audit.act(system, "passkey.removed", officer) as act, act.begin() as tx:
        own = tx.find(Passkey, id=passkey_id, person_id=act.person.id, state=PasskeyState.ACTIVE)
        if not own:
            raise Missing("you have no such passkey, or it was removed already")
        act.permit()
        tx.change(own[0], state=PasskeyState.REMOVED)
        act.tell("passkey", passkey_id, act.person.id)


def options_to_sign_in(system: System, *, site: Site) -> dict[str, object]:
    """What the browser needs to let a person choose a passkey: no name is asked for, so none can be tried out."""
    return system.passkeys.options_to_use(site, challenge=_challenge(system, TO_SIGN_IN, ""), known=())


def sign_in_with_passkey(system: System, *, site: Site, answer: str) -> Officer:
    """A passkey is the device and what unlocks it, so no code is asked for beside it."""
    with audit.act(system, "session.opened", None) as act, act.begin() as tx:
        passkey = _proven(system, tx, site, answer, TO_SIGN_IN, "", act.now)
        person = sessions.person_of(tx, passkey)
        act.acts_as(person)
        if passkey is None or person is None or person.state is not PersonState.ACTIVE:
            raise SignInRefused(sessions.WRONG_PASSKEY)
        return sessions.open_session(act, tx, person, how="passkey")


def options_to_confirm(system: System, officer: Officer, *, site: Site) -> dict[str, object]:
    """What the browser needs to confirm with one of one's own. Raises `BadInput` for who has none."""
    own = sessions.account(system, officer)
    if not own.passkeys:
        raise BadInput("you have no passkey; confirm with your passphrase, or sign in again")
    return system.passkeys.options_to_use(
        site, challenge=_challenge(system, TO_CONFIRM, own.here), known=[one.id for one in own.passkeys]
    )


def confirm_with_passkey(system: System, officer: Officer, *, site: Site, answer: str) -> None:
    """Confirm who acts with a passkey of theirs; anybody else's proves nothing."""
    with audit.act(system, "session.refreshed", officer) as act, act.begin() as tx:
        act.permit()
        passkey = _proven(system, tx, site, answer, TO_CONFIRM, sessions.digest_of(officer.session), act.now)
        if passkey is None or passkey.person_id != act.person.id:
            raise Refused(sessions.NOT_CONFIRMED)
        sessions.make_fresh(act, tx, officer)


def _proven(
    system: System, tx: Transaction, site: Site, answer: str, purpose: str, session: str, now: datetime
) -> Passkey | None:
    """The passkey that answered, with its new count; None if it is none of this system or the answer does not hold."""
    claim = _spend(system, tx, answer, purpose, session, now)
    there = tx.find(Passkey, id=claim.passkey_id, state=PasskeyState.ACTIVE) if claim else []
    if claim is None or not there:
        return None
    count = system.passkeys.used(
        site,
        answer,
        challenge=claim.challenge,
        public_key=there[0].public_key,
        sign_count=there[0].sign_count,
    )
    return None if count is None else tx.change(there[0], sign_count=count)


def _challenge(system: System, purpose: str, session: str) -> bytes:
    """It says itself until when it is good, for what and in which session: whoever asks for one leaves nothing in the store."""
    ends = millis(system.clock.now() + LIFE).to_bytes(ENDS, "big")
    nonce = secrets.token_bytes(NONCE)
    return nonce + ends + _mark(system, purpose, session, nonce + ends)


def _spend(system: System, tx: Transaction, answer: str, purpose: str, session: str, now: datetime) -> Claim | None:
    """What the answer claims, if its challenge is one of ours, still good, and answered for the first time."""
    claim = system.passkeys.claim(answer)
    if claim is None or len(claim.challenge) != NONCE + ENDS + MARK:
        return None
    head, mark = claim.challenge[: NONCE + ENDS], claim.challenge[NONCE + ENDS :]
    if not secrets.compare_digest(mark, _mark(system, purpose, session, head)):
        return None
    ends_at = datetime.fromtimestamp(int.from_bytes(head[NONCE:], "big") / 1000, UTC)
    spent = hashlib.sha256(claim.challenge).hexdigest()
    if now >= ends_at or tx.find(Spent, id=spent):
        return None
    tx.remove(*(one for one in tx.find(Spent) if one.ends_at <= now))
    tx.add(Spent(spent, ends_at))
    return claim


def _mark(system: System, purpose: str, session: str, head: bytes) -> bytes:
    return system.keys.hmac("passkey-challenge", f"{purpose}\n{session}\n".encode() + head)
