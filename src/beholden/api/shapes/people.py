"""People and their sign-ins, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Shown, Text
from beholden.records.people import PersonState, Role


class Person(Shown):
    id: Id
    version: int
    name: str
    roles: list[Role]
    state: PersonState


class SignIn(Given):
    name: Text
    passphrase: Text
    totp: Text = Field("", description="The six digits of the moment, where the person has set that up.")


class Confirm(Given):
    """Who one is, once more: passphrase or the six digits of the moment."""

    passphrase: Text = ""
    totp: Text = ""


class Accept(Given):
    name: Text
    token: Text = Field(description="The one-time token that an administrator handed over.")
    passphrase: Text = Field(description="At least 12 characters.")


class Session(Shown):
    bearer: str = Field(repr=False, description="Give it with every request: `Authorization: Bearer …`.")
    person: Person


class SignedIn(Shown):
    person: Person
    at: datetime = Field(description="The system's own clock.")


class OwnSession(Shown):
    """Where one is signed in."""

    id: Id
    client: str = Field(description="The pages, the REST, the command line or a program.")
    opened_at: datetime
    ends_at: datetime
    here: bool = Field(description="Whether it is the one that asks.")


class Invite(Given):
    name: Text
    roles: list[Text] = Field(max_length=20, examples=[["investigator"]])


class Roles(Given):
    roles: list[Text] = Field(max_length=20, examples=[["investigator"]])


class Replace(Given):
    name: Text = Field(description="Who takes the place of the person who leaves.")


class Invited(Shown):
    person: Person
    token: str = Field(repr=False, description="Shown now and never again.")
    hours: int = Field(description="How long it is good.")
