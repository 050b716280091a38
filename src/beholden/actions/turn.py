"""Give a gallery another secret: its templates lie in memory turned another way, and rows turned before compare with nothing."""

from __future__ import annotations

import secrets

from beholden.actions import audit
from beholden.actions.follow import check_whole, follow, shelf_of
from beholden.actions.register import GALLERY_SECRET
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.people import Officer
from beholden.records.upgrades import SideTemplate


def turn_gallery(system: System, officer: Officer, *, gallery_id: str) -> int:
    """Draw a new secret, and make the gallery's shelves of the index anew; how many references they hold (REQ 112).

    Another process does so when it compares next: to it each reference is one that changed. Lists stay as they are, up to
    the rounding of a score. Raises `IndexIncomplete` unless index and records agree afterwards.
    """
    with audit.act(system, "gallery.turned", officer) as act, act.begin() as tx:
        gallery = tx.get(Gallery, gallery_id)
        act.tell("gallery", gallery.id, gallery.id)
        act.permit()
        tx.change(gallery, secret=system.keys.seal(gallery.id, secrets.token_bytes(32), GALLERY_SECRET))
        live = tx.find(Face, gallery_id=gallery.id, state=FaceState.LIVE, order="change_no")
        beside = tx.find(SideTemplate, gallery_id=gallery.id, state=FaceState.LIVE, order="change_no")
        turned = [*live, *beside]
        number = tx.next("changes", len(turned)) if turned else 0
        for i, one in enumerate(turned):
            tx.change(one, change_no=number + i)
        act.tell("references", len(live), gallery.id)
    # A crash before this does no harm: the next start makes the index of the records, and this is their secret now.
    with system.database.look() as look:
        follow(system, look)
        return check_whole(system, look, sorted({shelf_of(face) for face in live}))
