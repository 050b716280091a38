"""The agency's own sign-in: only for whom an administrator linked to it, and step-up by proving oneself there anew."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beholden.actions import audit, entries, log, sessions
from beholden.actions.audit import SYSTEM, Act, millis
from beholden.errors import BadInput, Missing, Reason, Refused, SignInRefused
from beholden.ports.database import Look, Saying, Transaction
from beholden.ports.providers import Provider, Vouched
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.authenticators import Linked, LinkState, Spent
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.people import Officer, Person, PersonState

LIFE = timedelta(minutes=10)  # of the way to the provider and back
SKEW = timedelta(seconds=60)  # that two honest clocks may be apart
NONCE, ENDS, MARK = 16, 8, 32  # bytes
TO_SIGN_IN, TO_CONFIRM = "provider-sign-in", "provider-confirm"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 255  # characters of a subject (OpenID Connect Core 1.0, section 2)

WRONG = Reason(
    rule_id="session.known-by-provider",
    why="the agency's sign-in does not vouch for anybody who is known here, or it was used too late or twice",
    source="REQ 103",
    how_to_proceed="begin again; an administrator links your name there to your name here with `beholden people link-provider`",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a browser is sent, and what it keeps meanwhile."""

    address: str
    state: str


def link_person(system: System, officer: Officer, *, person_id: str, subject: str) -> None:
    """Whom the provider names so signs in as this person once they have confirmed it; what they were linked to before ends.

    All their sessions end, and the oversight body is told: an administrator who links a name of their own is noticed.
    Raises `BadInput` where no provider is set, and for a subject that is somebody else's.
    """
    with audit.act(system, "person.linked", officer) as act, act.begin() as tx:
        person = tx.get(Person, person_id)
        act.tell("subject", person.id, person.id)
        act.permit(subject=person.id, subject_state=str(person.state))
        provider, subject = _provider(system), subject.strip()
        if not subject or len(subject) > LONGEST or not subject.isprintable():
            raise BadInput(f"the subject is empty, longer than {LONGEST} characters, or has a line break in it")
        id = _id(provider.issuer, subject)
        there = tx.find(Linked, id=id)
        if there and there[0].person_id != person.id:
            raise BadInput("this subject is linked to somebody else; unlink them first")
        tx.remove(*tx.find(Linked, person_id=person.id))
        tx.add(Linked(id, 0, act.keep("person"), person.id, provider.issuer, LinkState.PENDING))
        sessions.end_all(tx, person)
        words = (
            "a person was linked to the agency's own sign-in: once they have confirmed it, whoever has that name there signs in "
            "as them"
        )
        tx.add(Notice(system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, person.id, words, sent=False))
        act.tell("issuer", provider.issuer, person.id)
        act.tell("linked", subject, person.id)


def confirm_link(system: System, officer: Officer, *, subject: str) -> None:
    """From now on the provider signs this officer in. `subject`: how it names them, which they give themselves.

    Asks for a fresh session, which the link itself cannot open. Raises `Missing` where no link waits, and `BadInput` for a
    name that is not the one that the administrator linked.
    """
    with audit.act(system, "person.link_confirmed", officer) as act, act.begin() as tx:
        act.permit()
        provider = _provider(system)
        there = tx.find(Linked, person_id=act.person.id, state=LinkState.PENDING)
        if not there:
            raise Missing("no link to the agency's sign-in waits for you to confirm it")
        if there[0].id != _id(provider.issuer, subject.strip()):
            raise BadInput(
                "an administrator linked you to another name than this one; have them unlink it if it is not yours, and tell "
                "the auditor"
            )
        tx.change(there[0], state=LinkState.CONFIRMED)
        act.tell("issuer", provider.issuer, act.person.id)


def unlink_person(system: System, officer: Officer, *, person_id: str) -> None:
    """The provider opens nothing for this person any more. Raises `Missing` for whom it never did."""
    with audit.act(system, "person.unlinked", officer) as act, act.begin() as tx:
        person = tx.get(Person, person_id)
        act.tell("subject", person.id, person.id)
        act.permit(subject=person.id, subject_state=str(person.state))
        there = tx.find(Linked, person_id=person.id)
        if not there:
            raise Missing("this person is linked to no sign-in of the agency")
        tx.remove(*there)


def record_provider(system: System) -> None:
    """Put on record whose word opens sessions, where the settings name another than the log tells of last.

    Whoever changes the settings does it while nobody can sign in; the next opening writes it down.
    """
    now = system.provider.known_as if system.provider else ""
    with system.database.look() as look:
        if _configured(system, look) == now:
            return
    with system.database.begin() as tx:
        if (before := _configured(system, tx)) != now:  # another process may have said so meanwhile
            told = [audit.Told("before", before, SYSTEM), audit.Told("after", now, SYSTEM)]
            audit.write(system, tx, "provider.configured", person=None, now=system.clock.now(), told=told)
            words = "the settings name another sign-in of the agency than before, or none any more"
            if now and not before:
                words = "the settings name a sign-in of the agency, which they did not before"
            kept = entries.kept(system, "notice", SYSTEM, system.clock.now())
            tx.add(Notice(system.clock.new_id(), 0, kept, OVERSIGHT, "", words, sent=False))
    log.seal(system)


def to_sign_in(system: System, *, redirect: str) -> Sent:
    """The way to the provider. Nothing is done yet. Raises `BadInput` where none is set."""
    return _sent(system, TO_SIGN_IN, "", redirect)


def to_confirm(system: System, officer: Officer, *, redirect: str) -> Sent:
    """The way to the provider for somebody signed in, who must prove there anew who they are."""
    return _sent(system, TO_CONFIRM, sessions.account(system, officer).here, redirect)


def sign_in_by_provider(system: System, *, redirect: str, code: str, state: str, kept: str) -> Officer:
    """`kept`: the state that this very browser was sent away with. Whoever the provider vouches for must have been linked.

    The session is fresh for as long as it would be since the person proved who they are to the provider; where that is not
    said, it is not fresh at all: a session there may be of this morning.
    """
    with audit.act(system, "session.opened", None) as act:
        vouched = _vouched(act, TO_SIGN_IN, "", redirect, code, state, kept)
        with act.begin() as tx:
            person = _known(tx, system, vouched)
            act.acts_as(person)
            if vouched is None or person is None or person.state is not PersonState.ACTIVE:
                raise SignInRefused(WRONG)
            _spend(tx, state, act.now)
            _tell(act, vouched)
            return sessions.open_session(
                act, tx, person, how="provider", proven_at=vouched.authenticated_at or LONG_AGO
            )


def confirm_by_provider(system: System, officer: Officer, *, redirect: str, code: str, state: str, kept: str) -> None:
    """Confirm who acts: the provider says that this very person proved who they are since the way there began."""
    with audit.act(system, "session.refreshed", officer) as act:
        here = sessions.digest_of(officer.session)
        with act.look():
            act.permit()
        vouched = _vouched(act, TO_CONFIRM, here, redirect, code, state, kept)
        with act.begin() as tx:
            act.permit()
            known = _known(tx, system, vouched)
            proven = vouched.authenticated_at if vouched else None
            if vouched is None or known is None or known.id != act.person.id:
                raise Refused(sessions.NOT_CONFIRMED)
            if proven is None or proven < _ends(state) - LIFE - SKEW:
                raise Refused(sessions.NOT_CONFIRMED)
            _spend(tx, state, act.now)
            _tell(act, vouched)
            sessions.make_fresh(act, tx, officer)


def _configured(system: System, look: Look) -> str:
    for entry in look.find(Entry, order="-n", limit=1, leaf=Saying("event", "provider.configured")):
        return str({one.name: one.value for one in log.opened_items(system, look, entry.n)}.get("after", ""))
    return ""


def _provider(system: System) -> Provider:
    if system.provider is None:
        raise BadInput("no sign-in of the agency is set; the settings file names one under [oidc]")
    return system.provider


def _sent(system: System, purpose: str, session: str, redirect: str) -> Sent:
    """The state says itself until when it is good, for what and in which session: asking for one leaves nothing behind."""
    provider = _provider(system)
    head = secrets.token_bytes(NONCE) + millis(system.clock.now() + LIFE).to_bytes(ENDS, "big")
    state = base64.urlsafe_b64encode(head + _mark(system, purpose, session, head)).rstrip(b"=").decode()
    nonce, verifier = _derived(system, state)
    anew = purpose == TO_CONFIRM
    return Sent(provider.address(redirect=redirect, state=state, nonce=nonce, verifier=verifier, anew=anew), state)


def _vouched(act: Act, purpose: str, session: str, redirect: str, code: str, state: str, kept: str) -> Vouched | None:
    """Whom the provider vouches for, if the state is ours, of this browser, for this, still good and new."""
    system = act.system
    provider = _provider(system)
    raw = _opened(state)
    head, mark = raw[: NONCE + ENDS], raw[NONCE + ENDS :]
    if len(mark) != MARK or not secrets.compare_digest(mark, _mark(system, purpose, session, head)):
        return None
    if not secrets.compare_digest(state.encode(), kept.encode()) or act.now >= _ends(state):
        return None
    with act.look() as look:
        if look.count(Spent, id=_spent(state)):
            return None
    nonce, verifier = _derived(system, state)
    return provider.vouched(redirect=redirect, code=code, verifier=verifier, nonce=nonce, now=act.now)


def _known(look: Look, system: System, vouched: Vouched | None) -> Person | None:
    if vouched is None or system.provider is None:
        return None
    there = look.find(Linked, id=_id(system.provider.issuer, vouched.subject), state=LinkState.CONFIRMED)
    return look.get(Person, there[0].person_id) if there else None


def _spend(tx: Transaction, state: str, now: datetime) -> None:
    """Raises `SignInRefused` for a state that was used while the provider was asked."""
    if tx.find(Spent, id=_spent(state)):
        raise SignInRefused(WRONG)
    tx.remove(*(one for one in tx.find(Spent) if one.ends_at <= now))
    tx.add(Spent(_spent(state), _ends(state)))


def _tell(act: Act, vouched: Vouched) -> None:
    act.tell("acr", vouched.acr, SYSTEM)
    act.tell("amr", list(vouched.amr), SYSTEM)


def _derived(system: System, state: str) -> tuple[str, str]:
    """Nonce and verifier, of the state and a secret of ours: the browser keeps neither."""
    made = [system.keys.hmac("provider-sign-in", f"{what}\n{state}".encode()).hex() for what in ("nonce", "verifier")]
    return made[0], made[1]


def _opened(state: str) -> bytes:
    """Empty for what is no state."""
    try:
        raw = base64.urlsafe_b64decode(state.encode("ascii") + b"=" * (-len(state) % 4))
    except ValueError:
        return b""
    return raw if len(raw) == NONCE + ENDS + MARK else b""


def _ends(state: str) -> datetime:
    return datetime.fromtimestamp(int.from_bytes(_opened(state)[NONCE : NONCE + ENDS], "big") / 1000, UTC)


def _mark(system: System, purpose: str, session: str, head: bytes) -> bytes:
    return system.keys.hmac("provider-state", f"{purpose}\n{session}\n".encode() + head)


def _spent(state: str) -> str:
    return hashlib.sha256(f"provider\n{state}".encode()).hexdigest()


def _id(issuer: str, subject: str) -> str:
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
