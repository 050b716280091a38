"""Certificates of training: who passed which course for which role, and until when that counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.records.people import Person, PersonState, Role
from beholden.records.retention import Kept
from beholden.records.sealed import Noted

DAY = timedelta(days=1)
NEVER = 1_000_000  # days since a certificate ended, of somebody who never had one, or whose last one was revoked
WARNED_BEFORE = timedelta(days=30)


class CertificateState(StrEnum):
    ENTERED = "entered"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an administrator entered of a document that the person or their school showed."""

    id: str
    version: int
    kept: Kept
    person_id: str
    role: Role  # whose acts it opens
    course: Noted  # the course's id, as those who teach it call it
    number: Noted  # of the certificate, or the SHA-256 of its document
    bands: tuple[str, ...]  # for an examiner: the ages of faces at which proficiency was shown, "0-5"; may be none
    issued_at: datetime
    ends_at: datetime  # from this moment on it counts for nothing
    state: CertificateState


def current(certificates: Iterable[Certificate], role: Role, now: datetime) -> Certificate | None:
    """The one for this role that counts now, and longest; None if none does."""
    there = [
        one
        for one in certificates
        if one.role is role and one.state is CertificateState.ENTERED and one.issued_at <= now < one.ends_at
    ]
    return max(there, key=lambda one: one.ends_at, default=None)


def days_lapsed(certificates: Iterable[Certificate], role: Role, now: datetime) -> int:
    """Days begun since the last certificate for this role ended: 0 while one counts, `NEVER` without any.

    A revoked one that would have lasted longest is none: that an older one ended lately does not help.
    """
    mine = [one for one in certificates if one.role is role and one.issued_at <= now]
    if current(mine, role, now):
        return 0
    last = max(mine, key=lambda one: one.ends_at, default=None)
    if last is None or last.state is CertificateState.REVOKED:
        return NEVER
    return (now - last.ends_at) // DAY + 1


def lacking(
    people: Iterable[Person], certificates: Iterable[Certificate], courses: Iterable[Role], now: datetime
) -> tuple[tuple[Person, Role], ...]:
    """Who has a role that asks for training, and no certificate for it that counts now."""
    of_person: dict[str, list[Certificate]] = {}
    for one in certificates:
        of_person.setdefault(one.person_id, []).append(one)
    asked = frozenset(courses)
    return tuple(
        (person, role)
        for person in people
        if person.state is PersonState.ACTIVE
        for role in person.roles
        if role in asked and current(of_person.get(person.id, ()), role, now) is None
    )
