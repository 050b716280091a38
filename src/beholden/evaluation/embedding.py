"""Photographs in, faces out: one face a photograph, the one nearest the centre, by one process or by several."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholden.errors import BadInput, Fault, UnreadableImage
from beholden.evaluation.cache import Seen, TemplateCache
from beholden.evaluation.faces import QUALITY, Faces
from beholden.evaluation.images import LabelledImages, opened
from beholden.ports.media import Media
from beholden.ports.model import FoundFace, Model, ModelCard
from beholden.processes import Broken, Helpers

MEASURING = "measuring-1"  # the version of the rules of this file: change it, and every template is made anew
LEAST_SCORE = 0.2  # of a face that is taken where none is sure; the model must be opened with it
SURE = 0.6  # a face that scores this is taken before any that does not, wherever they lie
CHUNK = 16  # photographs handed to a worker at once: 0.3 s of work, beside which the handing over is nothing

Parts = Callable[[], tuple[Model, Media]]


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """`seen` is None where the file cannot be read as a picture; nothing is kept of it then."""

    digest: bytes
    seen: Seen | None


def space_of(card: ModelCard) -> str:
    """What the templates of a measurement depend on, for the cache."""
    return f"{card.space_id} {MEASURING}"


def nearest_centre(faces: Sequence[FoundFace]) -> FoundFace | None:
    """Of the sure faces, or of all above 0.2 where none is sure, the one whose box lies nearest the picture's centre."""
    sure = [face for face in faces if face.quality.detector >= SURE]
    unsure = [face for face in faces if face.quality.detector >= LEAST_SCORE]
    return min(sure or unsure, key=_from_centre, default=None)


def make_faces(
    images: LabelledImages,
    parts: Parts,
    *,
    cache: TemplateCache | None,
    workers: int = 1,
    tell: Callable[[int, int], None],
) -> tuple[Faces, tuple[str, ...]]:
    """One row a photograph, and the names of the files that cannot be read, which count as not found too.

    `parts` opens the model (at a detector score of 0.2) and the picture reader, once in each process: a function of a
    module, so that it reaches the workers. `tell` is called with how many photographs are done, and of how many. Raises
    `Fault` when it is stopped, when a worker dies or a file can no longer be opened: what was made stays in the cache.
    """
    if workers < 1:
        raise BadInput("a measurement needs at least one worker")
    model, media = parts()
    rows = _Rows(images, model.card.dimension)
    kept = "what was made is kept" if cache is not None and cache.writing else "nothing was kept"
    try:
        waiting = _take_kept(images, rows, cache, media.max_bytes, tell)
        paths = [(place, images.root / images.names[place]) for place in waiting]
        helpers = min(workers, math.ceil(len(paths) / CHUNK))
        made = _by_workers(paths, parts, helpers) if helpers > 1 else _by_oneself(paths, model, media)
        with closing(made):
            for place, looked in made:
                if cache is not None and looked.seen is not None:
                    cache.keep(looked.digest, looked.seen)
                rows.fill(place, looked.seen)
                tell(rows.done, len(images.names))
    except KeyboardInterrupt as stop:
        raise Fault(
            f"stopped after {rows.done:,} of {len(images.names):,} photographs; {kept}: run the same again"
        ) from stop
    except Broken as broken:
        first = images.root / images.names[int(np.argmin(rows.filled))]
        raise Fault(
            f"a worker ended by itself, after {rows.done:,} of {len(images.names):,} photographs ({kept}): often the "
            "memory is too small, so run the same with fewer workers; if it ends again, the photograph that it cannot "
            f"bear is among the {2 * workers * CHUNK} from {str(first)!r} on"
        ) from broken
    return rows.faces(), tuple(images.names[place] for place in sorted(rows.unreadable))


class _Rows:
    """The table that is filled, in whatever order the photographs are done."""

    def __init__(self, images: LabelledImages, dimension: int) -> None:
        count = len(images.names)
        self._images = images
        self._templates = np.zeros((count, dimension), dtype=np.float32)
        self._found = np.zeros(count, dtype=np.bool_)
        self._quality = {name: np.full(count, np.nan) for name in QUALITY}
        self.filled = np.zeros(count, dtype=np.bool_)
        self.done = 0
        self.unreadable: list[int] = []

    def fill(self, place: int, seen: Seen | None) -> None:
        self.filled[place] = True
        self.done += 1
        if seen is None:
            self.unreadable.append(place)
        elif seen.face is not None:
            self._found[place] = True
            self._templates[place] = seen.face.template
            for name in QUALITY:
                number = getattr(seen.face.quality, name)
                self._quality[name][place] = np.nan if number is None else number

    def faces(self) -> Faces:
        held = self._images
        return Faces(held.names, held.identities, held.people, self._templates, self._found, self._quality)


def _from_centre(face: FoundFace) -> float:
    box = face.box
    return (box.left + box.width / 2 - 0.5) ** 2 + (box.top + box.height / 2 - 0.5) ** 2


def _take_kept(
    images: LabelledImages, rows: _Rows, cache: TemplateCache | None, most: int, tell: Callable[[int, int], None]
) -> list[int]:
    """Fill in what the cache holds; the places that are left."""
    count = len(images.names)
    tell(0, count)
    if cache is None or not len(cache):
        return list(range(count))
    left = []
    for place, name in enumerate(images.names):
        content = _content(images.root / name, most)
        seen = None if content is None else cache.get(hashlib.sha256(content).digest())
        if seen is None:
            left.append(place)
        else:
            rows.fill(place, seen)
            tell(rows.done, count)
    return left


def _content(path: Path, most: int) -> bytes | None:
    """None for a file of more than `most` bytes."""
    try:
        with opened(path) as file:
            content = file.read(most + 1)
    except OSError as error:
        raise Fault(
            f"{str(path)!r} can no longer be opened ({error.strerror}): see that the folder stays as it is while it is "
            "measured, and run the same again"
        ) from error
    return content if len(content) <= most else None


def _look(path: Path, model: Model, media: Media) -> _Looked:
    content = _content(path, media.max_bytes)
    if content is None:
        return _Looked(b"", None)
    digest = hashlib.sha256(content).digest()
    try:
        pixels = media.decode(content).pixels
    except UnreadableImage:
        return _Looked(digest, None)
    face = nearest_centre(model.find(pixels))
    return _Looked(digest, Seen(None if face is None else model.embed(pixels, [face])[0]))


def _by_oneself(
    paths: list[tuple[int, Path]], model: Model, media: Media
) -> Generator[tuple[int, _Looked], None, None]:
    for place, path in paths:
        yield place, _look(path, model, media)


def _by_workers(
    paths: list[tuple[int, Path]], parts: Parts, workers: int
) -> Generator[tuple[int, _Looked], None, None]:
    """A few chunks are handed out ahead of the first that is not done, so that hardly a worker waits, memory does not grow with
    the folder, and whoever dies does so on one of these few."""
    chunks = deque(enumerate(paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)))
    out: dict[Future[list[_Looked]], tuple[int, list[tuple[int, Path]]]] = {}
    with Helpers(workers, parts) as helpers:
        while chunks or out:
            first = min((number for number, _ in out.values()), default=chunks[0][0] if chunks else 0)
            while chunks and chunks[0][0] < first + 2 * workers:
                number, chunk = chunks.popleft()
                out[helpers.ask(_look_at_all, [path for _, path in chunk])] = (number, chunk)
            ended, _ = wait(out, return_when=FIRST_COMPLETED)
            for future in ended:
                _, chunk = out.pop(future)
                yield from zip((place for place, _ in chunk), future.result(), strict=True)


def _look_at_all(parts: tuple[Model, Media], paths: list[Path]) -> list[_Looked]:
    model, media = parts
    return [_look(path, model, media) for path in paths]
