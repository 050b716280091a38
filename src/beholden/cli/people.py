"""`beholden people`: add, accept, change, suspend and replace the people who work with the system."""

from __future__ import annotations

import shlex
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, links, people, provider, training
from beholden.cli import asking, dates, naming, printing, sessions
from beholden.cli.documents import document, documents
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.printing import Told
from beholden.records.people import Person, Role

app = App(name="people")
Who = Annotated[str, Parameter(help="A person's name or id.")]
Roles = Annotated[list[Role], Parameter(name="--role", help="A role; once for each.")]


@app.command(name="list")
def list_people(*, door: Door = HERE) -> Told:
    """List everybody who works with the system.

    Example: beholden people list
    """
    with door.enter() as (system, officer):
        there = desk.people(system, officer)
    found = [(one.name, _roles(one), one.state, printing.short(one.id)) for one in there]
    table = printing.rows(("name", "roles", "state", "id"), found, "Nobody is here yet.")
    return Told({"people": documents(there)}, (table,))


@app.command
def add(
    name: Annotated[str, Parameter(help="How colleagues know the person.")], /, *, role: Roles, door: Door = HERE
) -> Told:
    """Invite a person, and print the one-time token to be handed to them.

    Example: beholden people add ines --role investigator
    """
    with door.enter() as (system, officer):
        person, token = people.add_person(system, officer, name=name, roles=role)
        hours = system.rules.invite_hours
    return _invited(person, token, hours)


@app.command
def accept(
    name: Annotated[str, Parameter(help="Your name, as it was added.")],
    /,
    *,
    passphrase_stdin: Annotated[
        bool, Parameter(help="Read the token and then the passphrase from standard input, a line each.")
    ] = False,
    where: Where = ANYWHERE,
) -> Told:
    """Use your one-time token: choose a passphrase, and be signed in.

    Example: beholden people accept ines --data ~/beholden
    """
    folder = where.folder
    with opened(folder) as system:
        token = asking.secret("one-time token", from_stdin=passphrase_stdin).strip()
        passphrase = asking.secret("new passphrase", from_stdin=passphrase_stdin, twice=True)
        officer = people.accept(system, name=name, token=token, passphrase=passphrase)
        profile = system.profile
    sessions.keep(folder, officer, profile)
    return Told({"name": officer.name}, (f"{officer.name} has accepted, and is signed in.",))


@app.command
def roles(person: Who, /, *, role: Roles, door: Door = HERE) -> Told:
    """Give a person these roles, in place of those they have.

    Example: beholden people roles ines --role investigator --role auditor
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        changed = people.change_roles(system, officer, person_id=person_id, roles=role)
    return Told(document(changed), (f"{changed.name} is now: {_roles(changed)}.",))


@app.command
def suspend(person: Who, /, *, door: Door = HERE) -> Told:
    """Keep a person out, at once: their sessions end.

    Example: beholden people suspend ivo
    """
    with door.enter() as (system, officer):
        changed = people.suspend_person(system, officer, person_id=naming.person(system, officer, person))
    return Told(document(changed), (f"{changed.name} is suspended, and every session of theirs has ended.",))


@app.command(name="sign-out")
def sign_out(person: Who, /, *, door: Door = HERE) -> Told:
    """End every session and key of a person, at once: a lost device, say. They may sign in again.

    Example: beholden people sign-out ivo
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        ended = people.sign_out_person(system, officer, person_id=person_id)
    return Told({"person_id": person_id, "ended": ended}, (f"{ended} sessions and keys have ended.",))


@app.command
def resume(person: Who, /, *, door: Door = HERE) -> Told:
    """Let a suspended person work again.

    Example: beholden people resume ivo
    """
    with door.enter() as (system, officer):
        changed = people.resume_person(system, officer, person_id=naming.person(system, officer, person))
    return Told(document(changed), (f"{changed.name} can sign in again.",))


@app.command
def replace(
    person: Who,
    /,
    *,
    name: Annotated[str, Parameter(help="Who takes their place.")],
    door: Door = HERE,
) -> Told:
    """Put somebody in the place of a person who leaves: same roles, same open cases, a token of their own.

    Example: beholden people replace ivo --name ilse
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        successor, token = people.replace_person(system, officer, person_id=person_id, name=name)
        hours = system.rules.invite_hours
    return _invited(successor, token, hours)


@app.command
def certify(
    person: Who,
    /,
    *,
    role: Annotated[Role, Parameter(help="For whose acts the certificate counts.")],
    course: Annotated[str, Parameter(help="The id of the course that was passed.")],
    number: Annotated[str, Parameter(help="The number of the certificate, or the SHA-256 of its document.")],
    issued: Annotated[str, Parameter(help="The day from which it counts; today, if none is given.")] = "",
    ends: Annotated[str, Parameter(help="The day on which it ends; twelve months on, if none is given.")] = "",
    band: Annotated[
        tuple[str, ...], Parameter(help="Ages of faces at which an examiner is proficient; once for each.")
    ] = (),
    door: Door = HERE,
) -> Told:
    """Enter the certificate of training that a person showed; each act asks for one that counts.

    Example: beholden people certify ines --role investigator --course fr-101 --number 2026-117
    """
    with door.enter() as (system, officer):
        entered = training.enter_certificate(
            system,
            officer,
            person_id=naming.person(system, officer, person),
            role=role,
            course=course,
            number=number,
            issued_at=dates.instant(issued, "day of issue") if issued else None,
            ends_at=dates.instant(ends, "day on which it ends") if ends else None,
            bands=band,
        )
    line = f"The certificate counts for {role.replace('_', ' ')} until {entered.ends_at:%Y-%m-%d %H:%M} UTC."
    return Told(document(entered), (line, f"To revoke it: beholden people uncertify {entered.id} --reason REASON"))


@app.command
def certificates(person: Who, /, *, door: Door = HERE) -> Told:
    """List the certificates of training of a person: an administrator those of anybody, everybody else their own.

    Example: beholden people certificates ines
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        there = training.certificates(system, officer, person_id=person_id)
    found = [(one.role, one.course, one.number, f"{one.ends_at:%Y-%m-%d %H:%M}", one.state, one.id) for one in there]
    table = printing.rows(("role", "course", "number", "ends (UTC)", "state", "id"), found, "No certificate is here.")
    return Told({"certificates": documents(there)}, (table,))


@app.command
def uncertify(
    certificate: Annotated[str, Parameter(help="The id of a certificate.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why it counts no more.")],
    door: Door = HERE,
) -> Told:
    """Revoke a certificate of training, at once.

    Example: beholden people uncertify CERTIFICATE --reason "the course was not passed"
    """
    with door.enter() as (system, officer):
        revoked = training.revoke_certificate(system, officer, certificate_id=certificate, reason=reason)
    return Told(document(revoked), ("The certificate counts no more.",))


@app.command(name="link-provider")
def link_provider(
    person: Who,
    /,
    *,
    subject: Annotated[str, Parameter(help="Their name at the agency's sign-in: the claim that the settings name.")],
    door: Door = HERE,
) -> Told:
    """Let a person sign in by the agency's own sign-in, which knows them by this subject.

    Example: beholden people link-provider ines --subject 8d1f2c
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        provider.link_person(system, officer, person_id=person_id, subject=subject)
    return Told({"person_id": person_id, "subject": subject}, ("They can sign in by the agency's own sign-in.",))


@app.command(name="unlink-provider")
def unlink_provider(person: Who, /, *, door: Door = HERE) -> Told:
    """Let the agency's own sign-in open nothing for a person any more.

    Example: beholden people unlink-provider ines
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        provider.unlink_person(system, officer, person_id=person_id)
    return Told({"person_id": person_id}, ("The agency's own sign-in opens nothing for them any more.",))


@app.command
def token(person: Who, /, *, door: Door = HERE) -> Told:
    """Print a new one-time token for a person who lost the old one, or the passphrase, which ends.

    Example: beholden people token ines
    """
    with door.enter() as (system, officer):
        person_id = naming.person(system, officer, person)
        invited, fresh = people.renew_token(system, officer, person_id=person_id)
        hours = system.rules.invite_hours
    return _invited(invited, fresh, hours)


@app.command
def link(person: Who, /, *, door: Door = HERE) -> Told:
    """Print a one-time link for a person of a synthetic system, to be opened while `beholden serve` runs.

    Example: beholden people link ines
    """
    with door.enter() as (system, officer):
        found, token = links.make_link(system, officer, person_id=naming.person(system, officer, person))
        minutes = system.rules.link_minutes
    lines = (
        f"A link for {found.name}, good once and for {minutes} minutes, which is shown now and never again:",
        f"    http://localhost:8000/sign-in/link#{token}",
        "Put the address that `beholden serve` printed in the place of its beginning, if that is another one.",
    )
    return Told(document(found, token=token), lines)


def _invited(person: Person, token: str, hours: int) -> Told:
    lines = (
        f"{person.name} is invited as: {_roles(person)}.",
        f"The one-time token, good for {hours} hours, which is shown now and never again:",
        f"    {token}",
        f"Hand it to {person.name}, who then gives: beholden people accept {shlex.quote(person.name)}",
    )
    return Told(document(person, token=token), lines)


def _roles(person: Person) -> str:
    return ", ".join(role.replace("_", " ") for role in person.roles)
