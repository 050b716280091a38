"""The officers who use the system, what each may be, and the session in which one acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from beholden.records.retention import Kept
from beholden.records.sealed import Noted


class Role(StrEnum):
    STEWARD = "steward"  # keeps the sources and enrols from them
    PRIVACY_OFFICER = "privacy_officer"
    INVESTIGATOR = "investigator"
    SUPERVISOR = "supervisor"
    EXAMINER = "examiner"  # reviews lists and examines candidates, blind
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    KEY_CUSTODIAN = (
        "key_custodian"  # holds a part of what opens the keys or brings back a lost administrator; works on nothing
    )


API_KEY = "api-key"  # the `client` of a session that is a key for programs

CASEWORK = frozenset({Role.INVESTIGATOR, Role.EXAMINER, Role.SUPERVISOR})

# Two roles that nobody has at once, and why (REQ 94). The policy's floor refuses each pair, when a role is given and at every act.
TOXIC: Mapping[frozenset[Role], str] = MappingProxyType(
    {
        **{
            frozenset({Role.ADMINISTRATOR, role}): "who gives roles uses none"
            for role in Role
            if role is not Role.ADMINISTRATOR
        },
        **{
            frozenset({Role.AUDITOR, role}): "who looks over the work does none of it"
            for role in Role
            if role not in (Role.AUDITOR, Role.ADMINISTRATOR)
        },
        frozenset({Role.INVESTIGATOR, Role.SUPERVISOR}): "nobody both searches and approves",
        **{
            frozenset({Role.PRIVACY_OFFICER, role}): "what people ask about themselves is kept apart from cases"
            for role in sorted(CASEWORK)
        },
        **{
            frozenset({Role.KEY_CUSTODIAN, role}): "who holds what opens the keys has no part in cases"
            for role in sorted(CASEWORK)
        },
    }
)


def toxic_pairs(roles: Iterable[str]) -> tuple[frozenset[Role], ...]:
    """The pairs of `TOXIC` that are among these roles."""
    given = set(roles)
    return tuple(pair for pair in TOXIC if pair <= given)


class PersonState(StrEnum):
    INVITED = "invited"  # has a one-time token and no passphrase yet
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"  # replaced by somebody else


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    version: int
    kept: Kept
    name: str  # how colleagues know them; unique among those who have not left
    roles: tuple[Role, ...]
    state: PersonState
    credential: str  # argon2id of the passphrase, or of the one-time token while invited
    invite_ends_at: datetime


def has_part_in_requests(person: Person, roles: Iterable[Role]) -> bool:
    """Whether what data subjects ask is there for a person by one of these roles.

    To a privacy officer with a role in casework it is not: a folder from before that was forbidden may have one (REQ 71).
    """
    own = set(person.roles)
    return not own.isdisjoint(roles) and (Role.PRIVACY_OFFICER not in own or own.isdisjoint(CASEWORK))


@dataclass(frozen=True, slots=True)
class Session:
    id: str  # SHA-256 of the secret that the person's door holds: the secret itself is nowhere in the store
    version: int
    kept: Kept
    person_id: str
    client: str
    ends_at: datetime
    ended: bool
    fresh_until: datetime  # until then, who acts need not confirm again who they are
    name: Noted = ""  # what the person calls a key for programs; empty of a sign-in


@dataclass(frozen=True, slots=True)
class Officer:
    """Proof of a sign-in, given with every act. It is checked against the records each time, so it can be revoked."""

    name: str
    session: str

    def __repr__(self) -> str:
        return f"Officer({self.name!r})"  # a secret does not belong in a traceback
