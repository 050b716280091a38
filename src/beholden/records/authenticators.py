"""What a person proves with that they are who they say: passkeys, one-time codes, and one-time links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.retention import Kept
from beholden.records.sealed import Noted


class PasskeyState(StrEnum):
    ACTIVE = "active"
    REMOVED = "removed"  # kept as a record, so that the same credential is never taken up again


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential: only the public half is here."""

    id: str  # the credential id, base64url
    version: int
    kept: Kept
    person_id: str
    public_key: bytes  # COSE
    sign_count: int  # as the authenticator last told it; 0 for those that do not count
    name: Noted  # how the person tells it from others
    state: PasskeyState


@dataclass(frozen=True, slots=True)
class Totp:
    """The shared secret of one-time codes (RFC 6238), sealed under the key of the person."""

    id: str
    version: int
    kept: Kept
    person_id: str
    secret: bytes  # sealed
    confirmed: bool  # only then is a code asked for at sign-in
    last_step: int  # the last half minute that a code was taken of: none is taken twice


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time sign-in of a synthetic system."""

    id: str  # SHA-256 of the token, which is nowhere in the store
    version: int
    kept: Kept
    person_id: str
    ends_at: datetime
    used: bool


class LinkState(StrEnum):
    PENDING = "pending"  # an administrator said so; it opens nothing
    CONFIRMED = "confirmed"  # the person themselves said so too


@dataclass(frozen=True, slots=True)
class Linked:
    """That whom the agency's own sign-in names so is this person, by an administrator's word and then their own."""

    id: str  # SHA-256 of issuer and subject: the name that a person has there is in the log alone
    version: int
    kept: Kept
    person_id: str
    issuer: str
    state: LinkState


@dataclass(frozen=True, slots=True)
class Spent:
    """What is good once: a challenge that was answered, the number of a form or request that was done; until it would have
    ended by itself."""

    id: str  # SHA-256 of the challenge, or of whose number it is, of which act, and the number
    ends_at: datetime
