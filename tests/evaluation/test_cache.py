"""The cache of templates: what was made is found again, what is damaged never believed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from beholden.errors import Fault, KeyDestroyed, Locked, NoRoom
from beholden.evaluation.cache import HEAD, Seen, TemplateCache
from beholden.keys.memory import MemoryKeys
from beholden.ports.model import Embedded
from beholden.records.faces import Quality
from beholden.testing.drawn import template_of

SPACE = "drawn measuring-1"


def digest(number: int) -> bytes:
    return hashlib.sha256(bytes([number])).digest()


def seen(number: int) -> Seen:
    if number % 5 == 0:
        return Seen(None)
    unified = None if number % 3 == 0 else number
    return Seen(Embedded(template_of(number), Quality(unified, 0.9, 31.25, 100.5 + number, 128.0, 0.75)))


def alike(one: Seen | None, other: Seen) -> bool:
    if one is None or one.face is None or other.face is None:
        return one is not None and one.face is other.face
    return np.array_equal(one.face.template, other.face.template) and one.face.quality == other.face.quality


def filled(folder: Path, count: int = 10) -> Path:
    with TemplateCache(folder, SPACE) as cache:
        for number in range(count):
            cache.keep(digest(number), seen(number))
    return next(folder.iterdir())


def held(folder: Path, count: int = 10, space: str = SPACE) -> list[int]:
    """Which of the numbers are found again, each exactly as it was kept."""
    with TemplateCache(folder, space) as cache:
        found = [number for number in range(count) if cache.get(digest(number)) is not None]
        assert all(alike(cache.get(digest(number)), seen(number)) for number in found)
        assert len(cache) == len(found)
    return found


def test_what_was_kept_is_found_again_exactly_by_the_bytes_it_was_made_from(tmp_path: Path) -> None:
    filled(tmp_path / "cache")
    assert held(tmp_path / "cache", 12) == list(range(10))


def test_what_was_kept_is_found_before_the_cache_is_closed_too(tmp_path: Path) -> None:
    with TemplateCache(tmp_path / "cache", SPACE) as cache:
        assert cache.get(digest(1)) is None
        cache.keep(digest(1), seen(1))
        assert alike(cache.get(digest(1)), seen(1))
        cache.keep(digest(1), seen(2))
        assert alike(cache.get(digest(1)), seen(1))
    with pytest.raises(Fault, match="closed"):
        cache.get(digest(1))


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    file = filled(tmp_path / "new" / "cache")
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(Fault, match="chmod 700"):
        TemplateCache(tmp_path / "open", SPACE)


def test_another_space_is_another_cache_even_under_the_first_ones_name(tmp_path: Path) -> None:
    file = filled(tmp_path / "cache")
    assert held(tmp_path / "cache", space="other") == []
    other = next(each for each in file.parent.iterdir() if each != file)
    other.write_bytes(file.read_bytes())
    assert held(tmp_path / "cache", space="other") == []
    assert held(tmp_path / "cache") == list(range(10))


def test_a_file_torn_anywhere_loses_only_the_torn_record_and_is_gone_on_with(tmp_path: Path) -> None:
    file = filled(tmp_path / "cache", 3)
    whole = file.read_bytes()
    ends = [place for place in range(1, len(whole)) if whole.startswith(b"\x93bhT\r\n", place)] + [len(whole)]
    for length in [*range(0, len(whole), 37), *(end + away for end in ends for away in (-1, 0) if end + away)]:
        file.write_bytes(whole[:length])
        survivors = [number for number in range(3) if ends[number] <= length]
        assert held(tmp_path / "cache", 3) == survivors
        with TemplateCache(tmp_path / "cache", SPACE) as cache:
            cache.keep(digest(7), seen(7))
        assert held(tmp_path / "cache") == [*survivors, 7]


def test_a_damaged_byte_costs_its_record_and_no_other(tmp_path: Path) -> None:
    file = filled(tmp_path / "cache")
    whole = file.read_bytes()
    chance = random.Random(20261122)
    for place in [*range(HEAD.size), *chance.sample(range(len(whole)), 100)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        assert len(held(tmp_path / "cache")) == 9


def test_a_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    file = filled(tmp_path / "cache", 4)
    whole = bytearray(file.read_bytes())
    whole[8:12] = (1 << 19).to_bytes(4, "little")
    file.write_bytes(whole)
    assert held(tmp_path / "cache", 4) == [1, 2, 3]


def test_a_record_damaged_after_opening_is_not_believed(tmp_path: Path) -> None:
    file = filled(tmp_path / "cache", 2)
    with TemplateCache(tmp_path / "cache", SPACE) as cache:
        file.write_bytes(bytes(file.stat().st_size))
        assert cache.get(digest(1)) is None


KILLED = """
import sys
from pathlib import Path
from beholden.evaluation.cache import TemplateCache
from tests.evaluation.test_cache import SPACE, digest, seen
cache = TemplateCache(Path(sys.argv[1]), SPACE)
for number in range(256):
    cache.keep(digest(number), seen(number))
    print(number, flush=True)
sys.stdin.read()
"""


def test_a_kill_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "cache")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 100:
                break
        process.send_signal(signal.SIGKILL)
    assert held(tmp_path / "cache", 256)[:101] == list(range(101))


def test_of_two_at_once_the_second_reads_and_does_not_write(tmp_path: Path) -> None:
    filled(tmp_path / "cache", 2)
    first = TemplateCache(tmp_path / "cache", SPACE)
    second = TemplateCache(tmp_path / "cache", SPACE)
    assert (first.writing, second.writing) == (True, False)
    assert alike(second.get(digest(1)), seen(1))
    second.keep(digest(2), seen(2))
    assert second.get(digest(2)) is None
    with pytest.raises(Fault, match="in use by another measurement"):
        second.forget()
    first.close()
    assert held(tmp_path / "cache") == [0, 1]


def test_forgetting_leaves_no_file_of_any_space(tmp_path: Path) -> None:
    file = filled(tmp_path / "cache")
    (tmp_path / "cache" / "note.txt").write_text("stays")
    kept_open = file.open("rb")
    TemplateCache(tmp_path / "cache", "other").forget()
    assert [left.name for left in (tmp_path / "cache").iterdir()] == ["note.txt"]
    with kept_open:
        assert not any(kept_open.read()), "the bytes were to be zeros before the name went"


def sealed(keys: MemoryKeys) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    return (
        lambda plain: keys.seal("measuring", plain, "templates"),
        lambda body: keys.open("measuring", body, "templates"),
    )


def test_a_sealed_cache_holds_no_template_and_confirms_no_file(tmp_path: Path) -> None:
    keys = MemoryKeys()
    keys.create(["measuring"])
    with TemplateCache(tmp_path, SPACE, *sealed(keys)) as cache:
        for number in range(10):
            cache.keep(digest(number), seen(number))
    bytes_on_disk = next(tmp_path.iterdir()).read_bytes()
    for number in range(1, 5):
        assert digest(number) not in bytes_on_disk
        assert template_of(number).tobytes()[:16] not in bytes_on_disk
    with TemplateCache(tmp_path, SPACE, *sealed(keys)) as cache:
        assert all(alike(cache.get(digest(number)), seen(number)) for number in range(10))
    with TemplateCache(tmp_path, SPACE) as bare:
        assert len(bare) == 0


def test_what_was_sealed_under_a_key_that_is_gone_is_made_again(tmp_path: Path) -> None:
    keys = MemoryKeys()
    keys.create(["measuring"])
    with TemplateCache(tmp_path, SPACE, *sealed(keys)) as cache:
        cache.keep(digest(1), seen(1))
    keys.destroy(["measuring"])
    with TemplateCache(tmp_path, SPACE, *sealed(keys)) as cache:
        assert cache.get(digest(1)) is None
        with pytest.raises(KeyDestroyed):
            cache.keep(digest(1), seen(1))


def test_keys_that_are_not_unlocked_are_told_and_nothing_is_held_open(tmp_path: Path) -> None:
    def locked(_: bytes) -> bytes:
        raise Locked("the keys are locked; unlock them")

    with TemplateCache(tmp_path, SPACE, bytes, bytes) as cache:
        cache.keep(digest(1), seen(1))
    with pytest.raises(Locked):
        TemplateCache(tmp_path, SPACE, bytes, locked)
    with TemplateCache(tmp_path, SPACE, bytes, bytes) as cache:
        assert cache.writing


def test_a_full_disk_is_told_and_what_was_kept_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "cache", 3)
    really = os.write

    def full(handle: int, content: bytes) -> int:
        if len(content) < 300:
            raise OSError(28, "No space left on device")
        return really(handle, bytes(content)[:300])

    with TemplateCache(tmp_path / "cache", SPACE) as cache:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(NoRoom, match="make room"):
            cache.keep(digest(8), seen(8))
        monkeypatch.undo()
        cache.keep(digest(9), seen(9))
    assert held(tmp_path / "cache") == [0, 1, 2, 9]


def test_a_place_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Fault, match="name another folder"):
        TemplateCache(tmp_path / "file", SPACE)
