"""The records of a web archive (ISO 28500), one after the other, strictly and within limits: a stranger wrote the file.

`warcio` reads the heads and the chunks. Its own loop over a file is not used, for what it forgives must be told here: fed 261 kB
of gzip it built one header line of 256 MB (786 MB in memory), and of a picture packed and cut in half it gave the first half
without an error. Nor is it looked for a next record where one is damaged: whoever posts a picture could put one inside.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from beholden.errors import BadInput, Fault
from beholden.records.web import Code, Why

GZIP = b"\x1f\x8b"
READ, PIECE = 64 * 1024, 256 * 1024  # bytes read of the file, and unpacked of them, at a time
_WARC = ["WARC/1.0", "WARC/1.1"]
_HTTP = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/2", "HTTP/3"]  # the longer first: they are tried in their order
_LENGTH = re.compile(r"[0-9]{1,15}")
_STATUS = re.compile(r"([1-9][0-9]{2})(?:\s|$)")
_ONCE = ("warc-type", "warc-target-uri", "warc-date", "warc-truncated", "warc-payload-digest", "warc-block-digest")
_OTHERS = {
    b"PK\x03\x04": "it is a ZIP, perhaps a WACZ: unpack it and give the .warc.gz in its folder archive/",
    b"\x28\xb5\x2f\xfd": "it is packed with Zstandard: unpack it, and pack it with gzip if it must be packed",
    b"filedesc://": "it is an ARC, the format before WARC: convert it with an archiver first",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a record is left out, or the whole file refused; each answer names its limit."""

    head: int = 64 * 1024  # bytes of a record's head, and of the HTTP head in it; servers send some hundred
    image: int = 64 * 1024 * 1024  # bytes, packed and unpacked
    page: int = 4 * 1024 * 1024  # of HTML: the median page is 30 kB
    site_rules: int = 512 * 1024  # of a robots.txt; RFC 9309 asks for 500 KiB at least
    records: int = 2_000_000  # archivers begin a new file at 1 GB, after some ten thousand
    unpacked_per_byte: int = 100  # HTML packs 5 to 10 times, zlib at most 1,032 times
    unpacked_free: int = 64 * 1024 * 1024  # bytes that may be unpacked whatever the file's size
    showings: int = 300_000  # places in pages where an image is shown
    text: int = 128 * 1024 * 1024  # characters that are held of pages and site rules


LIMITS = Limits()
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Http:
    """The answer of a web server, as far as its head."""

    status: int
    headers: Headers

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def content_type(self) -> str:
        return self.first("content-type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record. `body` is what follows the HTTP head, as it is stored; None where nobody asked for it."""

    number: int  # from 1
    kind: str  # of WARC: "response", "warcinfo"
    headers: Headers
    http: Http | None
    http_head: bytes
    body: bytes | None
    body_size: int
    faults: tuple[Why, ...]

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name), "")

    @property
    def url(self) -> str:
        told = self.header("warc-target-uri").strip()
        return told[1:-1] if told.startswith("<") and told.endswith(">") else told  # as WGet 1.19 wrote it


class _Damaged(Exception):
    """Where the next record begins cannot be known from here on."""


@dataclass(frozen=True, slots=True)
class Damage:
    """The end of what can be read: in record `number`, for the reason in `words`."""

    number: int
    words: str


class Unpacked:
    """The bytes of a .warc or .warc.gz as they are asked for, unpacked, counted against a bomb, and hashed as they lie.

    Raises `BadInput` for a bomb and `Fault` for a disk that cannot be read.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file, self._limits = file, limits
        self._hash, self._read, self._given = hashlib.sha256(), 0, 0
        self._held, self._at, self._waiting = b"", 0, b""
        self._member: zlib._Decompress | None = None
        self._begun = False  # whether the member has given anything
        try:
            file.seek(0)
        except (OSError, ValueError) as error:
            raise Fault("the archive must be a file that can be read twice; copy it to a disk first") from error
        self._waiting = self._raw()
        self.packed = self._waiting.startswith(GZIP)

    @property
    def between_members(self) -> bool:
        """Whether all that was given so far was unpacked to the end of its member, whose checksum was right."""
        return self.packed and not self._begun

    def peek(self, size: int) -> bytes:
        while len(self._held) - self._at < size and self._more():
            pass
        return self._held[self._at : self._at + size]

    def line(self, most: int) -> bytes:
        """To its end of line, or the first `most` bytes of it."""
        end = 0
        while not end:
            end = self._held.find(b"\n", self._at, self._at + most) + 1
            if not end and (len(self._held) - self._at >= most or not self._more()):
                end = min(self._at + most, len(self._held))
                break
        line, self._at = self._held[self._at : end], end
        return line

    def pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, or what there is of them."""
        while size and (self._at < len(self._held) or self._more()):
            piece = self._held[self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def _more(self) -> bool:
        piece = self._piece()
        self._held, self._at = self._held[self._at :] + piece, 0
        return bool(piece)

    def digest(self) -> str:
        """SHA-256 of the file as it lies, read to its end for it."""
        while self._raw():
            pass
        return self._hash.hexdigest()

    def _raw(self) -> bytes:
        try:
            raw = self._file.read(READ)
        except (OSError, ValueError) as error:
            raise Fault(f"the archive cannot be read ({error}); check the disk and copy it again") from error
        self._hash.update(raw)
        self._read += len(raw)
        return raw

    def _piece(self) -> bytes:
        """Some bytes; none at the end of the file."""
        if not self.packed:
            piece, self._waiting = self._waiting or self._raw(), b""
            return piece
        piece = b""
        while not piece:
            if self._member is None and not self._next_member():
                return b""
            piece = self._unpack()
        self._given += len(piece)
        if self._given > self._limits.unpacked_free + self._read * self._limits.unpacked_per_byte:
            raise BadInput(
                f"the archive unpacks to more than {self._limits.unpacked_per_byte} times its size: it is no archive of a site; "
                "ask for it again from whoever made it"
            )
        return piece

    def _next_member(self) -> bool:
        if len(self._waiting) < len(GZIP):
            self._waiting += self._raw()
        if not self._waiting:
            return False
        if self._waiting == GZIP[:1]:
            raise _Damaged("the file ends within a packed part: it was cut short")
        if not self._waiting.startswith(GZIP):
            raise _Damaged("after a packed part come bytes that are not packed")
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        return True

    def _unpack(self) -> bytes:
        member = self._member
        assert member is not None  # _next_member made it
        waiting = self._waiting or self._raw()
        if not waiting:
            raise _Damaged("the file ends within a packed part: it was cut short")
        try:
            piece = member.decompress(waiting, PIECE)
        except zlib.error as error:
            raise _Damaged(f"a packed part is damaged ({error})") from error
        self._begun = self._begun or bool(piece)
        if member.eof:
            self._member, self._begun, self._waiting = None, False, member.unused_data
        else:
            self._waiting = member.unconsumed_tail
        return piece


def records(stream: Unpacked, limits: Limits, wanted: Callable[[Recorded], int]) -> Iterator[Recorded | Damage]:
    """Every record in its order, and at last the damage that ends the reading, if there is one.

    `wanted` is told of a record as far as its heads, and says up to how many bytes of its body are to be held; of what is
    larger, none are. A record is given out only when what follows it is a record too, or the end. Raises `BadInput` if the
    file is no web archive, has too many records or is a bomb.
    """
    number = 1
    while True:
        try:
            if number == 1:
                _check_beginning(stream)
            if not stream.peek(1):
                return
            if number > limits.records:
                raise BadInput(f"the archive has more than {limits.records:,} records; give it in parts")
            record = _record(stream, limits, wanted, number)
            torn = _after(stream)
        except _Damaged as error:
            yield Damage(number, f"{error}; nothing from record {number} on can be read, so ask for the file again")
            return
        yield record
        number += 1
        if torn:
            yield Damage(number, f"{torn}; nothing from record {number} on can be read, so ask for the file again")
            return


def _check_beginning(stream: Unpacked) -> None:
    try:
        begins = stream.peek(16)
    except _Damaged as error:
        raise BadInput(f"the file is no web archive that can be read: {error}; ask for it again") from error
    if begins.startswith(b"WARC/"):
        return
    if not begins:
        raise BadInput("the file is empty; take it again from where it was copied")
    why = next((words for known, words in _OTHERS.items() if begins.startswith(known)), "")
    if begins.startswith(GZIP):
        why = "it is packed twice: unpack it once"
    raise BadInput(
        f"the file is no web archive (WARC): {why or 'its first bytes are not WARC/1.0; check what file you gave'}"
    )


def _record(stream: Unpacked, limits: Limits, wanted: Callable[[Recorded], int], number: int) -> Recorded:
    head = _head(stream, limits.head)
    try:
        parsed = StatusAndHeadersParser(_WARC).parse(BytesIO(head))
    except (StatusAndHeadersParserException, EOFError) as error:
        raise _Damaged(f"record {number} does not begin with WARC/1.0 or WARC/1.1") from error
    headers: Headers = tuple(parsed.headers)
    names = [name.lower() for name, _ in headers]
    lengths = [value.strip() for name, value in headers if name.lower() == "content-length"]
    if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]):
        raise _Damaged(f"record {number} does not say how long it is, or says it twice")
    twice = [name for name in _ONCE if names.count(name) > 1]
    faults = [Why(Code.DAMAGED, f"its head says {name} twice") for name in twice]
    record = Recorded(number, "", headers, None, b"", None, 0, ())
    kind, left = record.header("warc-type").strip().lower(), int(lengths[0])
    http, http_head = None, b""
    if kind == "response" and record.header("content-type").lower().startswith("application/http"):
        http, http_head = _http(stream, min(left, limits.head))
        left -= len(http_head)
        if http is None:
            faults.append(Why(Code.DAMAGED, "its HTTP head does not end, is too long, or is none"))
    record = Recorded(number, kind, headers, http, http_head, None, left, tuple(faults))
    most = wanted(record)
    return Recorded(number, kind, headers, http, http_head, _body(stream, left, most), left, tuple(faults))


def _head(stream: Unpacked, most: int) -> bytes:
    """To the empty line that ends it."""
    lines, left = [], most
    while left > 0:
        line = stream.line(left)
        left -= len(line)
        lines.append(line)
        if not line.endswith(b"\n"):
            break
        if not line.strip(b"\r\n"):
            return b"".join(lines)
    if left <= 0:
        raise _Damaged(f"the head of a record has more than {most:,} bytes")
    raise _Damaged("the file ends within the head of a record: it was cut short")


def _http(stream: Unpacked, most: int) -> tuple[Http | None, bytes]:
    """The answer's head, and its bytes; of one that does not end, what was read of it."""
    lines, left = [], most
    while left > 0:
        line = stream.line(left)
        left -= len(line)
        lines.append(line)
        if not line.endswith(b"\n"):
            if left > 0:
                raise _Damaged("the file ends within a record: it was cut short")
            break
        if not line.strip(b"\r\n"):
            return _parsed(b"".join(lines)), b"".join(lines)
    return None, b"".join(lines)


def _parsed(head: bytes) -> Http | None:
    try:
        parsed = StatusAndHeadersParser(_HTTP).parse(BytesIO(head))
    except (StatusAndHeadersParserException, EOFError):
        return None
    status = _STATUS.match(parsed.statusline or "")
    return Http(int(status[1]), tuple(parsed.headers)) if status else None


def _body(stream: Unpacked, size: int, most: int) -> bytes | None:
    held, read = [], 0
    for piece in stream.pieces(size):
        read += len(piece)
        if size <= most:
            held.append(piece)
    if read < size:
        raise _Damaged(f"the file ends {size - read:,} bytes before its last record does: it was cut short")
    return b"".join(held) if size <= most else None


def _after(stream: Unpacked) -> str:
    """Past the two line ends after a record. What is wrong with the next one, if that shows already: this one is whole then."""
    try:
        begins = stream.peek(16)
        blank = len(begins) - len(begins.lstrip(b"\r\n"))
        list(stream.pieces(blank))
        begins = stream.peek(5)
    except _Damaged as error:
        if stream.between_members:
            return str(error)
        raise
    if begins and begins != b"WARC/":
        raise _Damaged("after a record come bytes that are none: the length that it states is wrong")
    return ""
