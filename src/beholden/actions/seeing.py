"""What a file shows: its pixels, its faces, and what of the file is kept. Here a gallery's image and an exhibit begin."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.ports.media import Media, Picture
from beholden.ports.model import FoundFace, Model


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    picture: Picture
    kept: bytes  # what is sealed; decoded again, it gives these pixels
    faces: tuple[FoundFace, ...]  # the surest first


def see(media: Media, model: Model, content: bytes) -> Seen:
    """Decode and find. Takes no system: it may run in a process that has neither keys nor records.

    Raises `UnreadableImage`.
    """
    picture = media.decode(content)
    return Seen(picture, content, tuple(model.find(picture.pixels)))
