"""Pictures decoded behind walls: what `pillow.py` does to a stranger's file happens in a process that can do nothing else."""

from __future__ import annotations

import errno
import mmap
import os
import queue
from collections.abc import Generator
from functools import lru_cache
from typing import Any

import numpy as np

from beholden.errors import Fault, UnreadableImage
from beholden.media import film, walls
from beholden.media.cell import SECONDS
from beholden.media.pillow import KINDS, MAX_BYTES, MAX_FRAMES, MAX_PIXELS, MAX_SIDE, PillowMedia
from beholden.media.reader_process import ReaderProcess, told
from beholden.ports.media import Picture, Still
from beholden.records.metadata import Metadata, checked

PATIENCE = 2 * SECONDS  # seconds: a file that sleeps uses no processor time
KEPT = 32 * 1024 * 1024  # bytes of shared memory that stay for the next picture: new pages cost more than writing them
ENDS = {
    "SIGXCPU": f"it takes more than {SECONDS} seconds of computing",
    "SIGKILL": f"it takes more than {SECONDS} seconds of computing",
    "SIGXFSZ": "it writes more pixels than are read",
    "SIGSYS": "it made its reader ask for something that no picture needs",
    "MemoryError": "it takes more memory than a picture may",
}


class SandboxedMedia(PillowMedia):
    """`sandbox:` has no settings. As many files are read at once as there are processors."""

    def __init__(self, address: str = "sandbox:") -> None:
        if address != "sandbox:":
            raise Fault(f"{address!r} is no address of a picture reader; write it as sandbox:")
        super().__init__()
        self._walls = walls.there()

    @property
    def missing_walls(self) -> tuple[str, ...]:
        return tuple(wall for wall in walls.EVERY if wall not in self._walls)

    def decode(self, content: bytes) -> Picture:
        if not content or len(content) > MAX_BYTES:
            return super().decode(content)  # refused by its length alone: not a byte is looked at
        cells = _cells(os.getpid())
        cell = cells.get()
        try:
            return cell.read(content, self._walls)
        finally:
            cells.put(cell)

    def stills(self, content: bytes) -> Generator[Still]:
        return film.stills(content, self._walls)


@lru_cache(maxsize=1)
def _cells(process: int) -> queue.LifoQueue[_Cell]:  # noqa: ARG001 - it is what the pool is kept by
    """The readers of this process, for all its systems: they keep nothing of any. A fork begins its own."""
    cells: queue.LifoQueue[_Cell] = queue.LifoQueue()
    for _ in range(os.cpu_count() or 1):
        cells.put(_Cell())
    return cells


class _Cell:
    """One process of `cell.py`, begun when it is first needed and again when it had to be ended."""

    def __init__(self) -> None:
        self._begun: ReaderProcess | None = None

    def read(self, content: bytes, wanted: tuple[str, ...]) -> Picture:
        if self._begun is None or not self._begun.alive():
            self.end()
            self._begun = ReaderProcess(wanted, "beholden.media.cell", PATIENCE)
        begun = self._begun
        said = told(self._ask(begun, content))
        try:
            return _picture(said, begun.result)
        finally:
            _wipe(begun.result)

    def end(self) -> None:
        if self._begun is not None:
            self._begun.end()
            self._begun = None

    def _ask(self, begun: ReaderProcess, content: bytes) -> bytes:
        try:
            if said := begun.ask(content):
                return said
        except TimeoutError:
            self.end()
            raise UnreadableImage(
                f"the file is not read: it takes more than {PATIENCE} seconds; export it as PNG or JPEG and give that"
            ) from None
        except OSError as error:  # the other end is gone; a full memory is none of that
            if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.EBADF):
                raise Fault(f"the picture cannot be handed to its reader ({error.strerror}); try again") from error
        self.end()
        raise Fault("the process that reads pictures ended; try again, and look at the system's log if it goes on")


def _picture(report: dict[str, Any], result: int) -> Picture:
    """What the report says, believed as far as it can be: by its sizes and by what lies in `result`."""
    if "unreadable" in report:
        raise UnreadableImage(str(report["unreadable"]))
    if "ended" in report:
        why = ENDS.get(str(report["ended"]), f"reading it ended with {str(report['ended'])[:40]}")
        raise UnreadableImage(f"the file is not read: {why}; export it as PNG or JPEG and give that")
    height, width = _side(report.get("height")), _side(report.get("width"))
    kind, turned = report.get("kind"), report.get("turned")
    frames, metadata = report.get("frames"), _metadata(report.get("metadata"))
    believed = kind in KINDS and type(turned) is bool and type(frames) is int and 0 < frames <= MAX_FRAMES
    if not 0 < height * width <= MAX_PIXELS or not believed or metadata is None:
        raise UnreadableImage("the file is damaged and is not repaired; copy it again from its source")
    if os.fstat(result).st_size < height * width * 3:
        raise UnreadableImage("the file gave other pixels than it declared; copy it again from its source")
    with mmap.mmap(result, height * width * 3, access=mmap.ACCESS_READ) as pixels:
        copied = np.frombuffer(pixels, np.uint8).reshape(height, width, 3).copy()
    return Picture(copied, str(kind), bool(turned), int(str(frames)), metadata)


def _metadata(said: object) -> Metadata | None:
    try:
        return checked(said) if isinstance(said, dict) else None
    except ValueError:
        return None


def _side(said: object) -> int:
    return said if type(said) is int and 0 < said <= MAX_SIDE else 0


def _wipe(result: int) -> None:
    """What one file gave is not there for the reader of the next."""
    if (size := os.fstat(result).st_size) > KEPT:
        os.ftruncate(result, 0)
    elif size:
        os.pwrite(result, bytes(size), 0)
