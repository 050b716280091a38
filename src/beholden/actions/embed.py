"""Embed: make the templates of faces that wait for one. The worker does it, in nobody's name."""

from __future__ import annotations

from functools import partial

from beholden.actions import audit
from beholden.actions.each import do_each
from beholden.actions.enrol import PICTURE, seal_template
from beholden.actions.model_in_force import check_model
from beholden.actions.templates import embed_seen
from beholden.ports.database import NoneOf
from beholden.ports.media import Pixels
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


def found_in_its_picture(system: System, face: Face) -> tuple[Pixels, FoundFace]:
    """The picture of a reference, and the reference as it was found there."""
    with system.database.look() as look:
        image = look.get(Image, face.image_id)
    content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
    picture = system.media.decode(content)
    return picture.pixels, FoundFace(face.box, face.landmarks, face.quality, face.frames)


def _embed(system: System, face: Face) -> None:
    with audit.act(system, "face.embedded", None) as act:
        pixels, as_found = found_in_its_picture(system, face)
        embedded = embed_seen(system.model, pixels, [as_found])[0]
        with act.begin() as tx:
            check_model(system, tx)
            tx.change(  # `Changed` if it was erased meanwhile
                face,
                template=seal_template(system, face.id, embedded),
                quality=embedded.quality,
                space_id=system.model.card.space_id,
                state=FaceState.LIVE,
                change_no=tx.next("changes"),
            )
            act.tell("face", face.id, face.id)
