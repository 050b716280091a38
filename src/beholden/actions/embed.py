"""Embed: make the templates of faces that wait for one. The worker does it, in nobody's name."""

from __future__ import annotations

from functools import partial

from beholden.actions import audit
from beholden.actions.each import do_each
from beholden.actions.enrol import PICTURE, seal_template
from beholden.actions.templates import embed_seen
from beholden.ports.database import NoneOf
from beholden.ports.model import FoundFace
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image


def embed_waiting(system: System, *, failed: set[str] | None = None, limit: int = 32) -> int:
    """Make templates for faces that wait for one; how many were made. Safe to run again after a crash.

    A face that was erased meanwhile, or whose picture is damaged, is logged, added to `failed`, and does not keep the
    others waiting; those in `failed` already are left alone.
    """
    skipped = set() if failed is None else failed
    with system.database.look() as look:
        waiting = look.find(Face, state=FaceState.WAITING, order="face_no")
    return do_each(waiting, partial(_embed, system), skipped, limit)


def embed_anew(system: System, *, failed: set[str], limit: int = 32) -> int:
    """Make templates of the model in use in the place of those of another; how many were made. As `embed_waiting`.

    No worker does it by itself: two processes that were opened with two models would undo each other's work for ever.
    """
    space_id = system.model.card.space_id
    with system.database.look() as look:
        others = look.find(Face, state=FaceState.LIVE, space_id=NoneOf([space_id]), order="face_no")
    return do_each(others, partial(_embed, system), failed, limit)


def _embed(system: System, face: Face) -> None:
    with audit.act(system, "face.embedded", None) as act:
        with system.database.look() as look:
            image = look.get(Image, face.image_id)
        content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
        picture = system.media.decode(content)
        as_found = FoundFace(face.box, face.landmarks, face.quality, face.frames)
        embedded = embed_seen(system.model, picture.pixels, [as_found])[0]
        with act.begin() as tx:
            tx.change(  # `Changed` if it was erased meanwhile
                face,
                template=seal_template(system, face.id, embedded),
                quality=embedded.quality,
                space_id=system.model.card.space_id,
                state=FaceState.LIVE,
                change_no=tx.next("changes"),
            )
            act.tell("face", face.id, face.id)
