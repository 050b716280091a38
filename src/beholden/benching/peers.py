"""What others do with the same photographs, in an environment of their own: `PYTHON peers.py NAME`. Imports nothing of ours.

An engine reads its order, one line of JSON: `photographs` (paths), `warm` (how many of them only warm it up), `processes`
and `model` (for our own). When it is warm it says `ready` and waits for a line; then it does its work, says what it did
in one line of JSON, and waits for another line, so that all its processes can still be looked at.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any

Engine = Callable[[dict[str, Any]], AbstractContextManager[Callable[[], dict[str, int]]]]


def serve(engine: Engine) -> None:
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # some print while they work
    with engine(json.loads(sys.stdin.readline())) as run:
        print("ready", file=said, flush=True)
        if not sys.stdin.readline():
            return
        print(json.dumps(run()), file=said, flush=True)
        sys.stdin.readline()


@contextmanager
def face_recognition(order: dict[str, Any]) -> Iterator[Callable[[], dict[str, int]]]:
    """dlib's detector (HOG) and its network with 128 values, as `face_recognition` calls them by default."""
    library: Any = import_module("face_recognition")

    def run(paths: list[str]) -> dict[str, int]:
        faces = 0
        for path in paths:
            pixels = library.load_image_file(path)
            faces += len(library.face_encodings(pixels, library.face_locations(pixels)))
        return {"images": len(paths), "faces": faces}

    run(order["photographs"][: order["warm"]])
    yield lambda: run(order["photographs"][order["warm"] :])


@contextmanager
def deepface(order: dict[str, Any]) -> Iterator[Callable[[], dict[str, int]]]:
    """DeepFace with the models that we have: YuNet and SFace. Its weights lie in $DEEPFACE_HOME/.deepface/weights."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    library: Any = import_module("deepface.DeepFace")
    if order["processes"] > 1:
        import_module("cv2").setNumThreads(1)  # a core each

    def run(paths: list[str]) -> dict[str, int]:
        faces = 0
        for path in paths:
            found = library.represent(
                path, model_name="SFace", detector_backend="yunet", enforce_detection=False, align=True
            )
            faces += len(found)
        return {"images": len(paths), "faces": faces}

    run(order["photographs"][: order["warm"]])
    yield lambda: run(order["photographs"][order["warm"] :])


ENGINES: dict[str, Engine] = {"face_recognition": face_recognition, "deepface": deepface}

if __name__ == "__main__":
    serve(ENGINES[sys.argv[1]])
