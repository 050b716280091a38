"""Strangers' files read behind walls: the same pixels as without, and nothing that a file does reaches the system."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from beholden.errors import Fault, UnreadableImage
from beholden.media import cell as cell_module
from beholden.media import film_cell, reader_process, sandbox, walls
from beholden.media.pillow import FORMATS, PillowMedia
from beholden.media.sandbox import SandboxedMedia
from beholden.testing.media_contract import quarters, written
from tests import taken_over
from tests.films import film, walk

needs_every_wall = pytest.mark.skipif(set(walls.there()) != set(walls.EVERY), reason="this machine lacks a wall")


@pytest.fixture
def media() -> SandboxedMedia:
    return SandboxedMedia()


@pytest.fixture
def cell() -> Iterator[sandbox._Cell]:
    """A reader of one's own, which may be killed."""
    begun = sandbox._Cell()
    yield begun
    begun.end()


def pid_of(cell: sandbox._Cell) -> int:
    assert cell._begun is not None
    return cell._begun.pid


def result_of(cell: sandbox._Cell) -> int:
    assert cell._begun is not None
    return cell._begun.result


def same(one: PillowMedia, other: PillowMedia, content: bytes) -> str:
    """ "pixels" or "refused" when both say the same of a file, else what each said."""
    said: list[object] = []
    for media in (one, other):
        try:
            picture = media.decode(content)
            said.append((picture.kind, picture.turned, picture.pixels.shape, picture.pixels.tobytes()))
        except UnreadableImage as error:
            said.append(str(error))
    if said[0] == said[1]:
        return "refused" if isinstance(said[0], str) else "pixels"
    return f"{str(said[0])[:200]} / {str(said[1])[:200]}"


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_pixels_as_without_walls(kind: str, media: SandboxedMedia) -> None:
    drawn = BytesIO()
    Image.fromarray(quarters(480, 320)).save(drawn, kind)
    assert same(media, PillowMedia(), drawn.getvalue()) == "pixels"


def test_one_files_pixels_are_not_there_for_the_reader_of_the_next(cell: sandbox._Cell) -> None:
    cell.read(written(quarters(640, 480)), walls.there())
    left = os.pread(result_of(cell), 640 * 480 * 3, 0)
    assert len(left) == 640 * 480 * 3
    assert not any(left)


def test_a_file_of_many_pixels_leaves_no_memory_behind(cell: sandbox._Cell) -> None:
    large = np.zeros((4000, 4000, 3), np.uint8)
    assert cell.read(written(large, "JPEG"), walls.there()).pixels.shape == large.shape
    assert os.fstat(result_of(cell)).st_size == 0


def test_damage_is_told_in_the_same_words(media: SandboxedMedia) -> None:
    whole = written(quarters(), "JPEG")
    for content in (b"", whole[:200], b"GIF89a" + bytes(40), b"<svg/>", written(quarters(), "PNG")[:-30]):
        assert same(media, PillowMedia(), content) == "refused"


def test_a_reader_that_was_killed_is_begun_again(cell: sandbox._Cell) -> None:
    content = written(quarters())
    cell.read(content, walls.there())
    before = pid_of(cell)
    os.killpg(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert (cell.read(content, walls.there()).pixels == PillowMedia().decode(content).pixels).all()
    assert pid_of(cell) != before


def test_a_reader_that_is_killed_while_it_reads_says_so_and_the_next_file_is_read(cell: sandbox._Cell) -> None:
    cell.read(written(quarters()), walls.there())
    os.kill(pid_of(cell), signal.SIGSTOP)  # so that the file is under way whenever the kill comes
    killing = threading.Timer(0.05, os.killpg, (pid_of(cell), signal.SIGKILL))
    killing.start()
    with pytest.raises(Fault, match="try again"):
        cell.read(written(quarters(640, 480)), walls.there())
    killing.join()
    assert cell.read(written(quarters(640, 480)), walls.there()).pixels.shape == (480, 640, 3)


def test_a_file_that_takes_for_ever_is_given_up_and_the_next_one_is_read(
    cell: sandbox._Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell.read(written(quarters()), walls.there())
    monkeypatch.setattr(sandbox, "PATIENCE", 0.05)
    assert cell._begun is not None
    cell._begun._guard.settimeout(0.05)
    os.kill(pid_of(cell), signal.SIGSTOP)
    with pytest.raises(UnreadableImage, match=r"more than 0\.05 seconds"):
        cell.read(written(quarters()), walls.there())
    monkeypatch.setattr(sandbox, "PATIENCE", 60)
    assert cell.read(written(quarters()), walls.there()).pixels.shape == quarters().shape


def test_a_fork_begins_readers_of_its_own(media: SandboxedMedia) -> None:
    content = written(quarters())
    media.decode(content)
    ours = sandbox._cells(os.getpid())
    child = os.fork()
    if child == 0:
        status = 1
        try:
            read = media.decode(content).pixels.shape == quarters().shape
            status = 0 if read and sandbox._cells(os.getpid()) is not ours else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert media.decode(content).pixels.shape == quarters().shape


SOUND: dict[str, object] = {
    "height": 4,
    "width": 4,
    "kind": "JPEG",
    "turned": False,
    "frames": 1,
    "metadata": {"camera": "Gogon", "taken_at": "2019-05-04T10:00:00"},
}


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (SOUND, "other pixels"),
        (SOUND | {"height": 10**6}, "damaged"),
        (SOUND | {"height": -1}, "damaged"),
        (SOUND | {"height": True}, "damaged"),
        (SOUND | {"kind": "EPS"}, "damaged"),
        (SOUND | {"kind": ["JPEG"]}, "damaged"),
        (SOUND | {"turned": 1}, "damaged"),
        (SOUND | {"frames": 0}, "damaged"),
        (SOUND | {"frames": 10**9}, "damaged"),
        (SOUND | {"frames": True}, "damaged"),
        (SOUND | {"metadata": None}, "damaged"),
        (SOUND | {"metadata": {"camera": "a" * 101}}, "damaged"),
        (SOUND | {"metadata": {"camera": ["a"]}}, "damaged"),
        (SOUND | {"metadata": {"camera": "a\nb"}}, "damaged"),
        (SOUND | {"metadata": {"owner": "a"}}, "damaged"),
        (SOUND | {"metadata": {"taken_at": "the fourth of May"}}, "damaged"),
        (SOUND | {"metadata": {"taken_at": "2019-02-30T10:00:00"}}, "damaged"),
        (SOUND | {"metadata": {"place": "91.000000, 0.000000"}}, "damaged"),
        (SOUND | {"metadata": {"place": "here"}}, "damaged"),
        (SOUND | {"metadata": {"digital_source": "<b>"}}, "damaged"),
        ({}, "damaged"),
        ({"ended": "SIGSYS"}, "no picture needs"),
        ({"ended": "SIGSEGV"}, "SIGSEGV"),
        ({"ended": "MemoryError"}, "more memory"),
    ],
)
def test_a_report_is_believed_only_as_far_as_it_can_be_checked(report: dict[str, object], words: str) -> None:
    result = os.memfd_create("pixels")
    try:
        with pytest.raises(UnreadableImage, match=words):
            sandbox._picture(report, result)
    finally:
        os.close(result)


@pytest.mark.parametrize("said", [b"[]", b"7", b"not JSON", b'{"height": NaN', b"\xff\xfe", b"[" * 4000])
def test_a_report_that_is_none_is_damage(said: bytes) -> None:
    with pytest.raises(UnreadableImage, match="damaged"):
        sandbox._picture(reader_process.told(said), -1)


def test_as_many_files_are_read_at_once_as_there_are_processors(media: SandboxedMedia) -> None:
    contents = [written(quarters(320 + n, 200), "PNG") for n in range(24)]
    got: dict[int, tuple[int, ...]] = {}

    def read(n: int) -> None:
        got[n] = media.decode(contents[n]).pixels.shape

    threads = [threading.Thread(target=read, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {n: (200, 320 + n, 3) for n in range(24)}


@pytest.mark.parametrize("ending", ["", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"])
def test_nothing_is_left_running_when_the_system_ends_however_it_does(ending: str) -> None:
    program = (
        "import os\n"
        "from beholden.media import sandbox, walls\n"
        "from beholden.testing.media_contract import quarters, written\n"
        "cell = sandbox._Cell()\n"
        "cell.read(written(quarters()), walls.there())\n"
        "print(cell._begun.pid, flush=True)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program + ending], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    status = Path(f"/proc/{int(ran.stdout)}/stat")
    for _ in range(500):
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.01)
    pytest.fail("the reader outlived the system")


def test_a_reader_has_nothing_of_the_system_open(cell: sandbox._Cell, tmp_path: Path) -> None:
    """Whatever files the system has open when a reader begins, the reader has its socket and nothing else."""
    secret = os.open(tmp_path / "records.db", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)
    cell.read(written(quarters()), walls.there())
    opened = {os.readlink(link) for link in Path(f"/proc/{pid_of(cell)}/fd").iterdir()}
    os.close(secret)
    assert {name.split(":")[0] for name in opened} == {"socket", "/dev/null"}


def test_a_system_says_which_walls_it_lacks(media: SandboxedMedia) -> None:
    assert set(media.missing_walls).isdisjoint(walls.there())
    assert set(media.missing_walls) | set(walls.there()) == set(walls.EVERY)
    assert PillowMedia().missing_walls == walls.EVERY


# What a reader is held by while it reads, as the kernel says it of the process: none of them may be missing in it, whatever
# the walls can do by themselves (test_walls.py).
HELD = {"NoNewPrivs": "1", "Seccomp": "2"}


def held_by(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    said = {name: words.strip() for name, _, words in (line.partition(":") for line in lines)}
    return {name: said[name] for name in HELD}


def most_of(pid: int) -> walls.Limits:
    """Its limits, which cannot be lifted any more; each is checked to be as hard as it is soft."""
    found = {}
    for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
        for name in ("Max cpu time", "Max file size", "Max address space", "Max open files"):
            if line.startswith(name):
                soft, hard = line.removeprefix(name).split()[:2]
                assert soft == hard != "unlimited", line
                found[name] = int(soft)
    assert found["Max open files"] == 16
    return walls.Limits(found["Max address space"], found["Max cpu time"], found["Max file size"])


def at_work(guard: int) -> int | None:
    """The child that reads a file now, if it has computed for some time: its walls are up if it has any."""
    for child in Path(f"/proc/{guard}/task/{guard}/children").read_text().split():
        counted = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        if int(counted[11]) + int(counted[12]) >= os.sysconf("SC_CLK_TCK") // 20:
            return int(child)
    return None


@pytest.fixture
def noise() -> bytes:
    """A picture that takes a second to read."""
    drawn = BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (4000, 4500, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(drawn, "PNG", compress_level=1)
    return drawn.getvalue()


@needs_every_wall
def test_req_113_who_reads_a_picture_is_behind_every_wall_while_it_reads(
    media: SandboxedMedia, cell: sandbox._Cell, noise: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: queue.LifoQueue[sandbox._Cell] = queue.LifoQueue()
    readers.put(cell)
    monkeypatch.setattr(sandbox, "_cells", lambda _: readers)
    media.decode(written(quarters()))
    assert held_by(pid_of(cell))["NoNewPrivs"] == "1"  # Landlock needs it, and the filter is its children's only
    reading = threading.Thread(target=media.decode, args=(noise,))
    reading.start()
    seen = None
    try:
        while reading.is_alive() and seen is None:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                if child := at_work(pid_of(cell)):
                    seen = held_by(child), most_of(child)
            time.sleep(0.002)
    finally:
        reading.join()
    assert seen == (HELD, cell_module.LIMITS)


@needs_every_wall
def test_req_113_who_reads_a_video_is_behind_every_wall_while_it_reads(media: SandboxedMedia) -> None:
    pytest.importorskip("av", reason="the extra [video] is not installed")
    stills = media.stills(film(walk(5, seconds=2)))
    next(stills)
    begun = stills.gi_frame.f_locals["begun"].pid
    seen = held_by(begun), most_of(begun)
    stills.close()
    assert seen == (HELD, film_cell.LIMITS)


@needs_every_wall
@pytest.mark.parametrize("kind", ["picture", taken_over.FILM])
@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ((walls.LIMITS,), "done"),  # so that the others are known to refuse something
        ((walls.LIMITS, walls.LANDLOCK), "EACCES"),
        ((walls.LIMITS, walls.SECCOMP), "EPERM"),
        (walls.EVERY, "EPERM"),
    ],
)
def test_req_113_a_decoder_that_was_taken_over_opens_no_file_behind_either_wall(
    kind: str, wanted: tuple[str, ...], answer: str
) -> None:
    begun = reader_process.ReaderProcess((*wanted, kind), "tests.taken_over", sandbox.PATIENCE)
    try:
        report = json.loads(begun.ask(written(quarters())))
    finally:
        begun.end()
    assert json.loads(report["unreadable"]) == dict.fromkeys(("open", "list", "write"), answer)
