"""The log's witnesses: asked to cosign what was sealed, and how much of the log none of them has seen yet.

What they answer is kept beside the checkpoints and published with them. It is no act and writes no entry: else every
cosignature would leave an entry that waits for the next one. That a witness refuses is an entry, once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import audit, log
from beholden.actions.incidents import open_incident
from beholden.errors import BadInput, BeholdenError, Fault, LogBroken, Missing, Untrusted
from beholden.formats import cosignatures, notes, tiles
from beholden.formats.add_checkpoint import question, size_in
from beholden.ports.cosigners import INDEPENDENT, Answer, Cosigner, Reach
from beholden.ports.database import Look, Saying, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import Checkpoint, Cosignature, Entry
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer

ON_PAPER = "log.witnessed_on_paper"
TRIED = 3  # of a witness's newest cosignatures: one that does not hold is passed over, and the tail is the longer


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking one witness."""

    name: str
    reach: Reach
    size: int  # entries that it has cosigned now
    problem: str = ""  # why it has not cosigned the last checkpoint; empty where it has


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness has seen of the log, by its cosignature as it was checked now."""

    name: str
    reach: Reach
    size: int
    at: datetime | None  # when it says it did; None of one that has seen nothing

    @property
    def independent(self) -> bool:
        return self.reach in INDEPENDENT


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of the log that no witness has seen: whoever holds the log's key could still rewrite it unnoticed."""

    entries: int
    since: datetime | None  # of its oldest entry; None where there is none
    seconds: int  # age of that entry
    seen: tuple[Seen, ...]  # one for each witness; none where the log has none

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)

    @property
    def independent(self) -> bool:
        """Whether one of the witnesses stands on its own feet."""
        return any(one.independent for one in self.seen)


def record_witnesses(system: System) -> None:
    """Put on record who watches the log, and how far away, where that is another than the log tells of last.

    Whoever takes a witness out of the settings does it while nobody can sign in; the next opening writes it down.
    """
    now = " ".join(sorted(f"{one.reach}:{one.vkey or one.name}" for one in system.cosigners))
    with system.database.look() as look:
        if _configured(system, look) == now:
            return
    with system.database.begin() as tx:
        if (before := _configured(system, tx)) != now:  # another process may have said so meanwhile
            told = [audit.Told("before", before, audit.SYSTEM), audit.Told("after", now, audit.SYSTEM)]
            audit.write(system, tx, "witness.configured", person=None, now=system.clock.now(), told=told)
    log.seal(system)


def ask_witnesses(system: System) -> list[Asked]:
    """Ask each witness that can be asked to cosign the published checkpoint, and publish what they answer.

    One that has cosigned it already is asked too: where data and keys were put back together, only it can notice.
    Never to be called inside a transaction: somebody far away may take seconds. What one of them refuses is on record.
    """
    return [_ask(system, one) for one in system.cosigners if one.reach in (Reach.BUNDLED, Reach.OUTSIDE)]


def seal_and_ask(system: System) -> list[Asked]:
    """Seal what is new, then ask. Raises what `seal` raises."""
    log.seal(system)
    return ask_witnesses(system)


def catch_up(system: System) -> None:
    """Before what a late witness would stop: after a night in which nothing ran, the sealer and the witness go first.

    Whatever fails here is no refusal of its own: the policy is told how late they are.
    """
    if not system.cosigners:
        return
    with system.database.look() as look:
        late = tail(system, look).minutes * 2 > system.rules.max_unwitnessed_minutes
    if late:
        try:
            seal_and_ask(system)
        except BeholdenError:
            return


def tail(system: System, look: Look) -> Tail:
    """Every cosignature that counts is verified now: rows of the records prove nothing by being there."""
    seen = tuple(_seen(system, look, one) for one in system.cosigners)
    last = look.find(Entry, order="-n", limit=1)
    entries, witnessed = (last[0].n + 1 if last else 0), max((one.size for one in seen), default=0)
    if entries <= witnessed:
        return Tail(0, None, 0, seen)
    since = look.get(Entry, witnessed).kept.created_at
    return Tail(entries - witnessed, since, max(0, int((system.clock.now() - since).total_seconds())), seen)


def facts_of_witnesses(system: System, look: Look) -> dict[str, Fact]:
    """What the policy is told of the log's witnesses before a search or a comparison."""
    known = tail(system, look) if system.cosigners else None
    return {
        "witnesses": len(system.cosigners),
        # Of people who do not exist nothing is proven to anybody: such a system may be tried out without a witness.
        "min_witnesses": 0 if system.profile == "synthetic" else system.rules.min_witnesses,
        "unwitnessed_minutes": known.minutes if known else 0,
        "max_unwitnessed_minutes": system.rules.max_unwitnessed_minutes,
    }


def witness_words(system: System, look: Look) -> tuple[str, ...]:
    """What a list says of who watches the log behind it, where that is nobody, or nobody apart from this machine."""
    if system.profile == "synthetic":
        return ()
    if not system.cosigners:
        return ("The log behind this list has no witness: who holds its key could rewrite it unnoticed.",)
    known = tail(system, look)
    if known.minutes > system.rules.max_unwitnessed_minutes:
        return (f"No witness has seen the last {known.entries} entries of the log behind this list.",)
    if not known.independent:
        return ("The log behind this list is witnessed on its own machine only, which is not independent.",)
    return ()


def add_cosignatures(system: System, given: bytes) -> list[str]:
    """Take in cosignatures that were carried here: a cosigned checkpoint, or a witness's lines alone; whose they are.

    Raises `BadInput` for what holds none of our witnesses', `Untrusted` for one that is not over a checkpoint of ours.
    """
    vkeys = [one.vkey for one in system.cosigners if one.vkey]
    _, parted, lines = given.rpartition(b"\n\n")
    with system.database.begin() as tx:
        note = _kept_checkpoint(system, tx, notes.text_of(given)) if parted else system.witness.read(tiles.CHECKPOINT)
        found = _keep(system, tx, note, lines, vkeys)
    if not found:
        raise BadInput("there is no new cosignature by a witness of this log in it: check the file, and the settings")
    return found


def witnessed_on_paper(system: System, officer: Officer, *, name: str, checkpoint: bytes) -> int:
    """Put on record that this checkpoint was printed and is kept; the number of entries that it covers.

    Raises `BadInput` for a witness that the settings do not name as one on paper, `LogBroken` for a checkpoint that the
    log did not grow out of.
    """
    with audit.act(system, ON_PAPER, officer) as act, act.begin() as tx:
        act.permit()
        if not any(one.name == name and one.reach is Reach.PAPER for one in system.cosigners):
            raise BadInput(
                f"{name!r} is no witness on paper of this system: name it under [[witnesses]] in the settings"
            )
        size = compare_checkpoint(system, checkpoint)
        id = f"{size}/{name}"
        act.tell("size", size, audit.SYSTEM)
        act.tell("witness", name, audit.SYSTEM)
        tx.remove(*tx.find(Cosignature, id=id))
        next_entry = tx.find(Entry, order="-n", limit=1)[0].n + 1  # this act's: nobody else writes meanwhile
        tx.add(Cosignature(id, size, name, "", next_entry, act.now))
    return size


def compare_checkpoint(system: System, note: bytes) -> int:
    """Whether the published log grew out of a checkpoint that somebody kept; its size.

    Line ends are taken as typed on any machine. Raises `Untrusted` for one that the log's key did not sign, `LogBroken`
    for one that it did not grow out of: somebody rewrote or cut the log.
    """
    plain = note.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    kept = tiles.open_head(plain, log.vkeys(system))
    now = tiles.open_head(system.witness.read(tiles.CHECKPOINT), log.vkeys(system))
    if kept.size > now.size or tiles.published_root(system.witness.read, kept.size) != kept.root:
        raise LogBroken(
            f"the log's own key signed a checkpoint of {kept.size} entries out of which the published log of {now.size} "
            "did not grow: it was rewritten or cut since; keep that checkpoint, and tell the auditor and the oversight body"
        )
    return kept.size


def to_carry(system: System, *, seen: int) -> tuple[bytes, bytes]:
    """The published checkpoint, and the question for a witness that has seen so many entries: both are carried to it.

    Raises `BadInput` for a number that the log has not reached.
    """
    note = system.witness.read(tiles.CHECKPOINT)
    size = tiles.open_head(note, log.vkeys(system)).size
    if not 0 <= seen <= size:
        raise BadInput(f"the log has {size} entries, and no witness can have seen {seen} of them")
    return note, question(seen, _steps(system, seen, size), note)


def lines_of(system: System, look: Look, size: int) -> bytes:
    """The cosignature lines of a checkpoint, by the witnesses that there are now."""
    found = [look.find(Cosignature, id=f"{size}/{one.name}") for one in system.cosigners if one.vkey]
    return "".join(row.line for rows in found for row in rows).encode()


def _configured(system: System, look: Look) -> str:
    for entry in look.find(Entry, order="-n", limit=1, leaf=Saying("event", "witness.configured")):
        return str({one.name: one.value for one in log.opened_items(system, look, entry.n)}.get("after", ""))
    return ""


def _ask(system: System, witness: Cosigner) -> Asked:
    with system.database.look() as look:
        before = _seen(system, look, witness).size
    try:
        note = system.witness.read(tiles.CHECKPOINT)
        head = tiles.open_head(note, log.vkeys(system))
        answer = _answer(system, witness, note, head.size, before)
        if answer.status != 200:
            words = answer.body[:300].decode(errors="replace").strip()
            _refused(system, witness, head.size, f"{answer.status} {words}")
            return Asked(witness.name, witness.reach, before, f"it refused to cosign ({answer.status}: {words})")
        with system.database.begin() as tx:
            if not _keep(system, tx, note, answer.body, [witness.vkey]):
                raise Fault("it answered without a cosignature of its own")
    except Missing:
        return Asked(witness.name, witness.reach, before, "nothing is sealed yet")
    except BeholdenError as error:
        return Asked(witness.name, witness.reach, before, str(error))
    if system.keys.noted(_mark(witness)):
        system.keys.note(_mark(witness), b"")
    return Asked(witness.name, witness.reach, head.size)


def _answer(system: System, witness: Cosigner, note: bytes, size: int, old: int) -> Answer:
    """Its answer; asked a second time where it says that it has seen more, or less, than was thought."""
    answer = witness.add_checkpoint(question(old, _steps(system, old, size), note))
    if answer.status == 409 and old != (told := size_in(answer.body)) <= size:
        answer = witness.add_checkpoint(question(told, _steps(system, told, size), note))
    return answer


def _steps(system: System, old: int, new: int) -> tuple[bytes, ...]:
    return tuple(tiles.consistency(system.witness.read, old, new))


def _refused(system: System, witness: Cosigner, size: int, words: str) -> None:
    """A witness that knows another log than ours is an incident; it is written down when its words change, not each second."""
    if system.keys.noted(_mark(witness)) == words.encode():
        return
    told = [
        audit.Told(name, value, audit.SYSTEM)
        for name, value in (
            ("witness", witness.name),
            ("size", size),
            ("answer", words),
            ("incident", "WitnessRefused"),
        )
    ]
    with system.database.begin() as tx:
        now = system.clock.now()
        audit.write(system, tx, "witness.refused", person=None, now=now, told=told)
        open_incident(
            system, tx, IncidentKind.LOG, "", f"the witness {witness.name} refused {size} entries: {words}", now=now
        )
    system.keys.note(_mark(witness), words.encode())


def _mark(witness: Cosigner) -> str:
    return f"refused by {witness.name}"


def _keep(system: System, tx: Transaction, note: bytes, lines: bytes, vkeys: Sequence[str]) -> list[str]:
    """Keep these lines over a checkpoint of ours, and publish them where that is the last one; whose they are."""
    text = notes.text_of(note)
    size = tiles.read_head(text).size
    found = cosignatures.read(text.encode() + b"\n" + lines, vkeys)  # whoever else's lines there are is passed over
    published = system.witness.read(tiles.CHECKPOINT)
    if found and notes.text_of(published) == text:
        cosigned, more = cosignatures.add_lines(published, lines, vkeys)
        if more:
            system.witness.publish({tiles.CHECKPOINT: cosigned})
    for one in found:
        id = f"{size}/{one.name}"
        tx.remove(*tx.find(Cosignature, id=id))
        tx.add(Cosignature(id, size, one.name, one.line, -1, one.at))
    return [one.name for one in found]


def _kept_checkpoint(system: System, look: Look, text: str) -> bytes:
    """The note of ours with this text. Raises `Untrusted` for a checkpoint that was never sealed here."""
    head = tiles.read_head(text)
    for kept in look.find(Checkpoint, size=head.size):
        tiles.open_head(kept.note, log.vkeys(system))
        if notes.text_of(kept.note) == text:
            return kept.note
    raise Untrusted(f"no checkpoint of {head.size} entries with that root was sealed here: tell the auditor")


def _seen(system: System, look: Look, witness: Cosigner) -> Seen:
    for row in look.find(Cosignature, name=witness.name, order="-size", limit=TRIED):
        if _holds(system, look, witness, row):
            return Seen(witness.name, witness.reach, row.size, row.at)
    return Seen(witness.name, witness.reach, 0, None)


def _holds(system: System, look: Look, witness: Cosigner, row: Cosignature) -> bool:
    """Of paper: that the entry of the act, which is in the log itself, says just this."""
    if witness.reach is Reach.PAPER:
        [leaf] = [json.loads(entry.leaf) for entry in look.find(Entry, n=row.entry)] or [{}]
        told = {one.name: one.value for one in log.opened_items(system, look, row.entry)}
        said = (leaf.get("event"), leaf.get("outcome"), told.get("size"), told.get("witness"))
        return said == (ON_PAPER, "done", row.size, row.name)
    found = look.find(Checkpoint, size=row.size)
    try:
        note = found[0].note + row.line.encode() if found else b""
        head = tiles.open_head(note, log.vkeys(system))
        return head.size == row.size and any(
            one.name == witness.name for one in cosignatures.read(note, [witness.vkey])
        )
    except BeholdenError:
        return False
