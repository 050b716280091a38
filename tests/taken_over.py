"""A reader of strangers' files whose decoder was taken over: `python -m tests.taken_over SOCKET WALLS`.

`film` among the walls makes it a reader of videos. Everything but the decoder is the reader as it is. What the decoder tries,
and what it is answered, is told as the reason why the file is not read.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from collections.abc import Callable
from typing import NoReturn

from beholden.errors import UnreadableImage
from beholden.media import cell, film_cell, video

FILM = "film"
TEMPORARY = tempfile.gettempdir()  # asked for before the walls: it tries to write


def answered(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def write_a_file() -> None:
    path = f"{TEMPORARY}/taken-over-{os.getpid()}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
    os.unlink(path)


def attempts() -> dict[str, str]:
    return {
        "open": answered(lambda: os.close(os.open("/etc/passwd", os.O_RDONLY))),
        "write": answered(write_a_file),
        "list": answered(lambda: os.listdir("/etc")),
    }


def taken_over(*_: object) -> NoReturn:
    raise UnreadableImage(json.dumps(attempts()))


def main() -> None:
    if FILM in sys.argv[2].split(","):
        film_cell._try_out = lambda: None
        video.stills = taken_over
        film_cell.main()
    else:
        cell._try_out = lambda media: setattr(media, "decode", taken_over)
        cell.main()


if __name__ == "__main__":
    main()
