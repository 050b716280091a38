"""Signing in, and the people who work with the system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import NoneType

from beholden.api.shapes.people import (
    Accept,
    ApiKey,
    Certificate,
    Certify,
    Confirm,
    Invite,
    Invited,
    Link,
    MadeKey,
    MakeKey,
    OwnSession,
    Person,
    Replace,
    Revoke,
    Roles,
    Session,
    SignedIn,
    SignIn,
)
from beholden.client.calls import Sent
from beholden.client.operations import L, Noun, does, lists


class Sessions(Noun[L]):
    """The key of a sign-in is kept in this client's memory, and goes with every request."""

    @does("POST /sessions", SignIn, Session, sent=Sent.ONCE)
    def sign_in(self, *, name: str, passphrase: str, totp: str = "") -> None:
        """Sign in; from now on this client acts for this person."""

    @does("POST /sessions/first", Accept, Session, sent=Sent.ONCE)
    def accept(self, *, name: str, token: str, passphrase: str) -> None:
        """Use the one-time token: choose a passphrase, and be signed in."""

    @does("GET /sessions/current", None, SignedIn)
    def whoami(self) -> None:
        """Who this client acts for."""

    @does("POST /sessions/current/confirm", Confirm, NoneType, sent=Sent.FREELY)
    def confirm(self, *, passphrase: str = "", totp: str = "") -> None:
        """Say again who one is, as some acts ask for: they want it within the last minutes."""

    @lists("GET /sessions", OwnSession)
    def sessions(self) -> None:
        """One's own that last, the latest first."""

    @does("DELETE /sessions/{session_id}", None, NoneType)
    def end_session(self, session_id: str) -> None:
        """End another one of one's own, at once."""

    @does("DELETE /sessions", None, NoneType)
    def end_every_session(self) -> None:
        """End every session and key of one's own, this one too, at once."""

    @does("DELETE /sessions/current", None, NoneType)
    def sign_out(self) -> None:
        """End this session, at once."""


class ApiKeys(Noun[L]):
    """One's own keys for programs. `Client(address, bearer=…)` acts with one."""

    @lists("GET /api-keys", ApiKey)
    def list(self) -> None:
        """One's own keys for programs that last, the one that ends first before the others."""

    @does("POST /api-keys", MakeKey, MadeKey)
    def make(self, *, name: str, days: int = 0) -> None:
        """Make a key for a program; it is in this answer and nowhere else."""

    @does("DELETE /api-keys/{key_id}", None, NoneType)
    def revoke(self, key_id: str) -> None:
        """Revoke a key of one's own, at once."""


class People(Noun[L]):
    @lists("GET /people", Person)
    def list(self, *, filter: str = "") -> None:
        """Everybody who works with the system."""

    @does("GET /people/{person_id}", None, Person)
    def show(self, person_id: str) -> None:
        """One of them."""

    @does("POST /people", Invite, Invited)
    def add(self, *, name: str, roles: Sequence[str]) -> None:
        """Invite a person; the one-time token is in this answer and nowhere else."""

    @does("PUT /people/{person_id}/roles", Roles, Person)
    def change_roles(self, person_id: str, *, roles: Sequence[str], version: int | None = None) -> None:
        """Give a person these roles, in place of those they have."""

    @does("POST /people/{person_id}/suspend", None, Person)
    def suspend(self, person_id: str, *, version: int | None = None) -> None:
        """Keep a person out, at once: their sessions end."""

    @does("PUT /people/{person_id}/provider", Link, NoneType)
    def link_provider(self, person_id: str, *, subject: str, version: int | None = None) -> None:
        """Let a person sign in by the agency's own sign-in, which knows them by this subject."""

    @does("DELETE /people/{person_id}/provider", None, NoneType)
    def unlink_provider(self, person_id: str, *, version: int | None = None) -> None:
        """Let the agency's own sign-in open nothing for a person any more."""

    @does("POST /people/{person_id}/sign-out", None, NoneType)
    def sign_out(self, person_id: str, *, version: int | None = None) -> None:
        """End every session and key of a person, at once; they may sign in again."""

    @does("POST /people/{person_id}/resume", None, Person)
    def resume(self, person_id: str, *, version: int | None = None) -> None:
        """Let a suspended person work again."""

    @does("POST /people/{person_id}/replace", Replace, Invited)
    def replace(self, person_id: str, *, name: str, version: int | None = None) -> None:
        """Put somebody in the place of a person who leaves: same roles, same open cases, a token of their own."""

    @lists("GET /people/{person_id}/certificates", Certificate)
    def certificates(self, person_id: str) -> None:
        """The certificates of training of a person: to an administrator those of anybody, to everybody else their own."""

    @does("POST /people/{person_id}/certificates", Certify, Certificate)
    def certify(
        self,
        person_id: str,
        *,
        role: str,
        course: str,
        number: str,
        issued_at: datetime | None = None,
        ends_at: datetime | None = None,
        bands: Sequence[str] = (),
    ) -> None:
        """Enter the certificate of training that a person showed."""

    @does("GET /certificates/{certificate_id}", None, Certificate)
    def certificate(self, certificate_id: str) -> None:
        """One certificate of training."""

    @does("POST /certificates/{certificate_id}/revoke", Revoke, Certificate)
    def uncertify(self, certificate_id: str, *, reason: str, version: int | None = None) -> None:
        """Revoke a certificate of training, at once."""

    @does("POST /people/{person_id}/token", None, Invited)
    def renew_token(self, person_id: str, *, version: int | None = None) -> None:
        """A new one-time token, for a person who lost the old one or the passphrase, which ends."""
