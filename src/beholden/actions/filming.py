"""What a video shows: its faces, each followed while in sight, and a strip of their best sights, which is all that is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from beholden.ports.media import Media, Pixels, Still
from beholden.ports.model import FoundFace, Model
from beholden.records.faces import Box, Frame
from beholden.records.metadata import Metadata
from beholden.records.tracklets import MOST_PAUSE, links, worth
from beholden.windows import cut

BEST = 5  # sights of a face that are kept
APART = 0.5  # seconds: of two sights nearer to each other the worse one adds nothing
MARGIN = 1.0  # of the box, on each side: what a chip, aligning and another look at the face need
CORE = 0.25  # … which stays even where somebody else's box lies over it
HEAD = 0.2  # … beside somebody else's box that is grey with it, as a box ends at the hair
CROP = 640  # pixels: the longest side of a crop; the face in it is at least half as wide as its reader takes
MOST_FACES = 200  # of one video; who needs more cuts it in parts
ROOM = 20_000_000  # pixels of a strip: as a PNG it is below what is read of a picture, whatever is in it
GREY = 128  # beside a face, past the edge of a frame, and between crops


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A face in one still, cut out with what is around it."""

    seconds: float
    worth: float
    crop: Pixels
    face: FoundFace  # its places are fractions of the crop


@dataclass(slots=True, eq=False)
class Tracklet:
    """A face while it stays in sight, from one cut to the next."""

    box: Box  # where it was last, in the frame
    seconds: float
    first: Sight
    best: list[Sight]  # the best first
    sights: int = 1
    doubted: bool = False  # somebody else was near, and could have come to its place

    def add(self, sight: Sight, most: int) -> None:
        self.sights += 1
        rivals = [one for one in self.best if int(one.seconds / APART) == int(sight.seconds / APART)]
        others = [one for one in self.best if one not in rivals]
        better = max([*rivals, sight], key=lambda one: one.worth)
        self.best = sorted([*others, better], key=lambda one: -one.worth)[:most]

    def end(self) -> None:
        """Two who change places look like two who stay, for one step: where no other bore it out, it is not believed."""
        if self.doubted and self.sights == 2:
            self.best = [self.first]


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The best sights of each face, side by side; `left_out` faces had no room in it."""

    pixels: Pixels
    faces: tuple[FoundFace, ...]
    left_out: int
    turned: bool
    smallest_face: int  # pixels of a frame: shorter faces may not have been found
    metadata: Metadata  # of the video


def film(media: Media, model: Model, content: bytes) -> Strip | None:
    """None where no face is in sight. Faces are followed by where they stand alone: no template is made here.

    Raises `UnreadableImage`.
    """
    seen = _Seen()
    turned, smallest, metadata = False, 0, Metadata()
    with closing(media.stills(content)) as stills:
        for still in stills:
            turned, metadata = still.turned, still.metadata
            smallest = model.smallest_face(*still.pixels.shape[:2])
            seen.look(still, model.find(still.pixels))
    seen.end()
    if not seen.tracklets:
        return None
    left_out = seen.left_out
    return Strip(*seen.laid(), left_out=left_out, turned=turned, smallest_face=smallest, metadata=metadata)


class _Seen:
    """All tracklets so far, and those that the next still may go on with."""

    def __init__(self) -> None:
        self.tracklets: list[Tracklet] = []
        self.left_out = 0
        self._open: list[Tracklet] = []
        self._most = BEST

    def look(self, still: Still, faces: Sequence[FoundFace]) -> None:
        before = [] if still.new_scene else self._open
        if before and still.seconds - before[0].seconds > MOST_PAUSE and _moved(before, faces):
            before = []
        linked = {link.face: link for link in links([one.box for one in before], [face.box for face in faces])}
        following = []
        for number, face in enumerate(faces):
            others = [other.box for place, other in enumerate(faces) if place != number]
            sight = _cut_out(still, face, others)
            if (link := linked.get(number)) is None:
                tracklet = Tracklet(face.box, still.seconds, sight, [sight])
                self.tracklets.append(tracklet)
            else:
                tracklet = before[link.before]
                tracklet.box, tracklet.seconds = face.box, still.seconds
                tracklet.doubted = tracklet.doubted or link.beside
                tracklet.add(sight, self._most)
            following.append(tracklet)
        for tracklet in self._open:
            if tracklet not in following:
                tracklet.end()
        self._open = following
        if len(self.tracklets) > 2 * MOST_FACES or self._pixels() > 2 * ROOM:
            self.make_room()

    def end(self) -> None:
        for tracklet in self._open:
            tracklet.end()
        self.make_room()

    def make_room(self) -> None:
        """Fewer sights of each face first; then the faces that are seen worst are left out, and counted."""
        self._keep(MOST_FACES)
        while self._pixels() > ROOM:
            if self._most > 1:
                self._most -= 1
                for one in self.tracklets:
                    one.best = one.best[: self._most]
            else:
                self._keep(len(self.tracklets) - 1)

    def _keep(self, most: int) -> None:
        """In the order in which they came; who is seen worst goes."""
        ranked = sorted(self.tracklets, key=lambda one: -one.best[0].worth)
        gone = ranked[most:]
        self.tracklets = [one for one in self.tracklets if one not in gone]
        self.left_out += len(gone)

    def laid(self) -> tuple[Pixels, tuple[FoundFace, ...]]:
        """The strip's pixels and its faces, the one that is seen best first."""
        ordered = sorted(self.tracklets, key=lambda one: -one.best[0].worth)
        places, size = _laid(self._sizes(ordered))
        pixels = np.full((*size, 3), GREY, np.uint8)
        left_places = iter(places)
        faces = []
        for one in ordered:
            frames = []
            for sight in one.best:
                top, left = next(left_places)
                tall, wide = sight.crop.shape[:2]
                pixels[top : top + tall, left : left + wide] = sight.crop
                frames.append(_frame(sight, top, left, size))
            best = frames[0]
            faces.append(FoundFace(best.box, best.landmarks, best.quality, tuple(frames)))
        return pixels, tuple(faces)

    def _pixels(self) -> int:
        """What the strip would have, with what is lost between crops of unequal height."""
        if not self.tracklets:
            return 0
        _, (height, width) = _laid(self._sizes(self.tracklets))
        return height * width

    def _sizes(self, tracklets: Sequence[Tracklet]) -> list[tuple[int, int]]:
        return [(sight.crop.shape[0], sight.crop.shape[1]) for one in tracklets for sight in one.best]


def _moved(before: Sequence[Tracklet], faces: Sequence[FoundFace]) -> bool:
    """Whether somebody came or went in a pause that is longer than a moving picture has: then nobody is followed over it."""
    return len(links([one.box for one in before], [face.box for face in faces])) < max(len(before), len(faces))


@dataclass(frozen=True, slots=True)
class _Window:
    """A piece of a frame, in its pixels; it may reach past the edges."""

    left: int
    top: int
    width: int
    height: int

    def inside(self, size: tuple[int, int]) -> tuple[slice, slice]:
        """The rows and columns of a frame (height and width) that the window shows."""
        height, width = size
        x0, y0 = min(max(self.left, 0), width), min(max(self.top, 0), height)
        return slice(y0, max(y0, min(self.top + self.height, height))), slice(
            x0, max(x0, min(self.left + self.width, width))
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A place of the frame, in pixels, as fractions of the window."""
        return (x - self.left) / self.width, (y - self.top) / self.height

    def rows_and_columns(self, box: Box, size: tuple[int, int], margin: float) -> tuple[slice, slice]:
        """Of what lies in the frame of the window: those of a box (fractions of a frame of `size`) with its margin."""
        height, width = size
        rows, columns = self.inside(size)
        left = math.floor((box.left - margin * box.width) * width) - columns.start
        right = math.ceil((box.left + (1 + margin) * box.width) * width) - columns.start
        top = math.floor((box.top - margin * box.height) * height) - rows.start
        bottom = math.ceil((box.top + (1 + margin) * box.height) * height) - rows.start
        return slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))


def _cut_out(still: Still, face: FoundFace, others: Sequence[Box]) -> Sight:
    """The face with its margin, grey where the frame ends and where other people's faces are."""
    size = height, width = still.pixels.shape[0], still.pixels.shape[1]
    box = face.box
    reach = 1 + 2 * MARGIN
    wide, tall = max(1, math.ceil(reach * box.width * width)), max(1, math.ceil(reach * box.height * height))
    factor = math.ceil(max(wide, tall) / CROP)
    window = _Window(
        math.floor((box.left - MARGIN * box.width) * width),
        math.floor((box.top - MARGIN * box.height) * height),
        math.ceil(wide / factor) * factor,
        math.ceil(tall / factor) * factor,
    )
    rows, columns = window.inside(size)
    shown = still.pixels[rows, columns]
    if others:
        core, shown = shown[window.rows_and_columns(box, size, CORE)], shown.copy()
        for other in others:
            shown[window.rows_and_columns(other, size, HEAD)] = GREY
        shown[window.rows_and_columns(box, size, CORE)] = core
    crop = cut(
        shown,
        window.left - columns.start,
        window.top - rows.start,
        rows=window.height // factor,
        columns=window.width // factor,
        step=factor,
        beyond=GREY,
    )
    begin = window.point(box.left * width, box.top * height)
    placed = FoundFace(
        Box(*begin, box.width * width / window.width, box.height * height / window.height),
        tuple(window.point(x * width, y * height) for x, y in face.landmarks),
        face.quality,
    )
    return Sight(still.seconds, worth(face.quality), np.rint(crop).astype(np.uint8), placed)


def _frame(sight: Sight, top: int, left: int, size: tuple[int, int]) -> Frame:
    """The sight where its crop lies in a strip of `size`, height and width."""
    height, width = size
    tall, wide = sight.crop.shape[:2]
    box = sight.face.box
    return Frame(
        round(sight.seconds, 3),
        Box(
            (left + box.left * wide) / width,
            (top + box.top * tall) / height,
            box.width * wide / width,
            box.height * tall / height,
        ),
        tuple(((left + x * wide) / width, (top + y * tall) / height) for x, y in sight.face.landmarks),
        sight.face.quality,
    )


def _laid(sizes: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """(top, left) of each crop, in rows as wide as they are high together; and the height and width of them all."""
    across = max(max(width for _, width in sizes), math.isqrt(sum(height * width for height, width in sizes)))
    places = []
    top = left = row = 0
    for height, width in sizes:
        if left + width > across:
            top, left, row = top + row, 0, 0
        places.append((top, left))
        left, row = left + width, max(row, height)
    return places, (top + row, across)
