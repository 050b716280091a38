"""The process in which strangers' files are read, one file a child: `python -m beholden.media.cell SOCKET`.

It is begun with nothing open but its socket and nothing in its memory but the decoders. Everything is imported and tried out
first; then it shuts itself off from files and network, and for each file forks a child that is narrowed further, reads
that one file, and ends. What a file does to its child dies with it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from io import BytesIO
from typing import NoReturn

from beholden.errors import UnreadableImage
from beholden.media import extras, walls
from beholden.media.pillow import MAX_PIXELS, PillowMedia
from beholden.records.metadata import as_told

# A picture of the most pixels, 16 bits a channel, some copies of it, and a decoder's own tables. Measured: 1.5 GB for 100 MP.
MEMORY = 3 * 1024**3
SECONDS = 30  # of processor time; a 100-megapixel PNG takes 6
WRITTEN = MAX_PIXELS * 3
MOST_SAID = 8 * 1024  # bytes of a report: what a file makes its reader say is not kept without end
LIMITS = walls.Limits(MEMORY, SECONDS, WRITTEN)


def main() -> None:
    guard = socket.socket(fileno=int(sys.argv[1]))
    wanted = tuple(sys.argv[2].split(","))
    walls.hide_memory()
    media = PillowMedia()
    _try_out(media)
    narrow = walls.narrowing() if walls.SECCOMP in wanted else _nothing_more
    if walls.LANDLOCK in wanted:
        walls.shut_files_and_network()
    gc.freeze()  # the children share these pages instead of copying them
    guard.send(b"ready")
    while True:
        said, fds, _, _ = socket.recv_fds(guard, 64, 2)
        if not said:  # the system ended, however it did; PR_SET_PDEATHSIG would fire when one of its threads does
            return
        content, result = fds
        report = _read_apart(media, narrow, guard, content, result)
        os.close(content)  # before it is told: who has the report knows that nothing of the file is open here
        os.close(result)
        guard.send(report)


def _read_apart(
    media: PillowMedia, narrow: Callable[[], None], guard: socket.socket, content: int, result: int
) -> bytes:
    """The child's report, or how it ended without one. Its pixels lie in `result`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(media, narrow, guard, (content, result, reading, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        report = pipe.read(MOST_SAID)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return json.dumps({"ended": signal.Signals(os.WTERMSIG(status)).name}).encode()
    return report or json.dumps({"ended": f"exit {os.waitstatus_to_exitcode(status)}"}).encode()


def _be_child(
    media: PillowMedia, narrow: Callable[[], None], guard: socket.socket, fds: tuple[int, int, int, int]
) -> NoReturn:
    content, result, reading, writing = fds
    status = 1
    try:
        walls.die_with_parent()
        guard.close()
        os.close(reading)
        walls.limit(LIMITS)
        narrow()
        os.write(writing, _read(media, content, result))
        status = 0
    finally:
        os._exit(status)  # no cleaning up, no traceback: what a file did to this process is not listened to


def _read(media: PillowMedia, content: int, result: int) -> bytes:
    try:
        picture = media.decode(os.pread(content, media.max_bytes + 1, 0))
        height, width = picture.pixels.shape[:2]
        pixels, done = picture.pixels.reshape(-1).data, 0
        while done < len(pixels):
            done += os.pwrite(result, pixels[done:], done)
    except UnreadableImage as error:
        return json.dumps({"unreadable": str(error)[: MOST_SAID // 4]}).encode()
    except MemoryError:
        return json.dumps({"ended": "MemoryError"}).encode()
    told = {"height": height, "width": width, "kind": picture.kind, "turned": picture.turned, "frames": picture.frames}
    return json.dumps(told | {"metadata": as_told(picture.metadata)}).encode()


def _try_out(media: PillowMedia) -> None:
    """Read one small picture of each format: what a decoder loads at its first use cannot be loaded behind the walls."""
    from PIL import Image, ImageCms, features

    Image.init()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kinds = ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000"] + ["AVIF"] * bool(features.check("avif"))
    for kind in kinds:
        drawn = BytesIO()
        Image.new("RGB", (8, 8)).save(drawn, kind, icc_profile=profile)
        media.decode(drawn.getvalue())
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "jpeg"):
        drawn = BytesIO()
        Image.new("RGB", (8, 8)).save(drawn, "TIFF", compression=compression)
        media.decode(drawn.getvalue())
    for kind in extras.there():
        media.decode(extras.SMALL[kind])


def _nothing_more() -> None:
    """A machine without seccomp has no further wall; `walls.there` says so, and who opens the system decides."""


if __name__ == "__main__":
    main()
