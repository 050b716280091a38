"""One-time codes: a secret shared with the person's telephone, asked for at sign-in once they have shown that it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.errors import BadInput
from beholden.ports.database import Look, Transaction
from beholden.ports.system import System
from beholden.records.authenticators import Totp
from beholden.records.people import Officer, Person

ISSUER = "Beholden"
HALF_MINUTE = 30  # seconds for which a code shows (RFC 6238)
LOOKED_AT = 20  # half minutes each way, to say by how much a clock is wrong


@dataclass(frozen=True, slots=True)
class Begun:
    """What the person gives to the app on their telephone; shown once."""

    secret: str  # base32, to be typed in
    address: str  # otpauth://…


def begin_totp(system: System, officer: Officer) -> Begun:
    """Make a secret. It counts for nothing until `confirm_totp`; one that was begun before and not confirmed is forgotten."""
    with audit.act(system, "totp.begun", officer) as act, act.begin() as tx:
        act.permit()
        person = act.person
        if confirmed_of(tx, person):
            raise BadInput("you have one-time codes already; remove them first, and then begin anew")
        tx.remove(*tx.find(Totp, person_id=person.id))
        secret, id = system.codes.secret(), system.clock.new_id()
        sealed = system.keys.seal(person.id, secret.encode(), _context(id))
        tx.add(Totp(id, 0, act.keep("person"), person.id, sealed, confirmed=False, last_step=0))
        return Begun(secret, system.codes.address(secret, name=person.name, issuer=ISSUER))


def confirm_totp(system: System, officer: Officer, *, code: str) -> None:
    """From now on every sign-in by passphrase asks for a code. Raises `BadInput` for a code that is not the present one."""
    with audit.act(system, "totp.confirmed", officer) as act, act.begin() as tx:
        act.permit()
        begun = tx.find(Totp, person_id=act.person.id, confirmed=False)
        if not begun:
            raise BadInput("there is nothing to confirm; begin one-time codes first")
        step = _step(act, begun[0], code)
        if step is None and (seconds := _apart(act, begun[0], code)):
            side = "ahead of" if seconds > 0 else "behind"
            raise BadInput(
                f"the clock of the telephone is about {abs(seconds)} seconds {side} that of this system; set it, and give the "
                "next code"
            )
        if step is None:
            raise BadInput("this is not the code that shows now; check the clock of the telephone and try the next one")
        tx.change(begun[0], confirmed=True, last_step=step)


def remove_totp(system: System, officer: Officer) -> None:
    with audit.act(system, "totp.removed", officer) as act, act.begin() as tx:
        act.permit()
        there = tx.find(Totp, person_id=act.person.id)
        if not there:
            raise BadInput("you have no one-time codes; nothing needs to be done")
        tx.remove(*there)


def confirmed_of(look: Look, person: Person) -> Totp | None:
    there = look.find(Totp, person_id=person.id, confirmed=True)
    return there[0] if there else None


def take(act: Act, tx: Transaction, person: Person, code: str) -> bool | None:
    """Whether the code is good, and then never again; None for somebody who has no codes."""
    there = confirmed_of(tx, person)
    if there is None:
        return None
    step = _step(act, there, code)
    if step is None or step <= there.last_step:  # read over a shoulder, it opens nothing (RFC 6238, section 5.2)
        return False
    tx.change(there, last_step=step)
    return True


def apart(act: Act, look: Look, person: Person, code: str) -> int:
    """By how many seconds the clock that shows this code is ahead (above 0) or behind (below 0); 0 where it tells nothing.

    Ten minutes are looked at each way, and none of these codes is taken. One of a half minute that was used up before tells
    nothing: it may have been read over a shoulder. Ask only for somebody who gave everything else rightly.
    """
    there = confirmed_of(look, person)
    return _apart(act, there, code) if there else 0


def _apart(act: Act, totp: Totp, code: str) -> int:
    half, secret = timedelta(seconds=HALF_MINUTE), _secret(act, totp)
    for steps in sorted(range(-LOOKED_AT, LOOKED_AT + 1), key=abs):
        step = act.system.codes.step(secret, code, act.now + steps * half)
        if step is not None and step > totp.last_step:
            present = int(act.now.timestamp()) // HALF_MINUTE
            return (step - present) * HALF_MINUTE
    return 0


def _step(act: Act, totp: Totp, code: str) -> int | None:
    return act.system.codes.step(_secret(act, totp), code, act.now)


def _secret(act: Act, totp: Totp) -> str:
    return act.system.keys.open(totp.person_id, totp.secret, _context(totp.id)).decode()


def _context(id: str) -> str:
    return f"totp/{id}"
