"""Videos read by PyAV (FFmpeg) within limits: a file only, no network, some of its frames, never its sound."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from beholden.errors import UnreadableImage
from beholden.media.containers import brands
from beholden.media.metadata import digital_source_in, tags_of
from beholden.ports.media import Pixels, Still

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

MAX_BYTES = 512 * 1024 * 1024  # it lies twice in memory, once for its reader: a machine of 2 GB still has room
MAX_PIXELS = 40_000_000  # of a frame; 8K has 33 million
MAX_SIDE = 10_000
MAX_DECODED = 250_000  # frames: two hours and a half at 25 a second
MAX_STILLS = 9_000  # half an hour in which something moves all the time
MAX_STREAMS = 32

EVERY = 0.2  # seconds between two stills where something moves: a head that turns or comes nearer can be followed
AT_REST = 4.0  # … and where nothing does
AT_MOST_DECODED = 120  # frames between two stills, for a file whose clock stands still
# A frame looked at in grey, 64 x 36: levels (0–255) by which it differs on average where the picture was cut, and by which
# any place of it differs where something moved. PySceneDetect takes 27 for a cut.
SMALL = (64, 36)
CUT, MOVED = 27.0, 5
SLOWLY, RECENT = 1.0, 8  # seconds, stills: one scene that dissolves into another in that time is cut as well

# The container by its first bytes, and FFmpeg's name for what reads it: never "whatever it may be", or a text that names
# other files (HLS, concat, DASH, SDP) would be a video.
READERS = {"MP4": "mov", "MOV": "mov", "MKV": "matroska", "WEBM": "matroska", "AVI": "avi", "MPEG-TS": "mpegts"}
CONTAINERS = "MP4, MOV, MKV, WebM, AVI, MPEG-TS"  # as people write them
CODECS = frozenset(
    (
        *("h264", "hevc", "libdav1d", "vp8", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg"),
        *("h263", "msmpeg4", "msmpeg4v2", "dvvideo", "prores", "theora", "ffv1"),
    )
)
# ISO media with one of these brands are pictures (HEIF, AVIF); their readers are others.
_PICTURES = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1 avif avis miaf jpeg j2ki".split())
_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # a QuickTime file older than brands begins with one
_UNSAID, _BT709 = 2, 1  # FFmpeg's numbers of colour spaces
_PACKET = 188  # bytes of a transport stream's packet, each of which begins with G


def kind_of(content: bytes) -> str:
    """The container's name, or "" for what is no video that is read."""
    head = content[:64]
    if claimed := brands(content):
        return "" if _PICTURES.intersection(claimed) else "MOV" if claimed[0] == b"qt  " else "MP4"
    if head[4:8] in _ATOMS:
        return "MOV"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "WEBM" if b"webm" in head else "MKV"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "AVI"
    if len(content) > 2 * _PACKET and content[0] == content[_PACKET] == content[2 * _PACKET] == 0x47:
        return "MPEG-TS"
    return ""


def is_there() -> bool:
    """Whether the extra that reads videos is installed."""
    return find_spec("av") is not None


def check_readable(content: bytes) -> None:
    """Raises `UnreadableImage` for what is refused without a look inside."""
    kind = kind_of(content)
    if not kind:
        raise UnreadableImage(f"the file is no video in a container that is read ({CONTAINERS})")
    if len(content) > MAX_BYTES:
        raise UnreadableImage(
            f"the video has {len(content):,} bytes, more than the {MAX_BYTES:,} that are read; cut out the part you need"
        )
    if not is_there():
        raise UnreadableImage(
            f"the file is a video ({kind}), and what reads videos is not installed: install beholden[video], or export "
            "the frames you need as PNG"
        )


def stills_of(content: bytes) -> Generator[Still]:
    """The stills of a video that is in memory, read in this process."""
    check_readable(content)
    yield from stills(BytesIO(content), kind_of(content))


def stills(file: BinaryIO, kind: str) -> Generator[Still]:
    """Raises `UnreadableImage`."""
    chosen = _Choice()
    source = digital_source_in(file)
    file.seek(0)
    with _damage_told(chosen), _opened(file, kind) as container:
        stream = _stream(container)
        metadata = replace(tags_of(container.metadata), digital_source=source)
        begun: float | None = None
        size = (0, 0)
        for number, frame in enumerate(_frames(container, stream)):
            if number >= MAX_DECODED:
                raise UnreadableImage(
                    f"the video has more than the {MAX_DECODED:,} frames that are read; cut it in parts"
                )
            _check_size(frame.width, frame.height)
            told = frame.time
            seconds = float(told) if told is not None and math.isfinite(told) else number / 25  # a file without a clock
            if begun is None:
                begun, size = seconds, (frame.width, frame.height)
            if (frame.width, frame.height) != size:
                raise UnreadableImage("the video's frames change their size in the middle; convert it, and give that")
            if chosen.takes(_small(frame), max(0.0, round(seconds - begun, 3))):
                pixels, turned = _upright(frame, stream)
                yield Still(pixels, chosen.seconds, chosen.new_scene, turned, metadata)
    if not chosen.count:
        raise UnreadableImage("the video has no frame that can be read; copy it again from its source")


class _Choice:
    """Which frames are looked at: those after a cut, and those some time after the last where something moved."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.new_scene = True
        self._cut = True
        self._since = 0
        self._last: NDArray[np.int16] | None = None
        self._taken: NDArray[np.int16] | None = None
        self._recent: list[tuple[float, NDArray[np.int16]]] = []

    def takes(self, small: NDArray[np.int16], seconds: float) -> bool:
        seconds = max(seconds, self.seconds)  # a clock that goes backwards is not believed
        self._cut = self._cut or (self._last is not None and _far(small, self._last))
        self._last = small
        self._since += 1
        if self._taken is not None and not self._due(small, seconds):
            return False
        if self.count >= MAX_STILLS:
            raise UnreadableImage(
                f"the video gives more than the {MAX_STILLS:,} that are looked at (half an hour of movement); cut it in parts"
            )
        recent = [one for at, one in self._recent if seconds - at <= SLOWLY]
        self.new_scene = self._cut or self._taken is None or any(_far(small, one) for one in recent)
        self._recent = [] if self.new_scene else self._recent[-RECENT:]
        self._recent.append((seconds, small))
        self.count, self.seconds, self._taken, self._cut, self._since = self.count + 1, seconds, small, False, 0
        return True

    def _due(self, small: NDArray[np.int16], seconds: float) -> bool:
        if self._cut or self._since >= AT_MOST_DECODED:
            return True
        waited = round(seconds - self.seconds, 3)
        moved = self._taken is not None and int(np.abs(small - self._taken).max()) > MOVED
        return waited >= (EVERY if moved else AT_REST)


def _far(one: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    return float(np.abs(one - other).mean()) >= CUT


@contextmanager
def _opened(file: BinaryIO, kind: str) -> Iterator[InputContainer]:
    import av

    av.logging.set_level(None)
    with av.open(
        file,
        "r",
        format=READERS[kind],
        # Parts of a video that lie in other files are asked for by a protocol, and none is allowed.
        options={
            "protocol_whitelist": "none",
            "codec_whitelist": ",".join(sorted(CODECS)),
            "max_streams": str(MAX_STREAMS),
        },
        metadata_errors="replace",
    ) as container:
        yield container


def _stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise UnreadableImage("the file has sound only, or pictures in a form that is not read; give a video")
    stream = container.streams.video[0]
    context: av.VideoCodecContext | None = stream.codec_context
    if context is None or context.name not in CODECS:  # None: FFmpeg does not know it, or the file is damaged there
        written = f"written as {context.name[:20]}" if context else "in a form"
        raise UnreadableImage(f"the video is {written} that is not read; convert it to H.264 in MP4")
    _check_size(context.width, context.height)
    context.thread_count = 1
    context.thread_type = "NONE"
    return stream


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    for frame in container.decode(stream):
        if not frame.is_corrupt:
            yield frame


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise UnreadableImage(
            f"the video declares frames of {width:,} x {height:,} pixels; at most {MAX_SIDE:,} a side and {MAX_PIXELS:,} in "
            "all are read; convert it to a smaller one"
        )


def _small(frame: av.VideoFrame) -> NDArray[np.int16]:
    grey = frame.reformat(width=SMALL[0], height=SMALL[1], format="gray", threads=1)
    return grey.to_ndarray().astype(np.int16)


def _upright(frame: av.VideoFrame, stream: VideoStream) -> tuple[Pixels, bool]:
    """As a player shows it: in RGB, its pixels square, turned as the container says; and whether it was turned."""
    width, height = frame.width, frame.height
    shape = stream.sample_aspect_ratio
    if shape and 0.1 <= float(shape) <= 10 and shape != 1:
        width = max(1, round(width * float(shape)))
        _check_size(width, height)
    plain = frame.reformat(width=width, height=height, format="rgb24", src_colorspace=_colours(frame), threads=1)
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(plain.to_ndarray(), quarters)), quarters != 0


def _colours(frame: av.VideoFrame) -> int | None:
    """Of a file that does not say: ITU-R BT.709 where it is a large picture, as players take it (mpv's rule)."""
    large = frame.width >= 1280 or frame.height > 576
    return _BT709 if frame.colorspace == _UNSAID and large else None


@contextmanager
def _damage_told(chosen: _Choice) -> Iterator[None]:
    import av

    try:
        yield
    except (av.error.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, TypeError, RuntimeError) as error:
        if isinstance(error, UnreadableImage):
            raise
        after = f" after {chosen.seconds:.1f} seconds" if chosen.count else ""
        raise UnreadableImage(
            f"the video is damaged or cut short{after} and is not repaired ({type(error).__name__}); copy it again from "
            "its source, or convert the part that a player shows"
        ) from error
