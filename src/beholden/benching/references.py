"""Synthetic references written past the model straight into the records, to measure what comes after enrolment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from beholden.actions import audit, enrol
from beholden.benching import identities
from beholden.clock import WallClock
from beholden.ports.system import System
from beholden.records.faces import Box, Face, FaceState, Quality
from beholden.records.galleries import Gallery
from beholden.records.images import Image, ImageState
from beholden.records.sources import Source

AT_ONCE = 5000
LANDMARKS = ((0.35, 0.35), (0.45, 0.35), (0.4, 0.4), (0.37, 0.45), (0.43, 0.45))


def write_references(system: System, source: Source, gallery: Gallery, rows: int, *, to_an_image: int = 1) -> None:
    """What `enrol` writes, without its log entries, many in one transaction. Each image has so many faces, all alike placed.

    A picture is a few bytes that no one can open as one.
    """
    random = np.random.default_rng(1)
    new_id = WallClock().new_id
    kept = audit.kept(system, "reference", audit.SYSTEM, system.clock.now())
    card = system.model.card
    for start in range(0, rows, AT_ONCE):
        count = min(AT_ONCE, rows - start)
        templates = identities.unit(random.standard_normal((count, card.dimension), dtype=np.float32))
        pictures = [(new_id(), new_id()) for _ in range(0, count, to_an_image)]
        faces_ids = [new_id() for _ in range(count)]
        system.keys.create([name for two in pictures for name in two] + faces_ids)
        images = [
            Image(
                id=image_id,
                version=0,
                kept=kept,
                gallery_id=gallery.id,
                source_id=source.id,
                mark=image_id * 2,
                person_mark=image_id * 2,
                page_mark="",
                blob=system.blobs.put(system.keys.seal(blob_key, image_id.encode(), enrol.PICTURE)),
                blob_key=blob_key,
                kind="PNG",
                width=640,
                height=480,
                provenance=system.keys.seal(image_id, _told(place), enrol.PROVENANCE),
                state=ImageState.HELD,
            )
            for place, (image_id, blob_key) in enumerate(pictures)
        ]
        faces = [
            Face(
                id=face_id,
                version=0,
                kept=kept,
                face_no=0,
                image_id=pictures[place // to_an_image][0],
                gallery_id=gallery.id,
                source_id=source.id,
                space_id=card.space_id,
                person_mark=pictures[place // to_an_image][0] * 2,
                box=Box(0.3, 0.3, 0.2, 0.2),
                landmarks=LANDMARKS,
                quality=Quality(80, 0.9, 40.0, 100.0, 128.0, 1.0),
                template=system.keys.seal(face_id, template.tobytes(), enrol.TEMPLATE),
                state=FaceState.LIVE,
                change_no=0,
            )
            for place, (face_id, template) in enumerate(zip(faces_ids, templates, strict=True))
        ]
        with system.database.begin() as tx:
            face_no, change_no = tx.next("faces", count), tx.next("changes", count)
            tx.add(*images)
            tx.add(*(replace(face, face_no=face_no + i, change_no=change_no + i) for i, face in enumerate(faces)))


def _told(place: int) -> bytes:
    """Of every third nothing but its length; of the others the year in which it was taken."""
    year = "" if place % 3 == 0 else str(2001 + place % 25)
    return f'{{"captured_at": "{year}"}}'.encode().ljust(400)
