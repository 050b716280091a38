"""Bring the index up to the records. The records are the truth; a search first applies what the index has not seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from beholden.actions import audit
from beholden.actions.enrol import TEMPLATE
from beholden.actions.register import GALLERY_SECRET
from beholden.errors import IndexIncomplete
from beholden.ports.database import Above, Look
from beholden.ports.index import Shelf
from beholden.ports.model import Template
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.people import Officer

# Records and plain templates in memory at one time [100,000 at once took 400 MiB more than the index].
AT_ONCE = 5000

# One at a time in a process: an older snapshot that is applied late would bring back what a newer one had dropped.
_FOLLOWING = Lock()


def shelf_of(face: Face) -> Shelf:
    return Shelf(face.gallery_id, face.source_id, face.space_id)


def open_templates(system: System, faces: Sequence[Face]) -> list[Template | None]:
    """The raw templates; None where the key was destroyed since the records were read."""
    opened = system.keys.open_many([(face.id, face.template) for face in faces], TEMPLATE)
    return [None if plain is None else np.frombuffer(plain, dtype="<f4").astype(np.float32) for plain in opened]


def follow(system: System, look: Look) -> None:
    """Apply every change that the index has not seen, in the order of their numbers."""
    with _FOLLOWING:
        while changed := look.find(Face, change_no=Above(system.index.applied), order="change_no", limit=AT_ONCE):
            _apply(system, look, changed)


def check_whole(system: System, look: Look, shelves: Sequence[Shelf]) -> int:
    """How many references the shelves hold. Raises `IndexIncomplete` unless index and records agree on each shelf."""
    total = 0
    for shelf in shelves:
        held = system.index.rows([shelf])
        known = look.count(
            Face,
            gallery_id=shelf.gallery_id,
            source_id=shelf.source_id,
            space_id=shelf.space_id,
            state=FaceState.LIVE,
        )
        if held != known:
            raise IndexIncomplete(
                f"the index holds {held} references of a shelf for which the records have {known}; "
                "nothing was compared; start again, and the index is made anew from the records"
            )
        total += known
    return total


def rebuild(system: System, officer: Officer) -> int:
    """Throw the index away and make it again from the records; how many references it holds."""
    with audit.act(system, "index.rebuilt", officer) as act, act.begin() as tx:
        act.permit()
        everything = tx.find(Face, order="change_no")
        with _FOLLOWING:
            system.index.drop([face.face_no for face in everything])
            _apply(system, tx, everything)
        shelves = sorted({shelf_of(face) for face in everything if face.state is FaceState.LIVE})
        rows = check_whole(system, tx, shelves)
        act.tell("references", rows, audit.SYSTEM)
    return rows


def _apply(system: System, look: Look, changed: Sequence[Face]) -> None:
    """Drop what is no longer live, hold what is; a template whose key was destroyed meanwhile is not held."""
    live = [face for face in changed if face.state is FaceState.LIVE]
    system.index.drop([face.face_no for face in changed if face.state is not FaceState.LIVE])
    shelves: dict[Shelf, tuple[list[int], list[Template]]] = defaultdict(lambda: ([], []))
    for face, template in zip(live, open_templates(system, live), strict=True):
        if template is not None:
            numbers, templates = shelves[shelf_of(face)]
            numbers.append(face.face_no)
            templates.append(template)
    for shelf, (numbers, templates) in shelves.items():
        gallery = look.get(Gallery, shelf.gallery_id)
        secret = system.keys.open(gallery.id, gallery.secret, GALLERY_SECRET)
        system.index.begin_anew(shelf, secret)  # of a gallery that was turned: each of its references changed with it
        system.index.hold(shelf, secret, numbers, templates)
    if changed:
        system.index.reached(changed[-1].change_no)
