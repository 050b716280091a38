"""The bytes that a web server meant to send: a recorded body without its chunks and its packing, whole or refused."""

from __future__ import annotations

import base64
import hashlib
import zlib
from contextlib import suppress
from io import BytesIO

from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader

from beholden.formats.warc_records import Http, Recorded
from beholden.records.web import Code, Why

_PIECE = 64 * 1024
_PACKED = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
# Weak ones too: they tell damage, which is all that is asked of them. What vouches for a file afterwards is our own SHA-256.
_DIGESTS = {
    name: name.replace("-", "") for name in ("md5", "sha1", "sha-1", "sha256", "sha-256", "sha384", "sha512", "sha-512")
}
# A chunk of one byte takes six. Servers send kilobytes; a body of nothing but framing is made to be slow.
_FRAMING = 3
_FRAMING_FREE = 1024 * 1024


class Unusable(Exception):
    """A record whose payload is not taken, and why."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words)
        self.why = Why(code, words)


def payload_of(record: Recorded, http: Http, body: bytes, *, most: int) -> tuple[bytes, tuple[str, ...]]:
    """The payload as its reader would have had it, and which recorded digests it was checked against.

    Raises `Unusable`: the body is not as long as stated, its chunks or its packing do not end as they must, it unpacks to more
    than `most` bytes, or a recorded digest differs. A payload digest may be of the body as it is stored or without its
    chunks: ISO 28500 can be read either way, and archivers do both.
    """
    unchunked = _without_chunks(http, body)
    checked = []
    for name, stored in (("block", [record.http_head + body]), ("payload", [body, unchunked])):
        if told := record.header(f"warc-{name}-digest").strip():
            checked.append(_check(name, told, stored))
    payload = _unpacked(http, unchunked, most)
    if not payload:
        raise Unusable(Code.EMPTY, "its answer has no content")
    return payload, tuple(checked)


def _without_chunks(http: Http, body: bytes) -> bytes:
    transfer = ",".join(http.all("transfer-encoding")).strip().lower()
    if transfer in ("", "identity"):
        stated = {value.strip() for value in http.all("content-length")}
        if stated and stated != {str(len(body))}:
            said = " and ".join(sorted(stated))[:40]
            raise Unusable(Code.LENGTH, f"its server announced {said} bytes, the archive holds {len(body):,}")
        return body
    if transfer != "chunked":
        raise Unusable(Code.TRANSFER, f"its transfer encoding {transfer[:40]!r} cannot be undone")
    stored = BytesIO(body)
    reader, whole = ChunkedDataReader(stored, raise_exceptions=True), bytearray()
    try:
        while piece := reader.read(_PIECE):
            whole += piece
            if stored.tell() > _FRAMING_FREE + _FRAMING * len(whole):
                raise Unusable(Code.TRANSFER, "it is cut into chunks of next to nothing")
    except ChunkedDataException as error:
        raise Unusable(Code.TRANSFER, "its chunks are damaged, cut short, or none") from error
    if not reader.all_chunks_read or stored.tell() != len(body):
        raise Unusable(Code.TRANSFER, "its chunks do not end where its body does")
    return bytes(whole)


def _unpacked(http: Http, body: bytes, most: int) -> bytes:
    encoding = ",".join(http.all("content-encoding")).strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in _PACKED:
        known = ", ".join(_PACKED)
        raise Unusable(
            Code.ENCODING, f"its packing {encoding[:40]!r} is not undone here ({known} are); have it archived unpacked"
        )
    windows = _PACKED[encoding]
    if encoding == "deflate" and not (body[:1] and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0):
        windows = -zlib.MAX_WBITS  # many servers leave the wrapper out, which RFC 9110 asks for
    unpack = zlib.decompressobj(windows)
    try:
        payload = unpack.decompress(body, most + 1)
    except zlib.error as error:
        raise Unusable(Code.ENCODING, f"its packing is damaged ({error})") from error
    if len(payload) > most:
        raise Unusable(Code.TOO_LARGE, f"it unpacks to more than the {most:,} bytes that are read")
    if not unpack.eof or unpack.unused_data:
        raise Unusable(Code.ENCODING, "its packing does not end where its body does: it was cut short")
    return payload


def _check(name: str, told: str, stored: list[bytes]) -> str:
    """Which digest was checked; one by a way that is not known here vouches for nothing and refuses nothing."""
    algorithm, _, value = told.partition(":")
    if algorithm.lower() not in _DIGESTS:
        return f"{name} digest not checked: {algorithm[:20]!r} is not known here"
    for content in stored:
        made = hashlib.new(_DIGESTS[algorithm.lower()], content, usedforsecurity=False).digest()
        if made in _readings(value.strip()):
            return f"{name} digest {algorithm.lower()} holds"
    raise Unusable(Code.DIGEST, f"its {name} is not the one whose digest the archive states: it was damaged or changed")


def _readings(value: str) -> list[bytes]:
    """The digests that these letters may stand for: the standard leaves open whether base32, base16 or base64."""
    bare = value.rstrip("=")
    as_base32, as_base64 = bare.upper() + "=" * (-len(bare) % 8), bare + "=" * (-len(bare) % 4)
    readings = []
    for read, written in (
        (base64.b32decode, as_base32),
        (base64.b16decode, value.upper()),
        (base64.b64decode, as_base64),
        (base64.urlsafe_b64decode, as_base64),
    ):
        with suppress(ValueError):  # binascii.Error is one, and so are letters beyond ASCII
            readings.append(read(written))
    return readings
