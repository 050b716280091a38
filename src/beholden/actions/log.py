"""The published log: sealed into a tree with a signed checkpoint, read inside, and checked against the records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from beholden.actions import audit, paging
from beholden.actions.desk import owes_opinion
from beholden.actions.paging import Order, Page
from beholden.errors import BadInput, KeyDestroyed, LogBroken, Missing
from beholden.formats import notes, tiles
from beholden.formats.bundle import Opened
from beholden.ports.database import Above, KeyOf, Look, OnDay, OneOf, Saying
from beholden.ports.system import System
from beholden.records import tree
from beholden.records.audit import OPERATIONS, SALT_BYTES, Checkpoint, Entry, Item, Value
from beholden.records.people import Officer, Person

LOG, RECEIPTS = "log", "receipts"
NEWEST = Order("-n", int, key=int, key_field="n")
HEAD = "head"  # size and root signed last, noted beside the signer: the data folder cannot vouch for itself


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry of the log as a person reads it."""

    n: int
    at: datetime
    by: str  # who did it, by id; "system" where nobody did
    event: str
    operation: str
    role: str
    purpose: str
    outcome: str
    rules: tuple[str, ...]
    values: tuple[tuple[str, Value], ...]  # name and value, those whose keys live
    erased: int  # values that nobody can open any more


def vkeys(system: System) -> list[str]:
    """The public keys that checkpoints and receipts are checked with: the log's own, and those of its witnesses."""
    return [
        notes.vkey(system.origin, system.keys.public(LOG)),
        notes.vkey(receipt_signer(system), system.keys.public(RECEIPTS)),
        *(witness.vkey for witness in system.cosigners if witness.vkey),
    ]


def receipt_signer(system: System) -> str:
    """The name under which receipts and manifests are signed."""
    return f"{system.origin}/receipts"


def receipt_key(system: System) -> tuple[str, bytes, notes.Sign]:
    """Name, public key and signature of whoever signs receipts, manifests and calibrations: what a signed note asks for."""
    return receipt_signer(system), system.keys.public(RECEIPTS), signing(system, RECEIPTS)


def signing(system: System, signer: str) -> Callable[[bytes], bytes]:
    return lambda message: system.keys.sign(signer, message)


def seal(system: System) -> bytes:
    """Publish every entry that is not published yet, with a signed checkpoint; the checkpoint's note.

    One process at a time, under the write lock. Raises `LogBroken` rather than sign what does not continue the log.
    """
    with system.database.begin() as tx:
        published = _published(system)
        _check_not_rewound(system, tx, published)
        entries = _continuing(system, tx, published.size)
        if not entries:
            return system.witness.read(tiles.CHECKPOINT)
        grown = tiles.grow(system.witness.read, published.size, [entry.leaf for entry in entries], root=published.root)
        text = tiles.head_text(tiles.TreeHead(system.origin, grown.size, grown.root))
        note = notes.sign_note(text, system.origin, system.keys.public(LOG), signing(system, LOG))
        system.witness.publish({**grown.files, tiles.CHECKPOINT: note})
        tx.add(Checkpoint(grown.size, grown.root, note, system.clock.now()))
        system.keys.note(HEAD, f"{grown.size} {grown.root.hex()}".encode())
    return note


def read_entries(
    system: System,
    officer: Officer,
    *,
    event: str = "",
    record: str = "",
    person: str = "",
    day: str = "",
    after: str = "",
    limit: int = 50,
) -> Page[ToldEntry]:
    """A page of the log, the newest entry first, with the values whose keys live.

    Narrowed to one event, to what names a record (by its whole id: of what was erased nothing does), to what one person
    did (by name or id), to a day in UTC (2026-11-22), or to several of them at once. Reading is on record itself, with how
    it was narrowed. Raises `BadInput` for an event that the log does not know and for what is no day, `Missing` to somebody
    who owes a blind opinion.
    """
    with audit.act(system, "log.read", officer) as act, act.begin() as tx:
        act.permit()
        if owes_opinion(tx, act.person):
            raise Missing("there is no log for you now: lock the opinion that you owe first")
        if event and event not in OPERATIONS:
            raise BadInput(f"the log knows no event {event[:50]!r}; docs/events.md lists them")
        place = NEWEST.read(after)
        where = _narrowed(system, tx, event, record, person, day)
        found = tx.find(Entry, order=NEWEST.field, limit=paging.check_limit(limit) + 1, after=place, **where)
        shown = paging.page(found, NEWEST, limit)
        values: dict[int, list[tuple[str, Value]]] = defaultdict(list)
        for item in _open(system, sorted(tx.find(Item, n=OneOf([entry.n for entry in shown.shown])), key=_position)):
            values[item.n].append((item.name, item.value))
        act.tell("event", event or "every", audit.SYSTEM)
        if record:  # sealed with what it names; of an id that names nothing, or nothing any more, nothing is kept
            known = _has_key(system, record)
            act.tell("record", record if known else "unknown", record if known else audit.SYSTEM)
        for id in where["created_by"].values if person else ():
            act.tell("of", id, id)
        if day:
            act.tell("day", where["created_at"].day.isoformat(), audit.SYSTEM)
        act.tell("entries", len(shown.shown), audit.SYSTEM)
        if shown.shown:
            act.tell("from", shown.shown[0].n, audit.SYSTEM)
            act.tell("to", shown.shown[-1].n, audit.SYSTEM)
    return shown.each(lambda entry: _told(entry, tuple(values[entry.n])))


def _narrowed(system: System, look: Look, event: str, record: str, person: str, day: str) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if event:
        where["leaf"] = Saying("event", event)
    if record:
        where["n"] = KeyOf(Item, {"record_id": record}, by="n") if _has_key(system, record) else OneOf(())
    if person:
        named = [*look.find(Person, id=person), *look.find(Person, name=person)]
        where["created_by"] = OneOf(sorted({one.id for one in named}))
    if day:
        try:
            where["created_at"] = OnDay(date.fromisoformat(day))
        except ValueError:
            raise BadInput(f"{day[:50]!r} is no day; write it as 2026-11-22") from None
    return where


def _has_key(system: System, record: str) -> bool:
    """Whether the record is still there to be named: nobody learns from the log what an erased one was part of."""
    try:
        system.keys.seal(record, b"", "log/narrowed")
    except KeyDestroyed:
        return False
    return True


def _position(item: Item) -> int:
    return int(item.id.partition("/")[2])


def _told(entry: Entry, values: tuple[tuple[str, Value], ...]) -> ToldEntry:
    """Raises `LogBroken` for a leaf that is none: whoever reads the log must hear of it."""
    try:
        leaf = json.loads(entry.leaf)
        return ToldEntry(
            n=entry.n,
            at=datetime.fromisoformat(leaf["at"]),
            by=entry.kept.created_by,
            event=leaf["event"],
            operation=leaf["operation"],
            role=leaf["role"],
            purpose=leaf["purpose"],
            outcome=leaf["outcome"],
            rules=tuple(leaf["rules"]),
            values=values,
            erased=len(leaf["items"]) - len(values),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LogBroken(
            f"entry {entry.n} was altered in the records; tell the auditor, and restore a backup"
        ) from error


def opened_items(system: System, look: Look, n: int | None = None) -> list[Opened]:
    """The values and salts of all entries, or of one, as far as their keys live."""
    return _open(system, look.find(Item, order="n") if n is None else look.find(Item, n=n))


def _open(system: System, items: Sequence[Item]) -> list[Opened]:
    opened = []
    for item in items:
        try:
            plain = system.keys.open(item.record_id, item.sealed, f"item/{item.id}")
        except KeyDestroyed:
            continue
        opened.append(Opened(item.n, item.name, plain[:SALT_BYTES], json.loads(plain[SALT_BYTES:])))
    return opened


def hourly(checkpoints: list[Checkpoint]) -> dict[int, bytes]:
    """The last checkpoint of each hour, and the last of all."""
    by_hour: dict[datetime, Checkpoint] = {}
    for checkpoint in checkpoints:
        by_hour[checkpoint.at.replace(minute=0, second=0, microsecond=0)] = checkpoint
    return {checkpoint.size: checkpoint.note for checkpoint in by_hour.values()}


def check_log(system: System, look: Look) -> int:
    """Compare the records' entries with the published tree, leaf by leaf; how many were checked.

    Raises `LogBroken` naming the first entry that does not agree.
    """
    head = _published(system)
    entries = look.find(Entry, order="n")
    for place, entry in enumerate(entries):
        if entry.n != place:
            raise LogBroken(f"entry {place} is missing from the records")
        if tree.leaf_hash(entry.leaf) != entry.leaf_hash:
            raise LogBroken(f"entry {entry.n} was altered in the records")
    _check_not_rewound(system, look, head)
    hashes = [entry.leaf_hash for entry in entries]
    if len(hashes) < head.size or tree.root(hashes[: head.size]) != head.root:
        first = next(
            (n for n in range(head.size) if n >= len(hashes) or _altered(system, n, head.size, hashes[n])), head.size
        )
        raise LogBroken(f"entry {first} of the records is not the one that was published")
    return len(entries)


def unsealed(system: System, look: Look) -> Entry | None:
    """The oldest entry that is not published yet. Raises `LogBroken` where what is published is older than what was signed."""
    head = _published(system)
    _check_not_rewound(system, look, head)
    return next(iter(look.find(Entry, n=head.size)), None)


def _continuing(system: System, look: Look, size: int) -> list[Entry]:
    """The entries from `size` on. Raises `LogBroken` unless they continue, without a gap, the log that was published."""
    entries = look.find(Entry, n=Above(size - 2), order="n")
    last, new = entries[: size > 0], entries[size > 0 :]
    if size and (not last or last[0].n != size - 1 or _altered(system, size - 1, size, tree.leaf_hash(last[0].leaf))):
        raise LogBroken(
            f"{size} entries were published, but the records do not end or go on with the last of them: they are older "
            "than the log, or were altered; restore the newest backup, and tell the auditor"
        )
    for place, entry in enumerate(new, size):
        if entry.n != place or tree.leaf_hash(entry.leaf) != entry.leaf_hash:
            raise LogBroken(f"entry {place} is missing from the records or was altered; nothing was signed")
    return new


def _check_not_rewound(system: System, look: Look, published: tiles.TreeHead) -> None:
    """A published log that is older than what was signed, or another, was put back. Nothing is signed over it.

    Without this, a log folder that was emptied would be signed anew, over whatever the records now say.
    """
    signed = [(known.size, known.root) for known in look.find(Checkpoint, order="-size", limit=1)]
    if noted := system.keys.noted(HEAD):
        number, _, digest = noted.decode().partition(" ")
        signed.append((int(number), bytes.fromhex(digest)))
    for size, root in signed:
        if published.size < size or tiles.published_root(system.witness.read, size) != root:
            raise LogBroken(
                f"{size} entries were signed, but the published log has {published.size}, or others: it was "
                "replaced; restore its folder from the newest backup, and tell the auditor"
            )


def _altered(system: System, n: int, size: int, leaf_hash: bytes) -> bool:
    return tiles.leaf_hash(system.witness.read, n, size) != leaf_hash


def _published(system: System) -> tiles.TreeHead:
    try:
        note = system.witness.read(tiles.CHECKPOINT)
    except Missing:
        return tiles.TreeHead(system.origin, 0, tree.EMPTY)
    return tiles.open_head(note, vkeys(system))
