"""Photographs of a case, and the faces in them. They never enter a gallery, and their faces have no stored template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from beholden.errors import BadInput
from beholden.records.drawn_faces import LandmarksFrom, eyes_and_size
from beholden.records.edits import Edit
from beholden.records.faces import SAME_PLACE, Box, Frame, Landmarks, Quality, overlap, seconds_of
from beholden.records.images import is_capture_date
from beholden.records.retention import Kept

SAME_EYES = 0.5  # of a face's size (`eyes_and_size`): nobody else's eyes are so near
KEPT_MARGIN = 1.0  # of a box, on each side: what aligning it and another look at a turned head need


VIDEOS = frozenset(("MP4", "MOV", "MKV", "WEBM", "AVI", "MPEG-TS"))


class Origin(StrEnum):
    """How the agency came to hold an exhibit."""

    SEIZED_DEVICE = "seized-device"
    PROVIDER_REPORT = "provider-report"
    PARTNER_AGENCY = "partner-agency"
    VICTIM_OR_FAMILY = "victim-or-family"
    CCTV = "cctv"
    SOCIAL_MEDIA = "social-media"
    OTHER = "other"
    SYNTHETIC = "synthetic"


class Intake(StrEnum):
    """What of an exhibit is sealed."""

    CROP = "crop"  # the faces and what lies close around them; the rest of the frame is never on a disk (REQ 140)
    WHOLE = "whole"


class SubjectRole(StrEnum):
    UNDECLARED = "undeclared"
    VICTIM = "victim"
    SUSPECT = "suspect"  # of the offence that the case is about; ca-2020 has no purpose for one
    OTHER = "other"


class ExhibitState(StrEnum):
    HELD = "held"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Exhibit:
    id: str
    version: int
    kept: Kept
    case_id: str
    mark: str  # HMAC of the file's digest
    pixel_mark: str  # HMAC of the digest of the upright pixels: knows the photograph in another file
    details: bytes  # sealed: file name, SHA-256 of the file, why it is in the case
    origin: Origin
    blob: str
    blob_key: str
    kind: str
    width: int
    height: int
    added_by: str
    state: ExhibitState
    fingerprint: bytes = b""  # what it looks like (`near.py`), sealed under `blob_key`; empty where it was not made
    print_no: int = -1  # counted with those of images
    stack: str = ""  # the first exhibit of the case that looks the same, as things stood when this one was added
    frames_in_file: int = 1  # of an animation or pages; the exhibit is the first
    kept_boxes: tuple[Box, ...] = ()  # of a cropped one: these, each with `KEPT_MARGIN`, are all that was sealed
    thorough: bool = False  # whether its faces were looked for in every turn and enlarged
    smallest_face: int = 0  # pixels: shorter faces may not have been found; 0 where it was not noted
    left_out: int = 0  # faces of a video that were found, and for which there was no room in what is kept
    copy_of_id: str = (
        ""  # the first exhibit, of whatever case, that shows this photograph; its own id if it is the first
    )

    @property
    def cropped(self) -> bool:
        return bool(self.kept_boxes)

    @property
    def is_video(self) -> bool:
        """Then the picture that is kept is a strip of its faces' best sights, and width and height are that one's."""
        return self.kind in VIDEOS


@dataclass(frozen=True, slots=True)
class ExhibitDetails:
    file: str
    sha256: str  # of the file as it was given, also where only the faces of its frame are kept
    why: str
    captured_at: str = ""  # as whoever added it told: YYYY, YYYY-MM or YYYY-MM-DD
    # What the file says of itself, as in `Metadata`.
    taken_at: str = ""
    camera: str = ""
    software: str = ""
    place: str = ""
    digital_source: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitFace:
    id: str
    version: int
    kept: Kept
    exhibit_id: str
    case_id: str
    position: int  # 1 is the surest; how a person names it: "face 2 of this exhibit"
    box: Box
    landmarks: Landmarks
    quality: Quality
    subject_role: SubjectRole
    frames: tuple[Frame, ...] = ()  # of a face in a video, the best first; empty for one in a picture
    drawn_by: str = ""  # who showed it, where no detector had found it
    landmarks_from: LandmarksFrom = LandmarksFrom.DETECTOR
    edited_from: str = ""  # the face of the same exhibit that was edited into this one
    edited_around: Box = Box(0.0, 0.0, 0.0, 0.0)  # the box of that one: what is edited lies around it
    edits: tuple[
        Edit, ...
    ] = ()  # in the order in which they are done; its box and landmarks are of the edited photograph


def unedited(face: ExhibitFace) -> ExhibitFace:
    """As it was before it was edited: for looking at it, not for comparing, as its landmarks are of the edited one."""
    return replace(face, box=face.edited_around, edits=()) if face.edits else face


def with_original(face: ExhibitFace) -> tuple[ExhibitFace, ...]:
    """What is shown of it: an edited one never without what it was made from (REQ 42)."""
    return (unedited(face), face) if face.edits else (face,)


def taken_on(details: Mapping[str, object]) -> str:
    """The capture date of an exhibit: as somebody told it, else as its file does; empty where neither says."""
    told = str(details.get("captured_at", "") or str(details.get("taken_at", ""))[:10])
    return told if is_capture_date(told) else ""


def region_of(words: str) -> Box:
    """A region as a person types it: left, top, width and height, as fractions of the picture, with commas between.

    Raises `BadInput` for anything else.
    """
    try:
        left, top, width, height = (float(part) for part in words.split(","))
    except ValueError:
        raise BadInput(
            f"{words[:60]!r} is no region; write left, top, width and height as fractions of the picture: 0.1,0.2,0.15,0.2"
        ) from None
    return Box(left, top, width, height)


def regions_of(words: str) -> list[Box]:
    """Several of them, with semicolons or on lines of their own."""
    return [region_of(one) for one in words.replace("\n", ";").split(";") if one.strip()]


def is_kept(exhibit: Exhibit, box: Box) -> bool:
    """Whether a box lies wholly within what was sealed of the frame: only there can a face still be drawn or looked for."""
    return not exhibit.cropped or any(_lies_in(box, kept) for kept in exhibit.kept_boxes)


def at_once(one: ExhibitFace, other: ExhibitFace) -> bool:
    """Whether two faces that one file shows are there at the same moment, as in a photograph all are."""
    these, those = seconds_of(one), seconds_of(other)
    return these is None or those is None or (these[0] <= those[1] and those[0] <= these[1])


def persons(shown: Sequence[tuple[Exhibit, ExhibitFace]]) -> int:
    """How many persons these faces of one photograph, or of copies of it, show."""
    known: list[tuple[Exhibit, ExhibitFace]] = []
    for one in shown:
        if not any(_is_one_person(*one, *other) for other in known):
            known.append(one)
    return len(known)


def _is_one_person(exhibit: Exhibit, face: ExhibitFace, its: Exhibit, other: ExhibitFace) -> bool:
    """By their boxes and by their eyes: people can share a box that somebody drew, and are compared by their eyes."""
    if overlap(face.box, other.box) < SAME_PLACE:
        return False
    if not (face.landmarks and other.landmarks):
        return True
    (eyes, size), (others, its_size) = (
        eyes_and_size(one.landmarks, width=of.width / of.height, height=1)
        for of, one in ((exhibit, face), (its, other))
    )
    return abs(eyes - others) <= SAME_EYES * min(size, its_size)


def share_kept(boxes: Sequence[Box]) -> float:
    """How much of a frame is kept of these boxes, each with its margin, 0–1: what several cover counts once."""
    spans = [
        (
            *_within(box.left - box.width * KEPT_MARGIN, box.left + box.width * (1 + KEPT_MARGIN)),
            *_within(box.top - box.height * KEPT_MARGIN, box.top + box.height * (1 + KEPT_MARGIN)),
        )
        for box in boxes
    ]
    kept = 0.0
    for left, right in pairwise(sorted({side for span in spans for side in span[:2]})):
        reached = 0.0  # down to where this column is counted already
        for top, bottom in sorted((span[2], span[3]) for span in spans if span[0] <= left and right <= span[1]):
            kept += (right - left) * max(0.0, bottom - max(top, reached))
            reached = max(reached, bottom)
    return kept


def _within(begin: float, end: float) -> tuple[float, float]:
    return max(begin, 0.0), min(end, 1.0)


def _lies_in(box: Box, kept: Box) -> bool:
    across, down = kept.width * KEPT_MARGIN, kept.height * KEPT_MARGIN
    return (
        max(kept.left - across, 0) <= box.left
        and max(kept.top - down, 0) <= box.top
        and box.left + box.width <= min(kept.left + kept.width + across, 1)
        and box.top + box.height <= min(kept.top + kept.height + down, 1)
    )
