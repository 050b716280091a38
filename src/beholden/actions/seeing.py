"""What a file shows: its pixels, its faces, and what of the file is kept. Here a gallery's image and an exhibit begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from beholden.actions.filming import film
from beholden.errors import NoUsableFace
from beholden.ports.media import Media, Picture, Pixels
from beholden.ports.model import FoundFace, Model
from beholden.records.exhibits import ExhibitFace
from beholden.records.faces import Box
from beholden.records.near import NOTHING_TO_TELL, Fingerprint


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    picture: Picture
    kept: bytes  # what is sealed; decoded again, it gives these pixels
    faces: tuple[FoundFace, ...]  # the surest first
    fingerprint: Fingerprint = NOTHING_TO_TELL  # of the whole picture, also where less of it is kept
    left_out: int = 0  # faces of a video for which there was no room
    smallest_face: int = 0  # pixels: shorter faces may not have been found


def see(media: Media, model: Model, content: bytes, *, thorough: bool = False) -> Seen:
    """Decode and find; in a video never thoroughly. Takes no system: it may run in a process without keys or records.

    Raises `UnreadableImage`.
    """
    if media.video_kind(content):
        return _see_video(media, model, content)
    picture = media.decode(content)
    found = tuple(model.find(picture.pixels, thorough=thorough))
    smallest = model.smallest_face(*picture.pixels.shape[:2], thorough=thorough)
    return Seen(picture, content, found, media.fingerprint(picture.pixels), smallest_face=smallest)


def _see_video(media: Media, model: Model, content: bytes) -> Seen:
    strip = film(media, model, content)
    if strip is None:
        raise NoUsableFace("no face was found in the video; give one in which a face is larger, sharper or upright")
    picture = Picture(strip.pixels, media.video_kind(content), strip.turned, metadata=strip.metadata)
    kept = media.blank(strip.pixels, [])
    return Seen(picture, kept, strip.faces, smallest_face=strip.smallest_face, left_out=strip.left_out)


def as_edited(media: Media, pixels: Pixels, face: ExhibitFace) -> Pixels:
    """The exhibit's pixels as its face is to be seen in them: edited, where it is an edited one."""
    return media.edited(pixels, face.edited_around, face.edits) if face.edits else pixels


def only_faces(media: Media, seen: Seen, also: Sequence[Box] = ()) -> Seen:
    """Of the frame nothing is kept but its faces and these boxes, each with its margin, where they stood (REQ 140)."""
    boxes = [*(face.box for face in seen.faces), *also]
    return replace(seen, kept=media.only(seen.picture.pixels, boxes))
