"""Passkeys and one-time codes: what a device signs or shows, and how it is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Site:
    """Where a person's browser is. A passkey answers to one site only, which is what stops a copied page."""

    rp_id: str  # the host's name: "localhost"
    origin: str  # "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class NewPasskey:
    id: str  # base64url
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says of itself, unproven."""

    challenge: bytes
    passkey_id: str


class Passkeys(Protocol):
    def options_to_make(
        self, site: Site, *, person_id: str, name: str, challenge: bytes, known: Sequence[str]
    ) -> dict[str, object]:
        """What the browser is told to make one: with user verification, kept on the device, none of `known` again."""

    def options_to_use(self, site: Site, *, challenge: bytes, known: Sequence[str]) -> dict[str, object]:
        """What the browser is told to use one of `known`, or whichever the person chooses when none is named."""

    def claim(self, answer: str) -> Claim | None:
        """What the browser's answer (JSON) says of itself; None for one that cannot be read."""

    def made(self, site: Site, answer: str, *, challenge: bytes) -> NewPasskey | None:
        """The new passkey; None unless it was made for this site and challenge, by a person whom the device verified."""

    def used(self, site: Site, answer: str, *, challenge: bytes, public_key: bytes, sign_count: int) -> int | None:
        """The count of signatures that the device now tells.

        None unless the key signed this challenge for this site, the device verified the person, and the count went up (or is
        and was 0): a device that was copied counts twice.
        """


class Codes(Protocol):
    def secret(self) -> str:
        """A new shared secret, in base32."""

    def address(self, secret: str, *, name: str, issuer: str) -> str:
        """The otpauth:// address that an app on the person's telephone takes."""

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        """The half minute whose code this is: the present one, the one before or the one after; None for a wrong code."""
