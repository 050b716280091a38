"""Certificates of training: entered and revoked by an administrator, and asked for at each act that needs one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.actions import audit
from beholden.actions.audit import millis
from beholden.errors import BadInput, Missing
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import NEEDS_CERTIFICATE
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.training import (
    WARNED_BEFORE,
    Certificate,
    CertificateState,
    current,
    lacking,
)

COURSES = frozenset(NEEDS_CERTIFICATE.values())
MAX_BANDS = 20
MOST = 20  # people on the page that a day begins with


@dataclass(frozen=True, slots=True)
class Training:
    """What a person may do for a role, as far as training goes."""

    role: Role
    certificate: Certificate | None  # the one that counts now
    soon: bool  # it ends within thirty days


def enter_certificate(
    system: System,
    officer: Officer,
    *,
    person_id: str,
    role: str,
    course: str,
    number: str,
    issued_at: datetime | None = None,
    ends_at: datetime | None = None,
    bands: Sequence[str] = (),
) -> Certificate:
    """Enter a certificate that somebody showed. It counts from `issued_at` (now) to `ends_at` (the longest the pack allows).

    `bands`: the ages of faces at which an examiner was shown to be proficient. Raises `BadInput` for what is empty or a role
    that asks for no training.
    """
    with audit.act(system, "certificate.entered", officer) as act, act.begin() as tx:
        person = tx.get(Person, person_id)
        act.tell("subject", person.id, person.id)
        begins = issued_at or act.now
        ends = ends_at or begins + timedelta(days=system.rules.training_days)
        act.permit(
            subject=person.id,
            subject_state=str(person.state),
            issued_at=millis(begins),
            ends_at=millis(ends),
            max_days=system.rules.training_days,
        )
        certificate = Certificate(
            id=system.clock.new_id(),
            version=0,
            kept=act.keep("person"),
            person_id=person.id,
            role=_with_course(role),
            course=_written(course, "the id of the course"),
            number=_written(number, "the number of the certificate"),
            bands=_bands(bands),
            issued_at=begins,
            ends_at=ends,
            state=CertificateState.ENTERED,
        )
        tx.add(certificate)
        act.tell("certificate", certificate.id, person.id)
        act.tell("role", str(certificate.role), person.id)
        act.tell("course", certificate.course, person.id)
        act.tell("number", certificate.number, person.id)
        act.tell("ends_at", certificate.ends_at.isoformat(), person.id)
    return certificate


def revoke_certificate(system: System, officer: Officer, *, certificate_id: str, reason: str) -> Certificate:
    """It counts no more, at once."""
    with audit.act(system, "certificate.revoked", officer) as act, act.begin() as tx:
        certificate = tx.get(Certificate, certificate_id)
        act.tell("subject", certificate.person_id, certificate.person_id)
        act.tell("certificate", certificate.id, certificate.person_id)
        act.permit(state=str(certificate.state), reason_chars=len(reason.strip()))
        act.tell("reason", reason, certificate.person_id)
        return tx.change(certificate, state=CertificateState.REVOKED)


def trainings(look: Look, person: Person, now: datetime) -> tuple[Training, ...]:
    """For each of a person's roles that asks for training."""
    return _of_roles(person, look.find(Certificate, person_id=person.id), now)


def _of_roles(person: Person, there: Iterable[Certificate], now: datetime) -> tuple[Training, ...]:
    kept = tuple(there)
    counting = [(role, current(kept, role, now)) for role in person.roles if role in COURSES]
    return tuple(Training(role, one, one is not None and one.ends_at - now <= WARNED_BEFORE) for role, one in counting)


def certificates(system: System, officer: Officer, *, person_id: str) -> tuple[Certificate, ...]:
    """Those of one person, the one that lasts longest first: all of them for an administrator, one's own for anybody."""
    with system.database.look() as look:
        asking = audit.signed_in(look, officer, system.clock.now())
        person = look.get(Person, person_id)
        if Role.ADMINISTRATOR not in asking.roles and asking.id != person.id:
            return ()
        return tuple(look.find(Certificate, person_id=person.id, order="-ends_at"))


def certificate(system: System, officer: Officer, *, certificate_id: str) -> Certificate:
    """One of those that `certificates` shows. Raises `Missing` for every other."""
    with system.database.look() as look:
        asking = audit.signed_in(look, officer, system.clock.now())
        there = look.find(Certificate, id=certificate_id)
        if not there or (Role.ADMINISTRATOR not in asking.roles and asking.id != there[0].person_id):
            raise Missing("there is no such certificate for you")
        return there[0]


@dataclass(frozen=True, slots=True)
class TrainingWaits:
    """What of training waits for somebody."""

    own: tuple[Training, ...]  # roles of theirs without a certificate that counts, or whose one ends within thirty days
    lacking: tuple[tuple[Person, Role], ...]  # to an administrator: whose acts are refused for want of training


def training_waits(system: System, officer: Officer) -> TrainingWaits:
    """For the page that a day begins with."""
    now = system.clock.now()
    with system.database.look() as look:
        person = audit.signed_in(look, officer, now)
        own = tuple(one for one in trainings(look, person, now) if one.certificate is None or one.soon)
        lacks = without_training(look, now)[:MOST] if Role.ADMINISTRATOR in person.roles else ()
        return TrainingWaits(own, tuple((replace(one, credential=""), role) for one, role in lacks))


def trainings_of(system: System, officer: Officer, *, person_ids: Iterable[str]) -> Mapping[str, tuple[Training, ...]]:
    """By person: what each may do for their roles. Of everybody to an administrator, of oneself to anybody."""
    now = system.clock.now()
    with system.database.look() as look:
        asking = audit.signed_in(look, officer, now)
        asked = set(person_ids)
        shown = asked if Role.ADMINISTRATOR in asking.roles else asked & {asking.id}
        ids = OneOf(sorted(shown))
        there: dict[str, list[Certificate]] = {}
        for one in look.find(Certificate, person_id=ids):
            there.setdefault(one.person_id, []).append(one)
        return {person.id: _of_roles(person, there.get(person.id, ()), now) for person in look.find(Person, id=ids)}


def ending_first(system: System, officer: Officer, *, most: int = 200) -> tuple[tuple[Person, Training], ...]:
    """To an administrator: whose training is lacking, then whose ends next, each role by itself; nothing to anybody else."""
    now = system.clock.now()
    with system.database.look() as look:
        asking = audit.signed_in(look, officer, now)
        if Role.ADMINISTRATOR not in asking.roles:
            return ()
        there: dict[str, list[Certificate]] = {}
        for one in look.find(Certificate):
            there.setdefault(one.person_id, []).append(one)
        found = [
            (replace(person, credential=""), training)
            for person in look.find(Person, state=PersonState.ACTIVE, order="name")
            for training in _of_roles(person, there.get(person.id, ()), now)
        ]
        found.sort(key=lambda one: one[1].certificate.ends_at if one[1].certificate else now)
        return tuple(found[:most])


def without_training(look: Look, now: datetime) -> tuple[tuple[Person, Role], ...]:
    """Who has a role that asks for training, and no certificate for it that counts now."""
    return lacking(look.find(Person, order="name"), look.find(Certificate), COURSES, now)


def _with_course(role: str) -> Role:
    if role not in COURSES:
        raise BadInput(f"no training is asked for the role {role!r}; it is for: {', '.join(sorted(COURSES))}")
    return Role(role)


def _written(words: str, what: str) -> str:
    words = words.strip()
    if not words or len(words) > 200 or not words.isprintable():
        raise BadInput(
            f"{what} is empty, longer than 200 characters, or has a line break in it; give it as it is printed"
        )
    return words


def _bands(bands: Sequence[str]) -> tuple[str, ...]:
    if len(bands) > MAX_BANDS:
        raise BadInput(f"{len(bands)} bands of ages are given (at most {MAX_BANDS})")
    return tuple(_written(band, "a band of ages") for band in bands)
