"""People and their sign-ins, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Moment, Number, Shown, Text
from beholden.records.people import PersonState, Role
from beholden.records.training import CertificateState


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


class MakeKey(Given):
    name: Text = Field(description="How one tells it from others.", examples=["nightly export"])
    days: Number = Field(0, description="Until it ends; 0: as many as the rules allow.")


class ApiKey(Shown):
    """A key for a program. It acts with the rights that its person has at the moment."""

    id: Id
    name: str
    ends_at: datetime


class MadeKey(Shown):
    key: ApiKey
    bearer: str = Field(repr=False, description="Shown now and never again: `Authorization: Bearer …`.")


class Invite(Given):
    name: Text
    roles: list[Text] = Field(max_length=20, examples=[["investigator"]])


class Roles(Given):
    roles: list[Text] = Field(max_length=20, examples=[["investigator"]])


class Link(Given):
    subject: Text = Field(description="Their name at the agency's sign-in: the claim that the settings name.")


class Replace(Given):
    name: Text = Field(description="Who takes the place of the person who leaves.")


class Certify(Given):
    """The certificate of training that a person showed."""

    role: Text = Field(description="For whose acts it counts.", examples=["investigator"])
    course: Text = Field(description="The id of the course that was passed.")
    number: Text = Field(description="The number of the certificate, or the SHA-256 of its document.")
    issued_at: Moment | None = Field(None, description="From when it counts; now, if none is given.")
    ends_at: Moment | None = Field(None, description="When it ends; twelve months on, if none is given.")
    bands: list[Text] = Field([], max_length=20, description="Ages of faces at which an examiner is proficient.")


class Revoke(Given):
    reason: Text = Field(description="Why it counts no more.")


class Certificate(Shown):
    id: Id
    version: int
    person_id: Id
    role: Role
    course: str
    number: str
    bands: list[str]
    issued_at: datetime
    ends_at: datetime = Field(description="From this moment on it counts for nothing.")
    state: CertificateState


class Invited(Shown):
    person: Person
    token: str = Field(repr=False, description="Shown now and never again.")
    hours: int = Field(description="How long it is good.")
