"""The agency's own sign-in (OpenID Connect), where it has one: where a person is sent, and what the provider says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Vouched:
    """What an ID token says, once its signature and everything that binds it to us were checked."""

    subject: str  # who it is, as the provider names them
    authenticated_at: datetime | None  # when the person proved it to the provider; None where that is not said
    acr: str  # how, in the provider's words: a class
    amr: tuple[str, ...]  # and the means: "pwd", "otp", "hwk"


class Provider(Protocol):
    @property
    def issuer(self) -> str:
        """Who signs: the address in the settings, and in every token."""

    @property
    def known_as(self) -> str:
        """Whose word it is and about whom: issuer, client, and the claim that names a person, as the settings have them."""

    def address(self, *, redirect: str, state: str, nonce: str, verifier: str, anew: bool) -> str:
        """Where the browser is sent. With `anew` the person must prove who they are again, whatever session they have there.

        Raises `Fault` where the provider cannot be reached or says of itself what cannot be.
        """

    def vouched(self, *, redirect: str, code: str, verifier: str, nonce: str, now: datetime) -> Vouched | None:
        """Whom the provider vouches for by this code; None unless the token is signed by it, for us, for this nonce, and lasts.

        Raises `Fault` where the provider cannot be reached.
        """
