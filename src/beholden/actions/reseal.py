"""Seal a picture anew without the faces that are erased: others live on in it, and what is told of it may name who is gone."""

from __future__ import annotations

import json

from beholden.actions.alike import COUNTER, IMAGE, seal_fingerprint
from beholden.actions.enrol import PICTURE, PROVENANCE
from beholden.actions.unmade import Sealed, taken_back
from beholden.errors import Missing, NotProven
from beholden.ports.database import OneOf
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.erasure import Erasure
from beholden.records.faces import Face, boxes_of
from beholden.records.images import Image


def reseal_others(system: System, erasure: Erasure) -> int:
    """A picture with other people in it is sealed anew under a new key, the erased faces blanked; how many were damaged.

    What the source told of the whole picture in words may name the erased person: of it only the addresses are kept.
    """
    damaged = 0
    for image_id in erasure.part_image_ids:
        with system.database.look() as look:
            image = look.get(Image, image_id)
            erased = look.find(Face, image_id=image.id, id=OneOf(erasure.face_ids))
            boxes = [box for face in erased for box in boxes_of(face)]
        if image.blob not in erasure.blobs:
            continue  # done before a crash
        made = Sealed()
        with taken_back(system, made):
            provenance = json.loads(system.keys.open(image.id, image.provenance, PROVENANCE))
            # Of a web archive, "alt" and a header such as Content-Disposition speak of who is shown, as a caption does.
            provenance |= {"file": "", "person_ref": "", "page_title": "", "caption": "", "alt": "", "headers": []}
            provenance |= {
                "place": "",
                "camera": "",
                "software": "",
            }  # where a person was, and what their telephone is called
            sealed = system.keys.seal(image.id, canonical(provenance), PROVENANCE)
            try:
                content = system.keys.open(image.blob_key, system.blobs.get(image.blob), PICTURE)
            except (Missing, NotProven):
                damaged += 1  # nobody can see it any more, so there is nothing to blank
                blob, blob_key, looks = "", "", b""
            else:
                blanked = system.media.blank(system.media.decode(content).pixels, boxes)
                blob_key = system.clock.new_id()
                made.keys.append(blob_key)
                system.keys.create([blob_key])
                blob = made.blob = system.blobs.put(system.keys.seal(blob_key, blanked, PICTURE))
                left = system.media.fingerprint(system.media.decode(blanked).pixels)  # not of whom is gone
                looks = seal_fingerprint(system, blob_key, left, IMAGE)
            with system.database.begin() as tx:
                anew = {"blob": blob, "blob_key": blob_key, "kind": "PNG", "person_mark": "", "page_mark": ""}
                tx.change(image, **anew, provenance=sealed, fingerprint=looks, print_no=tx.next(COUNTER))
                made.stands = True
    return damaged
