"""Pictures: untrusted bytes in, pixels out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.records.faces import Box

Pixels = NDArray[np.uint8]  # height x width x 3, RGB, upright


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as it is to be seen: turned upright as its metadata says, in sRGB, without transparency."""

    pixels: Pixels
    kind: str  # the file's format: "JPEG", "PNG", …
    turned: bool  # whether the metadata asked for a turn


class Media(Protocol):
    @property
    def max_bytes(self) -> int:
        """The most bytes that `decode` takes: a larger file need not be read to be refused."""

    @property
    def missing_walls(self) -> tuple[str, ...]:
        """Which of limits, Landlock and seccomp do not stand between a file and the system while `decode` reads it."""

    def decode(self, content: bytes) -> Picture:
        """Raises `UnreadableImage`, saying which limit or what damage: truncated, too many bytes or pixels, animated."""

    def chip(self, pixels: Pixels, box: Box, side: int) -> bytes:
        """The face with a margin of a quarter, as a square JPEG of `side` pixels without any metadata."""

    def blank(self, pixels: Pixels, boxes: list[Box]) -> bytes:
        """The picture as a PNG without metadata, each box (with a margin of a half) filled with one grey."""

    def sheet(self, chips: list[tuple[str, bytes]]) -> bytes:
        """A contact sheet: the chips (JPEG) in rows, each with its line of words, as a PNG."""
