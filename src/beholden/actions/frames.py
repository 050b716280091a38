"""Frames: the whole of a photograph, to an investigator of its case who says in writing why its faces alone do not do."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.desk import owes_opinion
from beholden.actions.exhibits import PICTURE
from beholden.errors import BadInput, Missing
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.people import Officer
from beholden.records.reveals import length_of_reason

FRAME_SIDE = 1280  # pixels of the longer side: enough to see a face of 20 pixels in a photograph of 12 megapixels

_A_VIDEO = "this exhibit is a video, of which only faces were kept: there is no frame of it to show"


@dataclass(frozen=True, slots=True)
class Frame:
    """What was kept of a photograph, as a JPEG without metadata, and where its faces are."""

    picture: bytes
    exhibit: Exhibit
    faces: tuple[ExhibitFace, ...]


def show_frame(system: System, officer: Officer, *, exhibit_id: str, reason: str) -> Frame:
    """The frame of an exhibit, at most `FRAME_SIDE` pixels a side; of a cropped one, what was kept of it.

    The reason stays with the exhibit in the log. Raises `Refused` without one, `Missing` to whoever owes a blind opinion,
    `BadInput` for a video.
    """
    with audit.act(system, "exhibit.frame_shown", officer) as act:
        with act.look() as look:
            exhibit = look.get(Exhibit, exhibit_id)
            act.tell("case", exhibit.case_id, exhibit.case_id)
            act.tell("exhibit", exhibit.id, exhibit.id)
            act.tell("reason", reason.strip(), exhibit.id)
            _permit(act, look, exhibit, reason)
            faces = tuple(look.find(ExhibitFace, exhibit_id=exhibit.id, order="position"))
        if exhibit.is_video:
            raise BadInput(_A_VIDEO)
        content = system.keys.open(exhibit.blob_key, system.blobs.get(exhibit.blob), PICTURE)
        picture = system.media.whole(system.media.decode(content).pixels, FRAME_SIDE)
        with act.begin() as tx:
            _permit(act, tx, tx.get(Exhibit, exhibit_id), reason)  # it may have been removed meanwhile
            act.tell("faces", len(faces), exhibit.id)
    return Frame(picture, exhibit, faces)


def _permit(act: Act, look: Look, exhibit: Exhibit, reason: str) -> None:
    case = look.get(Case, exhibit.case_id)
    act.purpose = case.purpose
    act.permit(
        assigned=case.assigned,
        state=str(exhibit.state),
        reason_chars=length_of_reason(reason),
        min_reason_chars=act.system.rules.min_reveal_chars,
    )
    if owes_opinion(look, act.person):
        raise Missing("there is no frame for you now: lock the opinion that you owe first")
