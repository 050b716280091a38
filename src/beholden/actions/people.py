"""Officers: invited with a one-time token, suspended, replaced; signing in and out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from beholden.actions import audit, totp
from beholden.actions.audit import Act
from beholden.actions.incidents import open_incident
from beholden.actions.sessions import (
    ONLY_SYNTHETIC,
    WRONG,
    clock_apart,
    digest_of,
    end_all,
    forget_authenticators,
    named,
    of_token,
    open_session,
)
from beholden.errors import BadInput, SignInRefused
from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records.cases import Case, CaseState
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.examination import Examination, ExaminationState
from beholden.records.incidents import IncidentKind
from beholden.records.names import same_name, wrong_in_name
from beholden.records.people import Officer, Person, PersonState, Role, Session, toxic_pairs
from beholden.records.review import Review, ReviewState
from beholden.records.views import Viewed

MIN_PASSPHRASE = 12


def invite(act: Act, tx: Transaction, name: str, roles: Sequence[str]) -> tuple[Person, str]:
    """Add a person within an act; the person and the one-time token."""
    name = name.strip()
    if wrong := wrong_in_name(name):
        raise BadInput(wrong)
    there = [person.name for person in tx.find(Person) if person.state is not PersonState.LEFT]
    if same := [one for one in there if same_name(one, name)]:
        raise BadInput(f"there is a person named {same[0]!r} already; give a name that tells them apart")
    token = secrets.token_urlsafe(24)
    person = Person(
        id=act.new_id(),
        version=0,
        kept=act.keep("person"),
        name=name,
        roles=_known(roles),
        state=PersonState.INVITED,
        credential=of_token(token),
        invite_ends_at=act.now + timedelta(hours=act.system.rules.invite_hours),
    )
    tx.add(person)
    return person, token


def add_person(system: System, officer: Officer, *, name: str, roles: Sequence[str]) -> tuple[Person, str]:
    """Invite a person; the token is shown once and is good for the hours that the rules say."""
    with audit.act(system, "person.added", officer) as act, act.begin() as tx:
        act.if_stopped = partial(_tell_of_toxic, act, roles)
        act.permit(roles_given=tuple(roles), subject="")
        person, token = invite(act, tx, name, roles)
        act.tell("subject", person.id, person.id)
        act.tell("roles", list(person.roles), person.id)
        _notify(act, tx, person, f"somebody was invited as {_in_words(person.roles)}")
    return person, token


def change_roles(system: System, officer: Officer, *, person_id: str, roles: Sequence[str]) -> Person:
    with audit.act(system, "person.changed", officer) as act, act.begin() as tx:
        person = tx.get(Person, person_id)
        act.tell("subject", person.id, person.id)
        act.if_stopped = partial(_tell_of_toxic, act, roles)
        act.permit(roles_given=tuple(roles), subject=person.id)
        person = tx.change(person, roles=_known(roles))
        act.tell("roles", list(person.roles), person.id)
        _notify(act, tx, person, f"a person's roles were changed to {_in_words(person.roles)}")
    return person


def suspend_person(system: System, officer: Officer, *, person_id: str) -> Person:
    """Effective at once: every act looks the person up, and all their sessions end."""
    with audit.act(system, "person.suspended", officer) as act, act.begin() as tx:
        person = _subject(act, tx, person_id)
        person = tx.change(person, state=PersonState.SUSPENDED)
        end_all(tx, person)
    return person


def sign_out_person(system: System, officer: Officer, *, person_id: str) -> int:
    """End every session and key of a person, at once: a device was lost, say. How many there were; they may sign in again."""
    with audit.act(system, "person.signed_out", officer) as act, act.begin() as tx:
        person = _subject(act, tx, person_id)
        ended = end_all(tx, person)
        act.tell("sessions", ended, person.id)
        return ended


def resume_person(system: System, officer: Officer, *, person_id: str) -> Person:
    with audit.act(system, "person.resumed", officer) as act, act.begin() as tx:
        person = _subject(act, tx, person_id)
        return tx.change(person, state=PersonState.ACTIVE)


def replace_person(system: System, officer: Officer, *, person_id: str, name: str) -> tuple[Person, str]:
    """Somebody takes the place of somebody who leaves: same roles, what lies open on their desk, a token of their own."""
    with audit.act(system, "person.replaced", officer) as act, act.begin() as tx:
        leaver = _subject(act, tx, person_id)
        tx.change(leaver, state=PersonState.LEFT, credential="")
        end_all(tx, leaver)
        forget_authenticators(tx, leaver)
        person, token = invite(act, tx, name, leaver.roles)
        act.tell("successor", person.id, person.id)
        _notify(act, tx, person, f"somebody was invited in the place of a person, as {_in_words(person.roles)}")
        for case in tx.find(Case, state=CaseState.OPEN):
            if leaver.id in case.assigned:
                tx.change(case, assigned=(*(id for id in case.assigned if id != leaver.id), person.id))
                act.tell("case", case.id, case.id)
        # Nobody else may take up what lies open on a desk: left there, it would hold up its search for good.
        for review in tx.find(Review, reviewer=leaver.id, state=ReviewState.OPEN):
            tx.change(review, reviewer=person.id)
            act.tell("review", review.id, review.id)
        for examination in tx.find(Examination, examiner=leaver.id, state=ExaminationState.OPEN):
            # Whoever takes it over looks for themselves: what the other saw in each side is not theirs.
            tx.remove(*tx.find(Viewed, examination_id=examination.id))
            tx.change(examination, examiner=person.id, described=())
            act.tell("examination", examination.id, examination.id)
    return person, token


def renew_token(system: System, officer: Officer, *, person_id: str) -> tuple[Person, str]:
    """A new one-time token, for a person who lost what they signed in with. All of that ends: passkeys and codes too."""
    with audit.act(system, "person.token_renewed", officer) as act, act.begin() as tx:
        person = _subject(act, tx, person_id)
        token = secrets.token_urlsafe(24)
        person = tx.change(
            person,
            state=PersonState.INVITED,
            credential=of_token(token),
            invite_ends_at=act.now + timedelta(hours=system.rules.invite_hours),
        )
        end_all(tx, person)
        forget_authenticators(tx, person)
        _notify(
            act, tx, person, "a person was given a new one-time token, with which whoever holds it signs in as them"
        )
    return person, token


def accept(system: System, *, name: str, token: str, passphrase: str) -> Officer:
    """Use the one-time token to set a passphrase, and sign in with it."""
    with audit.act(system, "person.accepted", None) as act:
        if len(passphrase) < MIN_PASSPHRASE:
            raise BadInput(f"the passphrase has {len(passphrase)} characters; choose one of at least {MIN_PASSPHRASE}")
        credential = system.credentials.keep(passphrase)
        with act.begin() as tx:
            person = named(tx, name)
            act.acts_as(person)
            if person is not None:
                act.tell("subject", person.id, person.id)
            if person is None or person.state not in (PersonState.INVITED, PersonState.ACTIVE):
                raise SignInRefused(WRONG)
            if act.now >= person.invite_ends_at:
                raise SignInRefused(WRONG)
            if not secrets.compare_digest(person.credential, of_token(token)):
                raise SignInRefused(WRONG)
            person = tx.change(person, state=PersonState.ACTIVE, credential=credential)
            return open_session(act, tx, person, how="token")


def sign_in(system: System, *, name: str, passphrase: str, code: str = "") -> Officer:
    """With the passphrase and, for who has set them up, a one-time code. What was wrong of the two is not told."""
    with audit.act(system, "session.opened", None) as act:
        with act.look() as look:
            known = named(look, name)
        # Slow, so in no transaction; and as slow for somebody unknown or only invited, so that neither can be told apart.
        kept = known.credential if known and known.state is not PersonState.INVITED else ""
        right = system.credentials.check(passphrase, kept)
        with act.begin() as tx:
            person = named(tx, name)
            act.acts_as(person)
            if not right or person is None or person != known or person.state is not PersonState.ACTIVE:
                raise SignInRefused(WRONG)
            if totp.take(act, tx, person, code) is False:
                apart = totp.apart(act, tx, person, code)
                raise SignInRefused(clock_apart(apart) if apart else WRONG)
            return open_session(act, tx, person, how="passphrase")


def sign_in_as(system: System, *, name: str) -> Officer:
    """Sign in as anybody, in a synthetic system only: no real person's face is in it."""
    with audit.act(system, "session.opened", None) as act, act.begin() as tx:
        if system.profile != "synthetic":
            raise SignInRefused(ONLY_SYNTHETIC)
        person = named(tx, name)
        act.acts_as(person)
        if person is None or person.state not in (PersonState.ACTIVE, PersonState.INVITED):
            raise SignInRefused(WRONG)
        if person.state is PersonState.INVITED:
            person = tx.change(person, state=PersonState.ACTIVE)  # the token stays good, for a passphrase of their own
        return open_session(act, tx, person, how="name alone", lasting=True)


def sign_out(system: System, officer: Officer) -> None:
    with audit.act(system, "session.ended", officer) as act, act.begin() as tx:
        session = tx.get(Session, digest_of(officer.session))
        tx.change(session, ended=True)


def _subject(act: Act, tx: Transaction, person_id: str) -> Person:
    person = tx.get(Person, person_id)
    act.tell("subject", person.id, person.id)
    act.permit(subject=person.id, subject_state=str(person.state))
    return person


def _tell_of_toxic(act: Act, roles: Sequence[str], tx: Transaction, _rules: Sequence[str]) -> None:
    """Tell the oversight body that somebody tried to give roles that exclude each other (REQ 94): once until it is sent."""
    pairs = toxic_pairs(roles)
    if not pairs:
        return
    named_pairs = "; ".join(sorted(_in_words(sorted(pair)) for pair in pairs))
    words = f"somebody tried to give one person roles that exclude each other: {named_pairs}"
    open_incident(act.system, tx, IncidentKind.TOXIC_ROLES, act.person.id, words, now=act.now)
    if not tx.find(Notice, about=act.person.id, words=words, sent=False):
        tx.add(Notice(act.system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, act.person.id, words, sent=False))


def _notify(act: Act, tx: Transaction, person: Person, words: str) -> None:
    """Tell the oversight body what an administrator did: nobody else would notice a person who is not one."""
    id = act.system.clock.new_id()
    tx.add(Notice(id, 0, act.keep("notice"), OVERSIGHT, person.id, words, sent=False))


def _in_words(roles: Sequence[Role]) -> str:
    return ", ".join(role.replace("_", " ") for role in roles)


def _known(roles: Sequence[str]) -> tuple[Role, ...]:
    """Raises `BadInput` for a role that there is not."""
    if unknown := sorted(set(roles) - set(Role)):
        raise BadInput(f"there is no role {', '.join(unknown)}; the roles are: {', '.join(Role)}")
    return tuple(sorted(Role(role) for role in set(roles)))
