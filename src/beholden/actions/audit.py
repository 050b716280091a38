"""Doing an act so that it is on record: who, when, what, allowed or refused, in the transaction of the act itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta

from beholden.actions.entries import SYSTEM as SYSTEM
from beholden.actions.entries import Told as Told
from beholden.actions.entries import kept as kept
from beholden.actions.entries import write as write
from beholden.actions.facts import facts_of_act
from beholden.actions.incidents import kinds_of, open_incident
from beholden.actions.limits import count_in_day
from beholden.actions.stops import refusal_of
from beholden.actions.unmade import Sealed
from beholden.errors import (
    BadInput,
    BeholdenError,
    Changed,
    KeyDestroyed,
    NoRoom,
    NotProven,
    Reason,
    Refused,
    SignInRefused,
)
from beholden.ports.database import Above, Below, Look, Transaction
from beholden.ports.policy import Asker, Decision, Fact
from beholden.ports.system import System
from beholden.records.audit import Value
from beholden.records.authenticators import Spent
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer, Person, PersonState, Session
from beholden.records.retention import Kept

MAX_CHARS = 4_000  # of one value; a reason is a paragraph

FRESHNESS = "session-is-fresh"  # how the rules begin that ask who acts anew

NOT_SIGNED_IN = Reason(
    rule_id="session.signed-in",
    why="nobody is signed in, or the session has ended",
    source="REQ 103",
    how_to_proceed="sign in again; on the command line with `beholden sign-in`",
)


SENT_FOR = timedelta(hours=24)  # a form ends with its session, and a program tries again within minutes
SWEPT = 20  # numbers that have ended and are forgotten with each new one

SENT = Reason(
    rule_id="sent-once",
    why="this form or request was sent before, and what it asks for was done then",
    source="REQ 90; REQ 40",
    how_to_proceed="look at what was done; if you mean it a second time, load the page again, or give the request a new number",
)


def millis(at: datetime) -> int:
    """Milliseconds since 1970 in UTC: how the policy knows times."""
    return int(at.timestamp() * 1000)


class Act:
    """One act of one officer. `begin` (once) opens its transaction; the log entry goes into the same one."""

    def __init__(self, system: System, event: str, officer: Officer | None) -> None:
        self.system = system
        self.event = event
        self.now = system.clock.now()
        self.purpose = ""
        self.entry: int | None = None
        self._officer = officer
        self._person: Person | None = None
        self._fresh_until: datetime | None = None
        self._told: list[Told] = []
        self._made: set[str] = set()
        self._seen: Look | None = None
        self._incidents: list[tuple[IncidentKind, str]] = []
        self.if_stopped: Callable[[Transaction, Sequence[str]], None] | None = None  # beside the entry; gets the rules

    @property
    def person(self) -> Person:
        """Who acts. Known once the records were looked at."""
        if self._person is None:
            raise SignInRefused(NOT_SIGNED_IN)
        return self._person

    @contextmanager
    def look(self) -> Iterator[Look]:
        """Read the records before the work that no transaction should wait for."""
        with self.system.database.look() as look:
            self._sign_in(look)
            self._seen = look
            yield look

    @contextmanager
    def begin(self, sealed: Sealed | None = None, *, together: bool = False) -> Iterator[Transaction]:
        """Do it: everything in the block and its log entry are kept together or not at all, and what was `sealed` with them.

        `together`: as the database has it, for acts of which many come at once.
        """
        with self.system.database.begin(together=together) as tx:
            with self.within(tx):
                yield tx
            if sealed is not None:
                sealed.stands = True

    @contextmanager
    def within(self, tx: Transaction, like: Act | None = None) -> Iterator[None]:
        """Do it in a transaction that several acts share, each with its own entry.

        `like` is an earlier act of the same officer in it: what was read of the officer for that one holds for this.
        Let nothing stop the act once it has written: the others keep the transaction, with what this one wrote. What stops
        it before that is put on record there too, by `stopped`.
        """
        self._seen = tx
        if like is None:
            self.now = self.system.clock.now()  # its turn has come: a window that closed while it waited is closed
            self._sign_in(tx)
        else:
            self.now, self._person, self._fresh_until = like.now, like._person, like._fresh_until
        yield
        self._remember_sent(tx)
        self._count(tx, done=True)
        self.entry = write(
            self.system, tx, self.event, person=self._person, now=self.now, purpose=self.purpose, told=self._told
        )

    def begun(self) -> int:
        """Put on record that the act goes on to what must not happen without an entry, and that entry's number.

        It names nothing: the entry of how the act ended does.
        """
        with self.system.database.begin() as tx:
            return write(
                self.system,
                tx,
                self.event,
                person=self._person,
                now=self.now,
                purpose=self.purpose,
                told=(),
                outcome="begun",
            )

    def permit(self, **facts: Fact) -> None:
        """Ask the policy. Raises `Refused` with every reason; an evaluation that fails is a refusal too.

        Raises `BadInput` for a number that the policy could not count with: it has 64 bits; and `Changed` for what is
        permitted, but was done already under the number of this form or request.
        """
        decision = self._decide(facts)
        if decision.error:
            self.tell("incident", decision.error, SYSTEM)
            self._incidents.append((IncidentKind.POLICY, decision.error))
        if not decision.allowed:
            raise refusal_of(
                self.system, self._seen, self.now, *decision.reasons, *((SENT,) if self._was_sent() else ())
            )
        if self._was_sent():
            raise _sent_before()

    def refused_by(self, **facts: Fact) -> frozenset[str]:
        """The rules that would say no if these were the facts; nothing comes of it."""
        return frozenset(reason.rule_id for reason in self._decide(facts).reasons)

    def _decide(self, facts: dict[str, Fact]) -> Decision:
        person = self.person
        asker = Asker(person.id, tuple(str(role) for role in person.roles), person.state is PersonState.ACTIVE)
        if any(type(fact) is int and abs(fact) >= 1 << 62 for fact in facts.values()):
            raise BadInput("a number is far too large; give a smaller one")
        always: dict[str, Fact] = {"now": millis(self.now), "profile": self.system.profile}
        always |= facts_of_act(self.system, self._seen, person, self.event, self.now, self._fresh_until)
        return self.system.policy.decide(self.event, asker, always | facts)

    def tell(self, name: str, value: Value, record_id: str) -> None:
        """Put something into the entry, sealed under the key of the record that it names."""
        self._told.append(Told(name, _cut(value), record_id))

    def is_rather(self, event: str) -> None:
        """Name the act anew, before the policy is asked: the records show which of two it is."""
        self.event = event

    def start_over(self) -> None:
        """Forget what was told: the act turned out to be about something else."""
        self._told.clear()

    def new_id(self) -> str:
        return self.new_ids(1)[0]

    def new_ids(self, count: int, sealed: Sealed | None = None) -> list[str]:
        """Ids for new records, with their keys."""
        ids = [self.system.clock.new_id() for _ in range(count)]
        if sealed is not None:
            sealed.keys += ids
        if ids:
            self.system.keys.create(ids)
            self.made(ids)
        return ids

    def made(self, ids: Sequence[str]) -> None:
        """These ids, with their keys, were made for this act: the entry of its failure names none of them."""
        self._made.update(ids)

    def keep(self, retention_class: str) -> Kept:
        return kept(self.system, retention_class, self._person.id if self._person else SYSTEM, self.now)

    def acts_as(self, person: Person | None) -> None:
        """Name the person of an act that is done before any sign-in."""
        self._person = person

    def _sign_in(self, look: Look) -> None:
        if self._officer is not None:
            session = session_of(look, self._officer, self.now)
            self._person, self._fresh_until = look.get(Person, session.person_id), session.fresh_until

    def _count(self, tx: Transaction, *, done: bool) -> None:
        if self._person is not None:
            count_in_day(self.system, tx, self._person, self.event, self.now, done=done, keep=self.keep)

    def _sent_id(self) -> str:
        """Empty where no number was given. Of the person and the act: nobody's number ends another's."""
        if not self.system.sent or self._person is None:
            return ""
        return hashlib.sha256("\n".join(("sent", self._person.id, self.event, self.system.sent)).encode()).hexdigest()

    def _was_sent(self) -> bool:
        id = self._sent_id()
        return bool(id and self._seen and self._seen.count(Spent, id=id, ends_at=Above(self.now)))

    def _remember_sent(self, tx: Transaction) -> None:
        """With the act itself, so that a restart forgets neither or both."""
        if not (id := self._sent_id()):
            return
        if self._was_sent():
            raise _sent_before()
        ended = tx.find(Spent, ends_at=Below(self.now), limit=SWEPT)
        tx.remove(*ended, *tx.find(Spent, id=id))
        tx.add(Spent(id, self.now + SENT_FOR))

    def stopped(self, error: Exception, tx: Transaction | None = None) -> None:
        """Record that the act was refused or failed: in a transaction of its own, or in this one, which others share.

        In a shared one nothing is said of any record, for a key that was destroyed meanwhile would stop all of them.
        """
        if isinstance(error, NoRoom):
            self.system.stores.drop_ballast()
        outcome = "refused" if isinstance(error, Refused) else "failed"
        rules = [reason.rule_id for reason in error.reasons] if isinstance(error, BeholdenError) else []
        told = [told for told in self._told if told.record_id not in self._made]
        if tx is not None:
            told = [told for told in told if told.record_id == SYSTEM]
        told.append(Told("error", type(error).__name__, SYSTEM))
        if isinstance(error, NotProven):  # bytes, an index or a log that is not what it was: somebody must look into it
            told.append(Told("incident", type(error).__name__, SYSTEM))
        self._incidents += kinds_of(error)
        try:
            n = self._write_ending(told, outcome, rules, tx)
        except KeyDestroyed:  # a record that the act was about was erased meanwhile: of the others alone
            if tx is not None:
                raise
            living = self.system.keys.names()
            n = self._write_ending([one for one in told if one.record_id in living], outcome, rules, None)
        if isinstance(error, BeholdenError):
            error.entry = n

    def _write_ending(
        self, told: Sequence[Told], outcome: str, rules: Sequence[str], shared: Transaction | None
    ) -> int:
        with nullcontext(shared) if shared is not None else self.system.database.begin() as tx:
            if not rules or not all(rule.startswith(FRESHNESS) for rule in rules):  # who confirms goes on: no try
                self._count(tx, done=False)
            if self.if_stopped is not None:
                self.if_stopped(tx, rules)
            n = write(
                self.system,
                tx,
                self.event,
                person=self._person,
                now=self.now,
                purpose=self.purpose,
                told=told,
                outcome=outcome,
                rules=rules,
            )
            for kind, words in self._incidents:
                open_incident(self.system, tx, kind, "", words, now=self.now)
            return n


@contextmanager
def act(system: System, event: str, officer: Officer | None) -> Iterator[Act]:
    """Do `event` as `officer`. Whatever stops it is logged before it is raised again, with `entry` set."""
    doing = Act(system, event, officer)
    try:
        yield doing
    except Exception as error:
        if not isinstance(error, BeholdenError) or error.entry is None:
            doing.stopped(error)
        raise


def write_stopped(system: System, officer: Officer | None, error: BeholdenError) -> None:
    """Put on record what stopped somebody before any act began. Sets the error's `entry`."""
    with suppress(BeholdenError), act(system, "command.stopped", officer) as doing, doing.look():
        raise error


def _sent_before() -> Changed:
    return Changed(f"{SENT.why}; {SENT.how_to_proceed}")


def _cut(value: Value) -> Value:
    """What a person typed may be of any length and hold half characters; an entry of the log may not."""
    if isinstance(value, str):
        return value[:MAX_CHARS].encode(errors="replace").decode()
    return [str(_cut(one)) for one in value] if isinstance(value, list) else value


def signed_in(look: Look, officer: Officer, now: datetime) -> Person:
    """The person behind a sign-in, as the records know them now. Raises `SignInRefused`."""
    return look.get(Person, session_of(look, officer, now).person_id)


def session_of(look: Look, officer: Officer, now: datetime) -> Session:
    """The session that an officer's secret opens. Raises `SignInRefused` if it opens none that lasts."""
    digest = hashlib.sha256(officer.session.encode()).hexdigest()
    sessions = look.find(Session, id=digest)
    if not sessions or sessions[0].ended or now >= sessions[0].ends_at:
        raise SignInRefused(NOT_SIGNED_IN)
    return sessions[0]


def check_room(system: System) -> None:
    """Refuse new bytes while there is still room to say so. Raises `NoRoom`."""
    free = system.stores.room()
    if free < system.rules.min_room_bytes:
        raise NoRoom(
            f"only {free // 2**20} MiB are free (at least {system.rules.min_room_bytes // 2**20}): "
            "nothing was taken in; make room on the disk of the data folder and try again"
        )
