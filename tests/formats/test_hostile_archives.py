"""Whatever an archive holds: an answer in words, bounded memory, no network; and where damage begins, the end."""

from __future__ import annotations

import ast
import gzip
import random
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from beholden.errors import BadInput, Fault
from beholden.formats.warc import LeftOut, survey
from beholden.formats.warc_records import LIMITS, Limits
from beholden.records.web import Code
from tests.web_archive import DATE, JPEG, Archive, agreement, codes, instrument, read, shown, taken

ROOT = Path(__file__).resolve().parents[2]
OURS = ("formats/warc", "formats/warc_records", "formats/web_survey", "formats/web_pages", "formats/site_rules")
OURS_TOO = ("formats/payloads", "records/web", "records/addresses")


def three_images(*, packed: bool = False) -> Archive:
    archive = Archive(gzip=packed).page("/", shown("/1.jpg", "/2.jpg", "/3.jpg"))
    return archive.image("/1.jpg").image("/2.jpg").image("/3.jpg")


def what_is_wrong_with(content: bytes) -> str:
    try:
        return read(content)[0].damage
    except BadInput as error:
        return str(error)


def raw(head: str, body: bytes = b"", *, version: str = "WARC/1.0") -> bytes:
    return f"{version}\r\n{head}\r\n\r\n".encode() + body + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xff\xd8\xff\xe0 a picture", "its first bytes are not WARC"),
        (gzip.compress(b"text", mtime=0), "its first bytes are not WARC"),
        (b"PK\x03\x04....", "WACZ"),
        (b"\x28\xb5\x2f\xfd....", "Zstandard"),
        (b"filedesc://x.arc 0.0.0.0 20200101000000 text/plain 9\n", "ARC"),
        (gzip.compress(gzip.compress(three_images().content, mtime=0), mtime=0), "packed twice"),
        (b"\x1f\x8b no gzip", "damaged"),
        (gzip.compress(b"", mtime=0)[:-4], "cut short"),
    ],
)
def test_what_is_no_web_archive_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        survey(BytesIO(content), agreement())


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_short_anywhere_gives_what_is_whole_and_says_where_it_ends(packed: bool) -> None:
    content = three_images(packed=packed).content
    whole = codes(read(content)[1])
    first = len(Archive(gzip=True).page("/", shown("/1.jpg", "/2.jpg", "/3.jpg")).content)
    for end in (*range(20, len(content) - 4, 37), first + 1):
        if packed and end < first:  # of so little, nothing may be unpacked
            assert "cut short" in what_is_wrong_with(content[:end])
            continue
        surveyed, answers = read(content[:end])
        told = codes(answers)
        if told[-1] == "record.damaged":
            assert told[:-1] == whole[: len(told) - 1]
            assert "cut short" in surveyed.damage
            assert surveyed.damage in answers[-1].words if isinstance(answers[-1], LeftOut) else False
            assert answers[-1].number == len(answers)
        else:
            assert told == whole[: len(told)]  # cut between two records, which nobody can tell


@pytest.mark.parametrize(
    "second",
    [
        raw("WARC-Type: response"),
        raw("WARC-Type: response\r\nContent-Length: x"),
        raw("WARC-Type: response\r\nContent-Length: -5"),
        raw("WARC-Type: response\r\nContent-Length: 5\r\nContent-Length: 7", b"12345"),
        raw("WARC-Type: response\r\nContent-Length: 3", b"12345"),
        raw("WARC-Type: response\r\nContent-Length: 9999999999", b"12345"),
        raw("WARC-Type: response\r\nContent-Length: 5", b"12345", version="WARC/7.0"),
        raw("X: " + "a" * 70_000 + "\r\nContent-Length: 0"),
        raw("\r\n".join(f"X-{number}: 1" for number in range(9_000)) + "\r\nContent-Length: 0"),
        b"no record at all",
        b"\r\n" * 100,
    ],
)
def test_where_a_record_is_damaged_the_reading_ends_and_no_next_one_is_looked_for(second: bytes) -> None:
    first = Archive().page("/", shown("/1.jpg", "/2.jpg")).image("/1.jpg").content
    surveyed, answers = read(first + second + Archive().image("/2.jpg").content)
    assert codes(answers)[-1] == "record.damaged"
    assert len(taken(answers)) <= 1
    assert "nothing from record" in surveyed.damage
    assert "ask for the file again" in surveyed.damage


def test_a_record_inside_an_image_is_no_record() -> None:
    inner = Archive().image("/2.jpg").content
    archive = Archive().page("/", shown("/1.jpg", "/2.jpg")).image("/1.jpg", body=JPEG + b"\r\n\r\n" + inner)
    _, answers = read(archive)
    assert codes(answers) == ["record.page", "taken"]
    # And not either when the one around it is cut short.
    content = archive.content.replace(b"Content-Length: ", b"Content-Length: 9", 2)
    assert "taken" not in codes(read(content)[1])


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nX: " + b"a" * 70_000 + b"\r\n\r\nbody",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1\r\nContent-Type: image/jpeg\r\n\r\nbody",
        b"HTTP/1.1 abc OK\r\nContent-Type: image/jpeg\r\n\r\nbody",
        b"\r\n\r\nbody",
        b"\xff\xfe\x00\r\n\r\n",
    ],
)
def test_a_response_that_is_none_is_left_out_and_the_next_record_read(block: bytes) -> None:
    head = f"WARC-Type: response\r\nWARC-Date: {DATE}\r\nWARC-Target-URI: https://photos.example/1.jpg\r\n"
    head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}"
    page = Archive().page("/", shown("/1.jpg")).content
    assert codes(read(page + raw(head, block) + Archive().image("/1.jpg").content)[1]) == [
        "record.page",
        "record.damaged",
        "taken",
    ]


def test_a_head_that_says_a_thing_twice_is_not_believed() -> None:
    image = Archive().page("/", shown("/1.jpg")).image("/1.jpg").content
    head, _, rest = image.rpartition(b"WARC-Target-URI")
    twice = head + b"WARC-Target-URI: https://photos.example/1.jpg\r\nWARC-Target-URI" + rest
    answer = read(twice)[1][-1]
    assert isinstance(answer, LeftOut)
    assert answer.words == "its head says warc-target-uri twice"


def test_a_damaged_part_of_a_packed_file_ends_it_after_what_was_whole() -> None:
    parts = [
        Archive(gzip=True).page("/", shown("/1.jpg", "/2.jpg")).content,
        Archive(gzip=True).image("/1.jpg").content,
    ]
    last = Archive(gzip=True).image("/2.jpg").content
    for spoilt in (
        last[:40] + b"\x00" * 9 + last[49:],
        last[:-6] + b"\x00\x00" + last[-4:],
        b"WARC/1.0\r\n",
        b"\x1f\x8bno",
    ):
        surveyed, answers = read(b"".join(parts) + spoilt)
        assert codes(answers) == ["record.page", "taken", "record.damaged"], spoilt[:9]
        assert surveyed.damage
    # A checksum that does not hold spoils its own record, not the next.
    spoilt = parts[1][:-6] + b"\x00\x00" + parts[1][-4:]
    assert codes(read(parts[0] + spoilt + last)[1]) == ["record.page", "record.damaged"]


def test_one_packing_around_all_records_is_read_as_well() -> None:
    assert codes(read(gzip.compress(three_images().content))[1]) == ["record.page", "taken", "taken", "taken"]


@pytest.mark.parametrize(
    ("content", "limits", "words"),
    [
        (
            gzip.compress(raw("Content-Length: 9000000", bytes(9_000_000))),
            replace(LIMITS, unpacked_free=1_000_000),
            "100 times its size",
        ),
        (
            gzip.compress(b"WARC/1.0\r\nX: " + b"a" * 9_000_000),
            replace(LIMITS, unpacked_free=1_000_000, head=10**9),
            "100 times",
        ),
        (three_images().content, replace(LIMITS, records=3), "more than 3 records"),
        (three_images().content, replace(LIMITS, showings=2), "more than 2 places"),
        (three_images().content, replace(LIMITS, text=20), "more than the 20 characters"),
    ],
)
def test_a_limit_that_is_passed_is_named(content: bytes, limits: Limits, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(content, limits=limits)


def test_a_robots_txt_made_to_fill_the_memory_refuses_everything_instead() -> None:
    text = "".join(f"User-agent: a{number}\n" for number in range(15_000)) + "Disallow: /x\n" * 15_000
    archive = Archive().page("/", shown("/1.jpg")).robots(text).image("/1.jpg")
    assert codes(read(archive)[1])[-1] == Code.OPT_OUT_ROBOTS


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_mutants_of_an_archive_each_get_an_answer(packed: bool, seed: int) -> None:
    rng = random.Random(seed)
    archive = three_images(packed=packed).robots("User-agent: *\nDisallow: /x\n")
    content = archive.response("/z.jpg", gzip.compress(JPEG), "image/jpeg", ("Content-Encoding", "gzip")).content
    words = [
        b"Content-Length",
        b"WARC/1.0",
        b"\r\n\r\n",
        b"chunked",
        b"-1",
        b"\x1f\x8b",
        b"Transfer-Encoding: chunked\r\n",
        b"gzip",
        b"\xff" * 9,
    ]
    refused: list[str] = []
    for number in range(50):
        mutant = bytearray(content)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(mutant))
            match rng.randrange(4):
                case 0:
                    mutant[at] = rng.randrange(256)
                case 1:
                    del mutant[at : at + rng.randint(1, 60)]
                case 2:
                    mutant[at:at] = rng.choice(words)
                case _:
                    mutant[at:at] = mutant[rng.randrange(len(mutant)) :][: rng.randint(1, 500)]
        try:
            surveyed, answers = read(bytes(mutant), instrument("photos.example"))
        except BadInput as error:
            refused.append(str(error))
        else:
            assert len(answers) == surveyed.records + bool(surveyed.damage), f"seed {seed}, mutant {number}"
            assert all(one.words for one in answers if isinstance(one, LeftOut)), f"seed {seed}, mutant {number}"
    assert all(len(words) > 20 for words in refused)


def test_a_file_that_can_be_read_only_once_is_the_machines_fault(tmp_path: Path) -> None:
    class Once(BytesIO):
        def seek(self, at: int, whence: int = 0) -> int:
            raise OSError("Illegal seek")

    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    for file in (Once(b"WARC/1.0"), Broken()):
        with pytest.raises(Fault, match="copy it"):
            survey(file, agreement())


READ_LARGE = """
import resource, sys
from datetime import UTC, datetime, timedelta
from beholden.formats.warc import survey, taken_from, Taken
from beholden.records.addresses import place_in
from beholden.records.web import Instrument
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
now = datetime(2026, 11, 22, tzinfo=UTC)
before = most()
with open(sys.argv[1], "rb") as file:
    surveyed = survey(file, Instrument((place_in("photos.example"),), now - timedelta(days=999), now))
    taken = [one.sha256 for one in taken_from(file, surveyed, now=now) if isinstance(one, Taken)]
print(surveyed.records, len(taken), most() - before)
"""


@pytest.mark.parametrize("packed", [False, True])
def test_memory_stays_flat_over_a_record_of_two_hundred_megabytes(tmp_path: Path, packed: bool) -> None:
    size = 200 * 1024 * 1024 if not packed else 60 * 1024 * 1024
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {'video/mp4' if not packed else 'image/jpeg'}\r\n\r\n".encode()
    warc = f"WARC-Type: response\r\nWARC-Date: {DATE}\r\nWARC-Target-URI: https://photos.example/v\r\n"
    warc += f"Content-Type: application/http\r\nContent-Length: {size + len(head)}"
    begin = f"WARC/1.0\r\n{warc}\r\n\r\n".encode() + head
    path = tmp_path / "large.warc"
    with path.open("wb") as file:
        if packed:  # a bomb within what may be unpacked of a file: it is unpacked, and never held
            with gzip.open(file, "wb", compresslevel=1) as zipped:
                zipped.write(begin.replace(b"image/jpeg", b"text/plain"))
                for _ in range(size // 2**20):
                    zipped.write(bytes(2**20))
                zipped.write(b"\r\n\r\n")
        else:
            file.write(begin)
            file.seek(size, 1)  # a hole: no byte of it is on the disk
            file.write(b"\r\n\r\n" + Archive().image("/1.jpg").content)
    ran = subprocess.run(
        [sys.executable, "-c", READ_LARGE, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    counted, got, megabytes = ran.stdout.split()
    assert (counted, got) == (("1", "0") if packed else ("2", "1"))
    assert float(megabytes) < 15


def test_req_123_nothing_that_reads_an_archive_imports_a_client_or_a_socket() -> None:
    forbidden = {
        "socket",
        "ssl",
        "http",
        "urllib",
        "ftplib",
        "asyncio",
        "httpx",
        "httpx2",
        "requests",
        "subprocess",
        "selectors",
    }
    for name in OURS + OURS_TOO:
        tree = ast.parse((ROOT / "src/beholden" / f"{name}.py").read_text(encoding="utf-8"))
        named = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named.add(str(node.module))
        reached = {module for module in named if module.partition(".")[0] in forbidden}
        assert reached <= {"urllib.parse"}, name  # which takes addresses apart, and imports no socket


DENIED = """
import sys
def deny(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "subprocess.", "os.exec", "os.posix_spawn", "os.system")):
        raise PermissionError(event)
sys.addaudithook(deny)
from io import BytesIO
from datetime import UTC, datetime, timedelta
from beholden.formats.warc import survey, taken_from, Taken
from beholden.records.addresses import place_in
from beholden.records.web import Instrument
now = datetime(2026, 11, 22, tzinfo=UTC)
file = BytesIO(sys.stdin.buffer.read())
surveyed = survey(file, Instrument((place_in("photos.example"),), now - timedelta(days=999), now))
print(sum(isinstance(one, Taken) for one in taken_from(file, surveyed, now=now)), surveyed.pages)
loaded = {"http.client", "urllib.request", "ssl", "requests", "asyncio", "warcio.capture_http"} & set(sys.modules)
print(sorted(loaded))
try:
    import socket
    socket.socket()
except PermissionError as error:
    print(error)
"""


def test_req_123_an_archive_is_read_with_every_socket_forbidden() -> None:
    archive = three_images(packed=True).robots("User-agent: *\nDisallow: /x\n").content
    ran = subprocess.run([sys.executable, "-c", DENIED], input=archive, capture_output=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stdout.decode().splitlines() == ["3 1", "[]", "socket.__new__"]
