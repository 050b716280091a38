"""Edit: make a face of an exhibit easier to see, within a short list, beside the original and never in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from beholden.actions import audit
from beholden.actions.another_face import another_face, permit_another
from beholden.actions.exhibits import PICTURE
from beholden.errors import BadInput, NoUsableFace
from beholden.ports.system import System
from beholden.records.edits import Edit, edits_of
from beholden.records.exhibits import ExhibitFace
from beholden.records.people import Officer

MOST_EDITED = 10  # of one exhibit: who tries on and on looks for the edit that finds somebody


def edit_face(
    system: System, officer: Officer, *, exhibit_id: str, position: int, edits: Sequence[str], why: str
) -> ExhibitFace:
    """A new face of the same exhibit: that at this `position` after these edits, in their order, found anew in their pixels.

    `edits`: each an operation and its number, as in `rotate=90`. Neither the exhibit nor the face is changed, and no edited
    picture is kept: it is made again wherever it is shown, with the original before it. Raises `BadInput` for what is not on
    the list, and `NoUsableFace` where no face shows after it.
    """
    with audit.act(system, "exhibit.face_edited", officer) as act:
        with act.look() as look:
            exhibit, faces = permit_another(act, look, exhibit_id)
            face, wanted = _checked(faces, position, edits, why)
        content = system.keys.open(exhibit.blob_key, system.blobs.get(exhibit.blob), PICTURE)
        pixels = system.media.edited(system.media.decode(content).pixels, face.box, wanted)
        found = system.model.face_at(pixels, face.box)
        if found is None:
            raise NoUsableFace("no face shows after these edits; edit less, or declare the face as it is")
        with act.begin() as tx:
            exhibit, faces = permit_another(act, tx, exhibit_id)  # it may have been removed meanwhile
            _checked(faces, position, edits, why)
            made = replace(
                another_face(act, exhibit, len(faces) + 1, found),
                drawn_by=face.drawn_by,
                edited_from=face.id,
                edited_around=face.box,
                edits=wanted,
            )
            tx.add(made)
            act.tell("face", made.id, made.id)
            act.tell("edited_from", face.id, face.id)
            act.tell("edits", [one.words() for one in wanted], made.id)
            act.tell("why", why.strip(), exhibit.id)
    return made


def _checked(
    faces: Sequence[ExhibitFace], position: int, edits: Sequence[str], why: str
) -> tuple[ExhibitFace, tuple[Edit, ...]]:
    face = next((one for one in faces if one.position == position), None)
    wanted: tuple[Edit, ...] = ()
    wrong = list(_wrong_with(face, faces, position))
    try:
        wanted = edits_of(edits)
    except BadInput as error:
        wrong.append(str(error))
    if (
        face
        and wanted
        and (there := [one.position for one in faces if (one.edited_from, one.edits) == (face.id, wanted)])
    ):
        wrong.append(f"face {there[0]} of this exhibit is this one with these edits already; declare that")
    if sum(bool(one.edits) for one in faces) >= MOST_EDITED:
        wrong.append(f"{MOST_EDITED} edited faces were made in this exhibit already; choose among them")
    if not why.strip():
        wrong.append("say why the face is edited")
    if face is None or wrong:
        raise BadInput("; ".join(wrong))
    return face, wanted


def _wrong_with(face: ExhibitFace | None, faces: Sequence[ExhibitFace], position: int) -> Iterator[str]:
    """Why this one is not edited."""
    if face is None:
        yield f"the exhibit has no face {position}; its faces are numbered from 1 to {len(faces)}"
    elif face.frames:
        yield "this face is of a video; edit a face of a photograph that was made of the frame"
    elif face.edits:
        yield "this face is an edited one; edit the one that it was made from, with all that is to be done"
