"""What the acts gave back to the children that did them must be there, whatever happened to the children."""

from __future__ import annotations

from typing import Any

import numpy as np

from beholden.actions import enrol
from beholden.actions.follow import follow, shelf_of
from beholden.records.erasure import Erasure
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image
from beholden.records.searches import Search, SearchState
from beholden.testing.drawn import draw, template_of
from tests.agency import Agency
from tests.trials.place import Place


def check_told(agency: Agency, lines: list[dict[str, Any]]) -> list[bytes]:
    """Everything that an act gave back to its caller is there; heads of what was erased, for `check_nowhere`."""
    system = agency.system
    heads: list[bytes] = []
    with system.database.look() as look:
        follow(system, look)
        gone = {face.id for face in look.find(Face, state=FaceState.ERASED)}
        for line in lines:
            match line["act"]:
                case "enrolled":
                    left = [
                        (face_id, person) for (face_id, _), person in zip(line["faces"], line["persons"], strict=True)
                    ]
                    left = [(face_id, person) for face_id, person in left if face_id not in gone]
                    _check_picture(agency, look.get(Image, line["image"]), line, len(left))
                    for face_id, person in left:
                        _check_face(agency, look.get(Face, face_id), template_of(person, line["seed"]))
                case "searched":
                    assert look.get(Search, line["search"]).state in (SearchState.LISTED, SearchState.UNSEALED)
                case "erased":
                    assert line["face"] in gone
                    assert look.get(Erasure, line["erasure"]).receipt
                case "erasing" if line["face"] in gone:
                    heads += map(bytes.fromhex, line["heads"])
    return heads


def check_nowhere(place: Place, heads: list[bytes]) -> None:
    """Not one of these bytes lies in any file. Only after the folder was closed: a read file loses SQLite's locks."""
    for name, content in place.files().items():
        assert [head.hex() for head in heads if head in content] == [], name


def _check_picture(agency: Agency, image: Image, line: dict[str, Any], left: int) -> None:
    """It opens as it was given; one with an erased face in it opens without that face."""
    if not left:
        assert (image.blob, image.provenance) == ("", b"")
        return
    system = agency.system
    content = system.keys.open(image.blob_key, system.blobs.get(image.blob), enrol.PICTURE)
    if left == len(line["persons"]):
        assert content == draw(*line["persons"], seed=line["seed"])
    else:
        assert len(system.model.find(system.media.decode(content).pixels)) == left


def _check_face(agency: Agency, face: Face, template: Any) -> None:
    system = agency.system
    assert face.state is FaceState.LIVE
    opened = np.frombuffer(system.keys.open(face.id, face.template, enrol.TEMPLATE), dtype="<f4")
    assert np.array_equal(opened, template)
    nearest = system.index.nearest([template], 1, [shelf_of(face)])
    assert nearest.scores[0] > 0.9999
    assert face.face_no in nearest.face_nos
