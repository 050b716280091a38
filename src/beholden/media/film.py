"""Videos read behind walls: the frames that `video.py` samples come one at a time out of a process that can do nothing else."""

from __future__ import annotations

import mmap
import os
from collections.abc import Generator
from typing import Any

import numpy as np

from beholden.errors import Fault, UnreadableImage
from beholden.media import film_cell, video
from beholden.media.reader_process import ReaderProcess, told
from beholden.ports.media import Still
from beholden.records.metadata import Metadata, checked

PATIENCE = 300.0  # seconds for one still on a busy machine: half a second of 8K is read in five
MODULE = "beholden.media.film_cell"
SLOW = f"it takes more than {film_cell.SECONDS} seconds of computing"
ENDS = {
    "SIGXCPU": SLOW,
    "SIGKILL": SLOW,
    "SIGXFSZ": "it writes more pixels than are read",
    "SIGSYS": "it made its reader ask for something that no video needs",
    "MemoryError": "it takes more memory than a video may",
}


def stills(content: bytes, wanted: tuple[str, ...]) -> Generator[Still]:
    """As `video.stills_of`, behind these walls. The process ends with the iterator, however that ends.

    Raises `UnreadableImage`, and `Fault` where the process cannot be begun.
    """
    video.check_readable(content)
    begun = ReaderProcess(wanted, MODULE, PATIENCE)
    count, seconds = 0, 0.0
    try:
        report = _next(begun, content)
        while "done" not in report:
            still = _still(report, begun.result, seconds)
            count, seconds = count + 1, still.seconds
            if count > video.MAX_STILLS:
                raise _damaged()
            yield still
            report = _next(begun, None)
        if not count:
            raise _damaged()
    finally:
        begun.end()


def _next(begun: ReaderProcess, content: bytes | None) -> dict[str, Any]:
    try:
        said = begun.ask(content) if content is not None else begun.ask_more(film_cell.MORE)
    except TimeoutError:
        raise UnreadableImage(
            f"the video is not read: a piece of it takes more than {PATIENCE:.0f} seconds; convert it to H.264 in MP4 and give that"
        ) from None
    except OSError as error:
        if not isinstance(error, BrokenPipeError | ConnectionResetError):
            raise Fault(f"the video cannot be handed to its reader ({error.strerror}); try again") from error
        said = b""
    if not said:
        raise UnreadableImage(
            f"the video is not read: {_why_ended(begun.ended())}; convert it to H.264 in MP4 and give that"
        )
    return told(said)


def _why_ended(name: str) -> str:
    return ENDS.get(name, f"reading it ended with {name}")


def _still(report: dict[str, Any], result: int, since: float) -> Still:
    """What the report says, believed as far as it can be: by its sizes, by its clock, and by what lies in `result`."""
    if "unreadable" in report:
        raise UnreadableImage(str(report["unreadable"]))
    if "ended" in report:
        raise UnreadableImage(f"the video is not read: {_why_ended(str(report['ended'])[:40])}")
    height, width = _side(report.get("height")), _side(report.get("width"))
    ms, cut, turned = report.get("ms"), report.get("new_scene"), report.get("turned")
    if not height * width or height * width > video.MAX_PIXELS or type(cut) is not bool or type(turned) is not bool:
        raise _damaged()
    if type(ms) is not int or not round(since * 1000) <= ms < 2**40:
        raise _damaged()
    metadata = _metadata(report.get("metadata"))
    if os.fstat(result).st_size < height * width * 3:
        raise UnreadableImage("the video gave other pixels than it declared; copy it again from its source")
    with mmap.mmap(result, height * width * 3, access=mmap.ACCESS_READ) as pixels:
        copied = np.frombuffer(pixels, np.uint8).reshape(height, width, 3).copy()
    return Still(copied, ms / 1000, cut, turned, metadata)


def _metadata(said: object) -> Metadata:
    if not isinstance(said, dict):
        raise _damaged()
    try:
        return checked(said)
    except ValueError:
        raise _damaged() from None


def _side(said: object) -> int:
    return said if type(said) is int and 0 < said <= video.MAX_SIDE else 0


def _damaged() -> UnreadableImage:
    return UnreadableImage("the video is damaged and is not repaired; copy it again from its source")
