"""Verify the log: every entry, every signed checkpoint, what was published and who saw it, computed anew from what is there.

Whoever holds the log's key and this machine could still lie: the page of it says how to check without either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from beholden.actions import audit, log, witnessing
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.incidents import open_incident
from beholden.errors import BeholdenError, Missing
from beholden.formats import tiles
from beholden.ports.cosigners import Reach
from beholden.ports.database import Above
from beholden.ports.system import System
from beholden.records import tree
from beholden.records.audit import Checkpoint, Entry
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer, Role

READERS = (Role.AUDITOR, Role.PRIVACY_OFFICER)
AT_ONCE = 20 * tiles.WIDTH  # entries between two moments at which the records are asked: nothing waits for a reader
MOST_TOLD = 10  # checkpoints that do not hold, by their size
Progress = Callable[[int, int], None]  # how many entries were compared, of how many


@dataclass(frozen=True, slots=True)
class WitnessHolds:
    """A witness, and how much of the log it has seen that is still the log: its cosignature and the checkpoint under it."""

    name: str
    reach: Reach
    size: int  # entries that it has seen, by a cosignature that was checked now; 0 where none holds
    at: datetime | None
    holds: bool  # of one that has seen nothing: nothing was found against it either


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it. `wrong` is empty where the log holds."""

    at: datetime  # when the last entry was compared
    entries: int  # that were compared
    published: int  # of them, those that the last signed checkpoint covers
    checkpoints: int
    held: int  # checkpoints whose signature is the log's and whose root is that of the entries
    newest: int  # entries under the newest of these
    root: str  # of that one, in hex
    first_bad: int  # the first entry that is not as it was signed; -1 where there is none
    wrong: tuple[str, ...]
    witnesses: tuple[WitnessHolds, ...]
    unwitnessed: int  # entries that no witness has seen
    unwitnessed_s: int  # age of the oldest of them

    @property
    def holds(self) -> bool:
        return not self.wrong


@dataclass(frozen=True, slots=True)
class Published:
    """The end of the log as anybody may keep it, to hold it against the log later."""

    note: bytes  # the signed checkpoint with the lines of its witnesses; empty where nothing is sealed
    vkeys: tuple[str, ...]
    size: int
    root: str  # in hex
    entries: int  # in the records
    sealed_at: datetime | None
    witnesses: int  # that sign


def show_published(system: System, officer: Officer) -> Published:
    """What was published last. Nothing is sealed for it, and nothing is on record: it is what everybody may have.

    Raises `Missing` to whoever neither audits nor answers for privacy, and `LogBroken` and `Untrusted` as checking does.
    """
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, *READERS):
            raise Missing("there is nothing to verify for you; an auditor or a privacy officer verifies the log")
        last = look.find(Entry, order="-n", limit=1)
        sealed = look.find(Checkpoint, order="-size", limit=1)
    keys = tuple(log.vkeys(system))
    witnesses = sum(bool(one.vkey) for one in system.cosigners)
    entries = last[0].n + 1 if last else 0
    try:
        note = system.witness.read(tiles.CHECKPOINT)
    except Missing:
        return Published(b"", keys, 0, tree.EMPTY.hex(), entries, None, witnesses)
    head = tiles.open_head(note, keys)
    return Published(note, keys, head.size, head.root.hex(), entries, sealed[0].at if sealed else None, witnesses)


def verify_log(system: System, officer: Officer, *, told: Progress | None = None) -> Verified:
    """Compute the log anew from its first entry, and compare it with all that was signed and published.

    It ends only when the last entry is reached: minutes, where there are millions. What does not hold is an incident.
    """
    with audit.act(system, "log.verified", officer) as act:
        with act.look():
            act.permit()
        made = look_through(system, told=told)
        with act.begin() as tx:
            act.tell("holds", made.holds, audit.SYSTEM)
            for name in ("entries", "published", "checkpoints", "held"):
                act.tell(name, getattr(made, name), audit.SYSTEM)
            if made.first_bad >= 0:
                act.tell("first_bad", made.first_bad, audit.SYSTEM)
            for words in made.wrong[:1]:  # what follows from it is no incident of its own
                open_incident(system, tx, IncidentKind.LOG, "", words, now=act.now)
    return made


def look_through(system: System, *, told: Progress | None = None) -> Verified:
    """The same, and nothing is put on record."""
    with system.database.look() as look:
        last = look.find(Entry, order="-n", limit=1)
        checkpoints = look.find(Checkpoint, order="size")
    head, wrong = _published_head(system)
    entries = last[0].n + 1 if last else 0
    compared = _compare(system, entries, head.size, [one.size for one in checkpoints], told or _to_nobody)
    wrong += [compared.wrong] if compared.wrong else []
    held, more = _holding(system, checkpoints, compared.roots)
    wrong += more
    if compared.roots.get(head.size, head.root) != head.root:
        wrong.append(
            f"the published checkpoint of {head.size} entries has another root than the entries in the records"
        )
    sizes = {one.size for one in held}
    with system.database.look() as look:
        tail = witnessing.tail(system, look)
    return Verified(
        at=system.clock.now(),
        entries=compared.reached,
        published=min(head.size, compared.reached),
        checkpoints=len(checkpoints),
        held=len(held),
        newest=held[-1].size if held else 0,
        root=(held[-1].root if held else tree.EMPTY).hex(),
        first_bad=compared.reached if compared.wrong else -1,
        wrong=tuple(dict.fromkeys(wrong)),
        witnesses=tuple(
            WitnessHolds(one.name, one.reach, one.size, one.at, one.size == 0 or one.size in sizes) for one in tail.seen
        ),
        unwitnessed=tail.entries,
        unwitnessed_s=tail.seconds,
    )


def _published_head(system: System) -> tuple[tiles.TreeHead, list[str]]:
    """What was signed last, and what is wrong with it: also where it is older than what is known to have been signed."""
    head, wrong = tiles.TreeHead(system.origin, 0, tree.EMPTY), []
    try:
        head = tiles.open_head(system.witness.read(tiles.CHECKPOINT), log.vkeys(system))
        with system.database.look() as look:
            log.unsealed(system, look)
    except Missing:
        wrong.append("nothing of the log is published: have `beholden serve` run, or seal it with `beholden log seal`")
    except BeholdenError as error:
        wrong.append(str(error))
    return head, wrong


@dataclass(frozen=True, slots=True)
class _Compared:
    reached: int  # entries that are as they were signed, from the first on
    wrong: str  # with the one after them; empty where they are all
    roots: dict[int, bytes]  # of the log at each size that was asked for, as far as it was reached


def _compare(system: System, entries: int, published: int, sizes: Sequence[int], told: Progress) -> _Compared:
    """Read the log from its beginning, as far as every entry is the one that was published, and compute its roots."""
    roots, grown, wrong = {0: tree.EMPTY}, tree.Frontier(), ""
    stops = sorted({*sizes, published})
    told(0, entries)
    while grown.size < entries and not wrong:
        hashes, wrong = _next(system, grown.size, published, min(AT_ONCE, entries - grown.size))
        for stop in [one for one in stops if grown.size < one <= grown.size + len(hashes)]:
            grown, hashes = grown.append(hashes[: stop - grown.size]), hashes[stop - grown.size :]
            roots[stop] = grown.root
        grown = grown.append(hashes)
        told(grown.size, entries)
    if published > grown.size and not wrong:
        wrong = f"entry {grown.size} was published, and is missing from the records"
    return _Compared(grown.size, wrong, roots)


def _next(system: System, start: int, published: int, most: int) -> tuple[list[bytes], str]:
    """The hashes of the next entries that are as they were signed, and what is wrong with the one after them."""
    with system.database.look() as look:
        there = look.find(Entry, n=Above(start - 1), order="n", limit=most)
    hashes: list[bytes] = []
    signed = _signed(system, start, published)
    for place in range(start, start + most):
        if place - start >= len(there) or there[place - start].n != place:
            return hashes, f"entry {place} is missing from the records"
        entry = there[place - start]
        hashed = tree.leaf_hash(entry.leaf)
        if hashed != entry.leaf_hash:
            return hashes, f"entry {place} was altered in the records"
        if place < published:
            try:
                leaf, known = next(signed)
            except BeholdenError as error:
                return hashes, f"entry {place} cannot be read where it was published: {error}"
            if hashed != known:
                return hashes, f"entry {place} of the records is not the one that was published"
            if leaf != entry.leaf:
                return hashes, f"entry {place} was altered where it was published"
        hashes.append(hashed)
    return hashes, ""


def _signed(system: System, start: int, published: int) -> Iterator[tuple[bytes, bytes]]:
    """Leaf and leaf hash of each published entry from there on."""
    for index in range(start // tiles.WIDTH, -(-published // tiles.WIDTH)):
        leaves, hashes = tiles.published(system.witness.read, index, published)
        yield from islice(zip(leaves, hashes, strict=True), max(0, start - index * tiles.WIDTH), None)


def _holding(
    system: System, checkpoints: Sequence[Checkpoint], roots: dict[int, bytes]
) -> tuple[list[Checkpoint], list[str]]:
    """The checkpoints that the log's key signed over the entries as they are, and what is wrong with the others."""
    keys, held, wrong = log.vkeys(system), [], []
    for one in checkpoints:
        try:
            signed = tiles.open_head(one.note, keys) == tiles.TreeHead(system.origin, one.size, one.root)
        except BeholdenError:
            signed = False
        if signed and roots.get(one.size) == one.root:
            held.append(one)
        elif not signed:
            wrong.append(f"the checkpoint of {one.size} entries is not what the key of the log signed")
        elif one.size in roots:
            wrong.append(f"the checkpoint of {one.size} entries was signed over other entries")
    return held, wrong[:MOST_TOLD]


def _to_nobody(done: int, of: int) -> None:
    """Nobody waits to hear how far it is."""
