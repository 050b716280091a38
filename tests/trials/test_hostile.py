"""Files that have troubled decoders, and damaged copies of them: whatever is in one, the next is read as if it had not been.

`BEHOLDEN_HOSTILE_DIR` says where the files are (or `BEHOLDEN_EVAL_DIR`, which has a folder of them).
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from beholden.errors import UnreadableImage
from beholden.media.pillow import PillowMedia
from beholden.media.sandbox import ENDS, SandboxedMedia
from beholden.testing.media_contract import quarters, written
from tests.photographs import photographs
from tests.trials.place import LONG

MUTANTS = 20_000 if LONG else 1_000
LARGEST = 2 * 1024 * 1024  # bytes of a file that is damaged: larger ones only take longer


def hostile() -> list[Path]:
    given = os.environ.get("BEHOLDEN_HOSTILE_DIR")
    folder = Path(given) if given else photographs("hostile")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def damaged(content: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, a piece cut out or doubled, or the end lost."""
    changed = bytearray(content)
    for _ in range(dice.choice((1, 2, 8, 64))):
        place = dice.randrange(len(changed))
        match dice.randrange(6):
            case 0 | 1 | 2:
                changed[place] = dice.randrange(256)
            case 3:
                changed[place : place + 4] = dice.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4)))
            case 4:
                piece = changed[place : place + dice.randrange(1, 64)]
                changed[place:place] = piece * dice.choice((0, 1, 16)) or b"\x00"
            case _:
                del changed[place + 1 : place + 1 + dice.randrange(1, 256)]
    return bytes(changed[: max(1, len(changed) - dice.choice((0, 0, 0, 1, 100)))])


def read(media: PillowMedia, content: bytes) -> str:
    """In a word what became of a file, and in a few what ended its reader."""
    try:
        media.decode(content)
    except UnreadableImage as error:
        words = str(error)
        if re.search(r"it takes more than [0-9]+ seconds", words):
            return "time"
        return next((end for end, why in ENDS.items() if why in words), "ended" if "ended with" in words else "refused")
    return "pixels"


@pytest.mark.timeout(3600)
def test_req_113_no_file_and_no_damaged_copy_of_one_reaches_the_system() -> None:
    media, files = SandboxedMedia(), [path for path in hostile() if 0 < path.stat().st_size <= LARGEST]
    seed = int(os.environ.get("BEHOLDEN_SEED", "20201"))
    dice = random.Random(seed)
    sound = PillowMedia().decode(written(quarters())).pixels
    became: Counter[str] = Counter()
    for number in range(MUTANTS):
        content = dice.choice(files).read_bytes()
        became[read(media, damaged(content, dice))] += 1
        if number % 50 == 0:
            assert (media.decode(written(quarters())).pixels == sound).all()
    print(f"seed {seed}, {len(files)} files, {MUTANTS} damaged copies: {dict(became)}")
    assert became["pixels"]
    assert became["refused"]
    assert became["SIGSYS"] == 0, "a decoder asked for something that the walls do not know"
    assert became["time"] == 0
    # A decoder that dies takes its own process with it and nothing else; one that often does is not to be shipped.
    assert became["ended"] <= MUTANTS // 100


@pytest.mark.timeout(3600)
def test_req_113_what_is_read_behind_walls_is_what_is_read_without() -> None:
    media, plain = SandboxedMedia(), PillowMedia()
    other = []
    for path in hostile() if LONG else hostile()[::8]:
        content = path.read_bytes()
        try:
            wanted = plain.decode(content).pixels
        except UnreadableImage as error:
            if read(media, content) == "pixels":
                other.append(f"{path.name}: read behind walls, refused without ({error})")
            continue
        try:
            if (media.decode(content).pixels != wanted).any():
                other.append(f"{path.name}: other pixels")
        except UnreadableImage as error:
            other.append(f"{path.name}: {error}")
    assert other == []
