"""The process in which one stranger's video is read: `python -m beholden.media.film_cell SOCKET WALLS`.

It imports and tries out what reads videos, is handed one file, shuts itself off from everything else, and gives one frame
after another as it is asked for them. It ends with that file: a video is long, so a process for each costs nothing.
"""

from __future__ import annotations

import io
import json
import os
import socket
import sys
from typing import cast

from beholden.errors import UnreadableImage
from beholden.media import video, walls
from beholden.ports.media import Pixels
from beholden.records.metadata import as_told

MEMORY = 3 * 1024**3  # bytes of address space; an 8K HEVC with 16 frames kept by its decoder takes 1.1 GB
SECONDS = 900  # of processor time: the most frames that are read, at 300 a second
WRITTEN = video.MAX_PIXELS * 3
MOST_SAID = 4 * 1024  # bytes of a report
LIMITS = walls.Limits(MEMORY, SECONDS, WRITTEN)
MORE = b"more"


def main() -> None:
    guard = socket.socket(fileno=int(sys.argv[1]))
    wanted = tuple(sys.argv[2].split(","))
    walls.hide_memory()
    if video.is_there():
        _try_out()
    narrow = walls.narrowing() if walls.SECCOMP in wanted else _nothing_more
    if walls.LANDLOCK in wanted:
        walls.shut_files_and_network()
    guard.send(b"ready")
    said, fds, _, _ = socket.recv_fds(guard, 64, 2)
    if not said:
        return
    content, result = fds
    ours = guard.detach()
    walls.limit(LIMITS)
    narrow()
    try:
        report = _give(content, result, ours)
    except MemoryError:
        report = {"ended": "MemoryError"}
    if report is not None:
        os.write(ours, json.dumps(report).encode())
    os._exit(0)  # no cleaning up: what a file did to this process is not listened to


def _give(content: int, result: int, guard: int) -> dict[str, object] | None:
    """The last report; None where nobody asks for more."""
    os.lseek(content, 0, os.SEEK_SET)  # it stands where it was written to
    file = io.FileIO(content, closefd=False)
    kind = video.kind_of(os.pread(content, 4096, 0))
    try:
        for still in video.stills(cast("io.BytesIO", file), kind):
            _write(result, still.pixels)
            height, width = still.pixels.shape[:2]
            report = {
                "height": height,
                "width": width,
                "ms": round(still.seconds * 1000),
                "new_scene": still.new_scene,
                "turned": still.turned,
                "metadata": as_told(still.metadata),
            }
            os.write(guard, json.dumps(report).encode())
            if os.read(guard, 16) != MORE:
                return None
    except UnreadableImage as error:
        return {"unreadable": str(error)[: MOST_SAID // 4]}
    return {"done": True}


def _write(result: int, pixels: Pixels) -> None:
    flat, done = pixels.reshape(-1).data, 0
    while done < len(flat):
        done += os.pwrite(result, flat[done:], done)


def _try_out() -> None:
    """Write and read a few frames: what is loaded at its first use cannot be loaded behind the walls."""
    import av
    import numpy as np

    drawn = io.BytesIO()
    with av.open(drawn, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in (0, 255):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    drawn.seek(0)
    for _ in video.stills(drawn, "MKV"):
        pass


def _nothing_more() -> None:
    """A machine without seccomp has no further wall; `walls.there` says so, and who opens the system decides."""


if __name__ == "__main__":
    main()
