"""Draw: an investigator shows a face that the detector did not find. It is used like any other, and said to be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from beholden.actions import audit
from beholden.actions.another_face import another_face, permit_another
from beholden.actions.exhibits import PICTURE
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.drawn_faces import LandmarksFrom, fits, is_close_around, landmarks_by, landmarks_in
from beholden.records.exhibits import Exhibit, ExhibitFace, is_kept
from beholden.records.faces import SAME_PLACE, Box, Landmarks, overlap
from beholden.records.people import Officer

LEAST_SIDE = 8  # pixels of a box: in fewer nobody sees a face either
MOST_DRAWN = 20  # faces drawn in one exhibit

_NOT_THERE = (
    "a drawn box must lie in the picture and the two eyes in the box, all as fractions of the picture's width and height "
    "from its top left: left, top, width and height of the box, and left and top of each eye"
)
_TOO_WIDE = (
    "the box is much larger than the face in it, and could show several people; draw it close around the one face"
)
_NOT_KEPT = (
    "only the faces of this exhibit and what lies close around them were kept, and this box lies elsewhere; add the "
    "photograph again with this region named beside its faces"
)


def draw_face(
    system: System, officer: Officer, *, exhibit_id: str, box: Box, eyes: Landmarks = (), why: str
) -> ExhibitFace:
    """Add a face of this exhibit by its box, and if the detector cannot be trusted with them, by its two eyes.

    `eyes`: none, or two places, first the one that is left in the picture once the face is stood upright. Without them the
    detector looks for a face in the box, in every turn; where it sees none, eyes, nose and mouth are placed by the box. The
    face says which of the three it was. No template is made. Raises `BadInput` with all that is wrong.
    """
    with audit.act(system, "exhibit.face_drawn", officer) as act:
        with act.look() as look:
            exhibit, faces = permit_another(act, look, exhibit_id)
            _check_drawn(exhibit, faces, box, eyes, why)
        pixels = system.media.decode(system.keys.open(exhibit.blob_key, system.blobs.get(exhibit.blob), PICTURE)).pixels
        landmarks: Landmarks = ()
        landmarks_from = LandmarksFrom.DETECTOR
        if eyes:
            landmarks, landmarks_from = _by_eyes(exhibit, eyes), LandmarksFrom.EYES
        found = system.model.face_at(pixels, box, landmarks)
        if found is None:
            landmarks_from = LandmarksFrom.BOX
            found = system.model.face_at(pixels, box, landmarks_in(box))
        if found is None:
            raise BadInput(_NOT_THERE)
        if not is_close_around(box, found.landmarks, width=exhibit.width, height=exhibit.height):
            raise BadInput(_TOO_WIDE)
        with act.begin() as tx:
            exhibit, faces = permit_another(act, tx, exhibit_id)  # it may be removed by now, or the face drawn
            _check_drawn(exhibit, faces, box, eyes, why)
            face = replace(
                another_face(act, exhibit, len(faces) + 1, found), drawn_by=act.person.id, landmarks_from=landmarks_from
            )
            tx.add(face)
            act.tell("face", face.id, face.id)
            act.tell("landmarks_from", str(landmarks_from), face.id)
            act.tell("why", why.strip(), exhibit.id)
    return face


def _check_drawn(exhibit: Exhibit, faces: Sequence[ExhibitFace], box: Box, eyes: Landmarks, why: str) -> None:
    if wrong := tuple(_wrong(exhibit, faces, box, eyes, why)):
        raise BadInput("; ".join(wrong))


def _wrong(exhibit: Exhibit, faces: Sequence[ExhibitFace], box: Box, eyes: Landmarks, why: str) -> Iterator[str]:
    """Everything for which no face is drawn there."""
    if any(face.frames for face in faces):  # then no place in its strip is one of the video
        yield "this exhibit is a video, of which only faces were kept; draw in a photograph made of the frame"
    elif len(eyes) not in (0, 2) or not fits(box, eyes):
        yield _NOT_THERE
    else:
        yield from _wrong_there(exhibit, faces, box, eyes)
    if sum(bool(face.drawn_by) for face in faces) >= MOST_DRAWN:
        yield f"{MOST_DRAWN} faces were drawn in this exhibit already; draw whom the case is about"
    if not why.strip():
        yield "say why a face is drawn here"


def _wrong_there(exhibit: Exhibit, faces: Sequence[ExhibitFace], box: Box, eyes: Landmarks) -> Iterator[str]:
    if min(box.width * exhibit.width, box.height * exhibit.height) < LEAST_SIDE:
        yield f"the box is smaller than {LEAST_SIDE} pixels of the photograph; nothing can be compared there"
    if not is_kept(exhibit, box):
        yield _NOT_KEPT
    if there := [face.position for face in faces if overlap(face.box, box) >= SAME_PLACE]:
        yield f"face {there[0]} of this exhibit is there already; declare that one"
    if eyes:
        try:
            _by_eyes(exhibit, eyes)
        except ValueError as error:
            yield f"{error}; show each of them apart"


def _by_eyes(exhibit: Exhibit, eyes: Landmarks) -> Landmarks:
    return landmarks_by(eyes, width=exhibit.width, height=exhibit.height)
