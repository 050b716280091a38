"""Takes the screenshots of docs/ anew, of rendered people only: `PYTHONPATH=src python -m tests.browser.pictures [PART …]`.

The parts are the story and the journeys; all of them where none is named.
"""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser

from tests.browser import (
    test_administrator,
    test_auditor,
    test_examiner,
    test_exigent,
    test_investigator,
    test_privacy,
    test_reviewer,
    test_supervisor,
)
from tests.browser.conftest import chromium_here
from tests.browser.served import make, serve
from tests.browser.story import tell
from tests.docs.pages import DOCS

FOLDER = DOCS / "screenshots"
COLOURS = 128  # a page of text and a few faces looks the same, and takes a third


def story(browser: Browser, place: Path, pictures: Path) -> None:
    with serve(make(place)) as served:
        tell(browser, served, place, pictures=pictures)


PARTS = {
    "story": story,
    "investigator": test_investigator.walk,
    "supervisor": test_supervisor.walk,
    "exigent": test_exigent.walk,
    "examiner": test_examiner.walk,
    "reviewer": test_reviewer.walk,
    "auditor": test_auditor.walk,
    "administrator": test_administrator.walk,
    "privacy": test_privacy.walk,
}


def take(folder: Path, *parts: str) -> None:
    folder.mkdir(exist_ok=True)
    for part in parts or PARTS:
        with TemporaryDirectory() as place, chromium_here() as browser:
            os.environ["XDG_STATE_HOME"] = place
            (Path(place) / "there").mkdir()
            PARTS[part](browser, Path(place) / "there", folder)


def reduce(path: Path) -> None:
    with Image.open(path) as shot:
        if shot.mode == "P":
            return  # an older one
        fewer = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = BytesIO()
    fewer.save(out, "PNG", optimize=True)
    path.write_bytes(out.getvalue())


if __name__ == "__main__":
    take(FOLDER, *sys.argv[1:])
    for path in sorted(FOLDER.glob("*.png")):
        reduce(path)
