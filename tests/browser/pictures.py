"""Takes the screenshots of docs/pages.md anew, of rendered people only: `PYTHONPATH=src python -m tests.browser.pictures`."""

from __future__ import annotations

import os
import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tests.browser.conftest import ABSENT, launched
from tests.browser.served import make, serve
from tests.browser.story import tell
from tests.docs.pages import DOCS

FOLDER = DOCS / "screenshots"
COLOURS = 128  # a page of text and a few faces looks the same, and takes a third


def take(folder: Path) -> None:
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit(ABSENT)
    with TemporaryDirectory() as place, launched(program) as browser:
        os.environ["XDG_STATE_HOME"] = place
        with serve(make(Path(place))) as served:
            folder.mkdir(exist_ok=True)
            tell(browser, served, Path(place), pictures=folder)


def reduce(path: Path) -> None:
    with Image.open(path) as shot:
        fewer = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = BytesIO()
    fewer.save(out, "PNG", optimize=True)
    path.write_bytes(out.getvalue())


if __name__ == "__main__":
    take(FOLDER)
    for path in sorted(FOLDER.glob("*.png")):
        reduce(path)
