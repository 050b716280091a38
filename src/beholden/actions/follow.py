"""Bring the index up to the records. The records are the truth; a search first applies what the index has not seen."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import chain
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from beholden.actions.enrol import TEMPLATE
from beholden.actions.register import GALLERY_SECRET
from beholden.errors import IndexIncomplete
from beholden.ports.database import Above, Below, Look, OneOf
from beholden.ports.index import Shelf
from beholden.ports.model import Template
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.upgrades import SideTemplate

INDEX = logging.getLogger("beholden.index")

# Templates in clear in memory at one time [100,000 at once took 400 MiB more than the index].
AT_ONCE = 5000
KEEP_EACH = 500_000  # rows; beyond a million they leave the memory only once they lie in a segment
TELL_S = 2.0  # whoever waits for a long start hears of it so often

HELD_BY = (Face, SideTemplate)  # whose templates an index holds, numbered in one series

# One at a time in a process: an older snapshot that is applied late would bring back what a newer one had dropped.
_FOLLOWING = Lock()

Numbers = NDArray[np.int64]
Progress = Callable[[int, int], None]  # so many references of so many are held


class _Reference(NamedTuple):
    """What the index asks of a face; a whole record of it takes ten times as long to read."""

    id: str
    face_no: int
    gallery_id: str
    source_id: str
    space_id: str
    template: bytes
    state: FaceState
    change_no: int


def shelf_of(face: Face | SideTemplate) -> Shelf:
    return Shelf(face.gallery_id, face.source_id, face.space_id)


def open_templates(system: System, faces: Sequence[Face | SideTemplate | _Reference]) -> list[Template | None]:
    """The raw templates; None where the key was destroyed since the records were read."""
    sealed = [(face.face_id if isinstance(face, SideTemplate) else face.id, face.template) for face in faces]
    opened = system.keys.open_many(sealed, TEMPLATE)
    return [None if plain is None else np.frombuffer(plain, dtype="<f4").astype(np.float32) for plain in opened]


def follow(system: System, look: Look, told: Progress | None = None) -> None:
    """Apply every change that the index has not seen, in the order of their numbers.

    The first time in a process it takes up the sealed copy, as far as the records say the same; all else comes from the
    records. Raises `Fault` where the memory is too little: then nothing is held, and nothing can be compared.
    """
    with _FOLLOWING:
        _catch_up(system, look, told)


def bring_up(system: System) -> int:
    """Follow, before anybody searches; the last change that the index then has, -1 where there was none."""
    with system.database.look() as look:
        follow(system, look)
    return system.index.applied


def keep(system: System, *, wait: bool = True) -> int | None:
    """Bring the index up to the records and write what its sealed copy lacks, while searches go on.

    Returns the last change that the copy has; None, if another process writes it and is not waited for.

    Nobody else changes the copy meanwhile. What is erased after the records were read here waits, and then finds in the
    copy what was written. Raises `NoRoom`: the copy is then what it was, and the index is whole.
    """
    with system.index.writing(wait=wait) as alone:  # before _FOLLOWING, for which every search waits
        if not alone:
            return None
        with _FOLLOWING:
            with system.database.look() as look:
                _catch_up(system, look, None, keeping=True)
            applied = system.index.applied
        system.index.keep(lambda: _stamp(system))
    return applied


def many_new(system: System) -> bool:
    """Whether so much is to be made from the records that it is kept on the way: a process that has applied none of it."""
    if system.index.applied >= 0:
        return False
    with system.database.look() as look:
        return look.count(Face, state=FaceState.LIVE) >= KEEP_EACH


def make_anew(system: System, told: Progress | None = None) -> None:
    """Make the index of the records, and a sealed copy of it. Until that is whole the one before it stays in force, and
    other processes search by theirs; a search of this one waits. Raises `NoRoom`: the copy is then what it was."""
    with system.index.writing():
        with _FOLLOWING:
            system.index.forget(copy=False)
            with system.database.look() as look:
                _apply_new(system, look, told, keeping=True)
        system.index.keep(lambda: _stamp(system))


def check_whole(system: System, look: Look, shelves: Sequence[Shelf]) -> int:
    """How many references the shelves hold. Raises `IndexIncomplete` unless index and records agree on each shelf."""
    total = 0
    for shelf in shelves:
        held = system.index.rows([shelf])
        known = look.count(Face, **_live_on(shelf))
        # What lies beside is of the model that is not in force.
        if held != known or shelf.space_id != system.model.card.space_id:
            known += look.count(SideTemplate, **_live_on(shelf))
        if held != known:
            raise IndexIncomplete(
                f"the index holds {held} references of a shelf for which the records have {known}; "
                "nothing was compared; start again, and the index is made anew from the records"
            )
        total += known
    return total


def _catch_up(system: System, look: Look, told: Progress | None, *, keeping: bool = False) -> None:
    if system.index.applied < 0 or system.index.stale:
        _take_up_copy(system)
    _apply_new(system, look, told, keeping)


def _take_up_copy(system: System) -> None:
    """Hold what the sealed copy holds, and put right what the records say otherwise of it.

    It must be of this history of the records: where they were put back as they were earlier, the same numbers are given
    again, to others. Of what did not change since the copy was written, just the live references must be in it. One that
    is missing (the segment was damaged) is made from its record; one too many is never explained, and then all is made
    from the records.

    The records are looked at after the copy was read: to whoever has waited with an older snapshot, a copy that another
    process has just written would look like one of another history.
    """
    index, began = system.index, monotonic()
    rows = index.restore()
    if index.applied < 0:
        return
    with system.database.look() as look:
        _compare_with_records(system, look)
    if index.applied >= 0:
        INDEX.info("%d references were taken up from the sealed copy in %.1f s", rows, monotonic() - began)


def _compare_with_records(system: System, look: Look) -> None:
    index = system.index
    since = Above(index.applied - 1)  # asked without an order, or every record would be read for it
    if not any(look.values(kind, ["change_no"], change_no=since, limit=1) for kind in HELD_BY):
        _forget(system, "it is ahead of the records")
        return
    if not _of_this_history(look, index.stamp):
        _forget(system, "the log does not go on from where it was written")
        return
    for shelf in index.shelves():  # a segment knows only by what secret it is turned, not the secret
        index.begin_anew(shelf, _secret(system, look, shelf))
    changed = _numbers(look, change_no=Above(index.applied))
    missing: list[Numbers] = []
    for shelf in sorted({*live_shelves(look), *index.shelves()}):
        live = live_numbers(look, shelf, change_no=Below(index.applied + 1))
        held = index.numbers(shelf)
        if np.array_equal(held, live):
            continue
        unknown = np.setdiff1d(np.setdiff1d(held, live, assume_unique=True), changed, assume_unique=True)
        if len(unknown):
            _forget(system, f"it holds {len(unknown)} references that the records do not have there")
            return
        missing.append(np.setdiff1d(live, held, assume_unique=True))
    lacking = np.concatenate(missing) if missing else np.zeros(0, dtype=np.int64)
    if len(lacking):
        INDEX.warning("the sealed copy lacked %d references: they are made from the records", len(lacking))
    for start in range(0, len(lacking), AT_ONCE):
        _hold(system, look, _references(look, face_no=OneOf(lacking[start : start + AT_ONCE].tolist())))


def _forget(system: System, why: str) -> None:
    INDEX.warning("the sealed copy of the index is not used (%s): it is made again from the records", why)
    system.index.forget(wait=False)


def _stamp(system: System) -> str:
    """The newest entry of the log: whatever the index has applied was committed with it or before it."""
    with system.database.look() as look:
        newest = look.find(Entry, order="-n", limit=1)
    return f"{newest[0].n} {newest[0].leaf_hash.hex()}" if newest else ""


def _of_this_history(look: Look, stamp: str) -> bool:
    """Whether the log has that entry. Its hash commits to random salts and to the time: no other history has it."""
    n, _, leaf_hash = stamp.partition(" ")
    return bool(stamp) and [entry.leaf_hash.hex() for entry in look.find(Entry, n=int(n))] == [leaf_hash]


def live_numbers(look: Look, shelf: Shelf, **where: Any) -> Numbers:
    """The face numbers of the live references of a shelf, by the records, ascending."""
    return _numbers(look, **_live_on(shelf), **where)


def live_shelves(look: Look) -> list[Shelf]:
    """Those that hold a live reference, by the records, of whatever model; in their order.

    First those that ever held one, in the order of an index: it alone is read, where to ask for the live ones would read
    the record of each, 1.5 GB of a million.
    """
    names = ["space_id", "gallery_id", "source_id"]
    ever = {
        Shelf(gallery_id, source_id, space_id)
        for kind in HELD_BY
        for space_id, gallery_id, source_id in look.distinct(kind, names)
    }
    return sorted(shelf for shelf in ever if any(look.count(kind, **_live_on(shelf)) for kind in HELD_BY))


def _live_on(shelf: Shelf) -> dict[str, Any]:
    return {**asdict(shelf), "state": FaceState.LIVE}


def _numbers(look: Look, **where: Any) -> Numbers:
    """The face numbers of these, ascending."""
    found = chain.from_iterable(look.values(kind, ["face_no"], **where) for kind in HELD_BY)
    numbers = np.fromiter(chain.from_iterable(found), dtype=np.int64)
    return np.sort(numbers, kind="stable")  # quick where they come almost in order


def _references(look: Look, *, limit: int | None = None, **where: Any) -> list[_Reference]:
    """By `change_no`, those of both kinds. A template that lies beside is sealed under the key of its face."""
    found = look.values(Face, _Reference._fields, order="change_no", limit=limit, **where)
    beside = look.values(SideTemplate, ("face_id", *_Reference._fields[1:]), order="change_no", limit=limit, **where)
    if not beside:
        return [_Reference._make(values) for values in found]
    return sorted(map(_Reference._make, (*found, *beside)), key=lambda one: one.change_no)[:limit]


def _apply_new(system: System, look: Look, told: Progress | None, keeping: bool) -> None:
    """What changed since the index last looked, batch after batch, up to this snapshot.

    `keeping`: the caller took the snapshot inside `writing`, and keeps what comes of it, so that what is too much for the
    memory may be written on the way, beside the copy in force.
    """
    index, done, of, tell_at = system.index, 0, 0, 0.0
    while changed := _references(look, change_no=Above(index.applied), limit=AT_ONCE):
        if not of and len(changed) == AT_ONCE:
            of = sum(look.count(kind, change_no=Above(index.applied)) for kind in HELD_BY)
            tell_at = monotonic() + TELL_S
            dimension, beside = system.model.card.dimension, look.count(SideTemplate, change_no=Above(index.applied))
            longer = beside * (dimension_beside(system, look) - dimension) // dimension  # as so many rows more
            index.check_room(of + longer, dimension, sealed=keeping)
        index.drop([face.face_no for face in changed if face.state is not FaceState.LIVE])
        _hold(system, look, [face for face in changed if face.state is FaceState.LIVE])
        index.reached(changed[-1].change_no)
        if keeping and (done + len(changed)) // KEEP_EACH > done // KEEP_EACH:
            index.write()
        done += len(changed)
        if told is not None:
            told(done, max(of, done))
        elif of and (monotonic() >= tell_at or done >= of):
            tell_at = monotonic() + TELL_S
            INDEX.info("the index holds %d of %d references that changed", done, of)


def dimension_beside(system: System, look: Look) -> int:
    """Of the templates of another model that lie beside; where there is none, of the model in use."""
    some = look.find(SideTemplate, state=FaceState.LIVE, order="-face_no", limit=8)  # the key of one may be destroyed
    found = open_templates(system, some)
    return next((len(one) for one in found if one is not None), system.model.card.dimension)


def _secret(system: System, look: Look, shelf: Shelf) -> bytes:
    gallery = look.get(Gallery, shelf.gallery_id)
    return system.keys.open(gallery.id, gallery.secret, GALLERY_SECRET)


def _hold(system: System, look: Look, live: Sequence[_Reference]) -> None:
    """A template whose key was destroyed meanwhile is not held."""
    shelves: dict[tuple[str, str, str], tuple[list[int], list[Template]]] = defaultdict(lambda: ([], []))
    for face, template in zip(live, open_templates(system, live), strict=True):
        if template is not None:
            numbers, templates = shelves[face.gallery_id, face.source_id, face.space_id]
            numbers.append(face.face_no)
            templates.append(template)
    for names, (numbers, templates) in shelves.items():
        shelf = Shelf(*names)
        secret = _secret(system, look, shelf)
        system.index.begin_anew(shelf, secret)  # of a gallery that was turned: each of its references changed with it
        system.index.hold(shelf, secret, numbers, templates)
