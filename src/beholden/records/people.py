"""The officers who use the system, what each may be, and the session in which one acts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.retention import Kept

MAX_NAME = 100  # characters


class Role(StrEnum):
    STEWARD = "steward"  # keeps the sources and enrols from them
    PRIVACY_OFFICER = "privacy_officer"
    INVESTIGATOR = "investigator"
    SUPERVISOR = "supervisor"
    EXAMINER = "examiner"  # reviews lists and examines candidates, blind
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


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


@dataclass(frozen=True, slots=True)
class Session:
    id: str  # SHA-256 of the secret that the person's door holds: the secret itself is nowhere in the store
    version: int
    kept: Kept
    person_id: str
    client: str
    ends_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class Officer:
    """Proof of a sign-in, given with every act. It is checked against the records each time, so it can be revoked."""

    name: str
    session: str

    def __repr__(self) -> str:
        return f"Officer({self.name!r})"  # a secret does not belong in a traceback


def wrong_in_name(name: str) -> str:
    """What keeps this from being a person's name; empty if nothing does."""
    if not name.strip():
        return "a person needs a name; give the one that colleagues know"
    if len(name) > MAX_NAME:
        return f"the name has {len(name)} characters, more than {MAX_NAME}; give the one that colleagues know"
    if unseen := sorted({f"U+{ord(letter):04X}" for letter in name if _is_unseen(letter)}):
        return f"the name has characters that cannot be seen ({', '.join(unseen)}); type it again without them"
    return ""


def _is_unseen(letter: str) -> bool:
    """Control, format, surrogate, private and unassigned (C…), line and paragraph separators: not there for a reader."""
    category = unicodedata.category(letter)
    return category.startswith("C") or category in ("Zl", "Zp")


def same_name(one: str, other: str) -> bool:
    """Whether two names read the same: apart from case, width, composition of letters and the number of spaces."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    # Folding the case can undo the normal form, so that it is made again (Unicode Standard, section 3.13, D146).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())
