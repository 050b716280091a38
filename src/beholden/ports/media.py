"""Pictures: untrusted bytes in, pixels out."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.records.edits import Edit
from beholden.records.faces import Box
from beholden.records.metadata import Metadata
from beholden.records.near import Fingerprint

Pixels = NDArray[np.uint8]  # height x width x 3, RGB, upright


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as it is to be seen: turned upright as its metadata says, in sRGB, without transparency."""

    pixels: Pixels
    kind: str  # the file's format: "JPEG", "PNG", …
    turned: bool  # whether the metadata asked for a turn
    frames: int = 1  # of the file, an animation or pages; this is the first
    metadata: Metadata = Metadata()


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A frame that was sampled out of a video, as it is to be seen."""

    pixels: Pixels
    seconds: float  # since the video's first frame
    new_scene: bool  # the picture was cut since the still before: what stands at the same place is somebody else
    turned: bool
    metadata: Metadata = Metadata()  # of the whole video, with each still


@dataclass(frozen=True, slots=True)
class Sight:
    """One face of a picture, as it is to be seen: edited in this order `around` a box, where it is an edited one."""

    box: Box
    edits: tuple[Edit, ...] = ()
    around: Box = Box(0.0, 0.0, 0.0, 0.0)


class Media(Protocol):
    @property
    def max_bytes(self) -> int:
        """The most bytes that `decode` takes: a larger file need not be read to be refused."""

    @property
    def missing_walls(self) -> tuple[str, ...]:
        """Which of limits, Landlock and seccomp do not stand between a file and the system while `decode` reads it."""

    def decode(self, content: bytes) -> Picture:
        """Raises `UnreadableImage`, saying which limit or what damage: truncated, too many bytes, pixels, frames or parts."""

    @property
    def max_video_bytes(self) -> int:
        """The most bytes that `stills` takes."""

    def video_kind(self, content: bytes) -> str:
        """ "MP4", "MKV", … for a container of moving pictures that is read, by its first bytes; empty for anything else."""

    def stills(self, content: bytes) -> Generator[Still]:
        """A video's frames, sampled by time and by change of scene, one in memory at a time; sound is never read.

        Raises `UnreadableImage`, saying which limit or what damage, also after some of them. Close it to stop reading.
        """

    def edited(self, pixels: Pixels, box: Box, edits: Sequence[Edit]) -> Pixels:
        """A copy, edited in this order around the face in the box: the same numbers wherever it is done; no edit, no change."""

    def chip(self, pixels: Pixels, box: Box, side: int) -> bytes:
        """The face with a margin of a quarter, as a square JPEG of `side` pixels without any metadata."""

    def chips(self, content: bytes, sights: Sequence[Sight], side: int) -> tuple[bytes, ...]:
        """A `chip` of each of these faces, cut from a file as it is given. What was cut minutes ago may be given again.

        Raises `UnreadableImage` as `decode`.
        """

    def whole(self, pixels: Pixels, side: int) -> bytes:
        """The whole picture as a JPEG without any metadata, its longer side at most `side` pixels; never enlarged."""

    def veiled(self, chip: bytes) -> bytes:
        """A chip as a page shows it at first: a grey JPEG of 112 pixels a side, clear in the face alone and blurred around it."""

    def blurred(self, chip: bytes) -> bytes:
        """A chip of which nothing is left but where it is light and dark: a grey JPEG of 48 pixels a side."""

    def strip(self, veiled: Sequence[bytes]) -> bytes:
        """Veiled chips in rows of ten, without gaps, as one JPEG."""

    def blank(self, pixels: Pixels, boxes: list[Box]) -> bytes:
        """The picture as a PNG without metadata, each box (with a margin of a half) filled with one grey."""

    def only(self, pixels: Pixels, boxes: list[Box]) -> bytes:
        """The opposite of `blank`: each box with a margin of the whole box on each side, and all else one grey."""

    def fingerprint(self, pixels: Pixels) -> Fingerprint:
        """What the pixels look like, nearly equal for a copy compressed harder or made smaller; another for one mirrored."""

    def sheet(self, chips: list[tuple[str, bytes]]) -> bytes:
        """A contact sheet: the chips (JPEG) in rows, each with its line of words, as a PNG."""
