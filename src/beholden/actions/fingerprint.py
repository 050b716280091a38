"""Fingerprint: make those of images that were enrolled before there were any. The worker does it, in nobody's name."""

from __future__ import annotations

from functools import partial

from beholden.actions import audit
from beholden.actions.alike import COUNTER, IMAGE, seal_fingerprint
from beholden.actions.each import do_each
from beholden.actions.enrol import PICTURE
from beholden.ports.system import System
from beholden.records.images import Image, ImageState


def fingerprint_waiting(system: System, *, failed: set[str], limit: int = 32) -> int:
    """Make fingerprints of images that have none; how many were made. Safe to run again after a crash.

    An image that was erased meanwhile, or whose picture is damaged, is logged, added to `failed`, and does not keep the
    others waiting; those in `failed` already are left alone.
    """
    with system.database.look() as look:
        waiting = look.find(Image, print_no=-1, state=ImageState.HELD, limit=limit + len(failed))
    return do_each(waiting, partial(_fingerprint, system), failed, limit)


def _fingerprint(system: System, image: Image) -> None:
    with audit.act(system, "image.fingerprinted", None) as act:
        content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
        fingerprint = system.media.fingerprint(system.media.decode(content).pixels)
        with act.begin() as tx:
            sealed = seal_fingerprint(system, image.blob_key, fingerprint, IMAGE)
            tx.change(image, fingerprint=sealed, print_no=tx.next(COUNTER))  # `Changed` if it was erased meanwhile
            act.tell("image", image.id, image.id)
