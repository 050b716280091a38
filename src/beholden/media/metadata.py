"""Metadata: what a file says of itself, read once and within limits. Nothing of it is executed, expanded or followed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from beholden.media.damage import DAMAGE, DAMAGE_TOO
from beholden.records.metadata import Metadata, code_of, foremost, is_moment, is_place, plain

if TYPE_CHECKING:
    from PIL import Image

_MAKE, _MODEL, _SOFTWARE, _EXIF, _GPS = 0x010F, 0x0110, 0x0131, 0x8769, 0x8825
_TAKEN, _OFFSET = (
    0x9003,
    0x9011,
)  # DateTimeOriginal and OffsetTimeOriginal; when it was digitised or changed is another time
_MOST_XMP = 4 * 1024 * 1024  # bytes; a photograph's has some ten thousand
_MOST_CODES = 1_000

# The code stands at the end of an address, in XMP as in a signed C2PA manifest, or alone as XMP's value. It is searched for as
# text: no XML is parsed, so that there is no entity to expand and no depth to go down to.
_ADDRESS = b"cv.iptc.org/newscodes/digitalsourcetype/"
_CODE = re.compile(rb"[A-Za-z]{1,40}")
_ALONE = re.compile(rb"DigitalSourceType(?:\s{0,8}=\s{0,8}[\"']|>)\s{0,64}([A-Za-z]{1,40})\s{0,64}[\"'<]")
_ADDRESSED = re.compile(re.escape(_ADDRESS) + rb"([A-Za-z]{1,40})")
_PIECE = 4 * 1024 * 1024  # bytes of a video that are searched at once
_REACH = 256  # bytes: no code with what tells it is longer

# A video's tags as FFmpeg names them, in small letters; the first that is there is taken. Apple's own say more.
_APPLE = "com.apple.quicktime."
_FILMED = (_APPLE + "creationdate", "creation_time", "date")
_ISO_6709 = re.compile(
    r"([+-]\d{2}(?:\.\d{1,10})?)([+-]\d{3}(?:\.\d{1,10})?)(?:[+-]\d{1,6}(?:\.\d{1,10})?)?(?:CRS[\w:]{1,20})?/?"
)


def exif_of(image: Image.Image) -> Metadata:
    """Camera, software, moment and place. Asked before a picture is loaded: a TIFF's is gone afterwards."""
    try:
        exif = image.getexif()
        inner, gps = exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
        return Metadata(
            taken_at=_moment(inner.get(_TAKEN), inner.get(_OFFSET)),
            camera=_camera(_words(exif.get(_MAKE)), _words(exif.get(_MODEL))),
            software=_words(exif.get(_SOFTWARE)),
            place=_place(gps),
        )
    except (*DAMAGE, *DAMAGE_TOO):
        return Metadata()  # as viewers do: the picture is shown without what cannot be read


def digital_source(content: bytes, xmp: object) -> str:
    """How the picture came about, by the IPTC's code, from its XMP and from a C2PA manifest. Empty where nothing says it."""
    codes = _addressed(content)
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if isinstance(xmp, bytes):
        text = xmp[:_MOST_XMP].replace(b"\0", b"")  # UTF-16 and UTF-32 too: what is searched for is ASCII
        codes |= _addressed(text) | {found[1].decode() for found in list(_ALONE.finditer(text))[:_MOST_CODES]}
    return foremost(codes)


def tags_of(tags: Mapping[str, str]) -> Metadata:
    """Camera, software, moment and place of a video, by the tags of its container."""
    told = {name.lower(): words for name, words in tags.items()}
    return Metadata(
        taken_at=next((at for name in _FILMED if (at := _filmed(_words(told.get(name))))), ""),
        camera=_camera(_first(told, _APPLE + "make", "make"), _first(told, _APPLE + "model", "model")),
        software=_first(told, _APPLE + "software", "software", "encoder"),
        place=_filmed_where(_first(told, _APPLE + "location.iso6709", "location", "location-eng")),
    )


def digital_source_in(file: BinaryIO) -> str:
    """As `digital_source`, of a video: read from here to its end, in pieces, wherever its container keeps what it says."""
    codes, before = set[str](), b""
    while len(codes) < _MOST_CODES and (piece := file.read(_PIECE)):
        text = before + piece
        codes |= _codes_before(text, len(text) - _REACH)
        before = text[-_REACH:]
    return foremost(codes | _codes_before(before, len(before)))


def _codes_before(text: bytes, ends: int) -> set[str]:
    """Those that begin before `ends`: what begins after it may be cut, and is in the next piece as well."""
    found = [one for pattern in (_ADDRESSED, _ALONE) for one in pattern.finditer(text) if one.start() < ends]
    return {code_of(one[1].decode()) for one in found}


def _first(told: Mapping[str, str], *names: str) -> str:
    return next((words for name in names if (words := _words(told.get(name)))), "")


def _filmed(words: str) -> str:
    try:
        moment = datetime.fromisoformat(words).isoformat(timespec="seconds")
    except ValueError:
        return ""
    return moment if len(words) > len("2019-05-04") and is_moment(moment) else ""  # a day alone is no moment


def _filmed_where(words: str) -> str:
    """ISO 6709, in degrees: +45.4215-075.6972+071.000/."""
    if not (found := _ISO_6709.fullmatch(words)):
        return ""
    latitude, longitude = float(found[1]), float(found[2])
    place = f"{latitude:.6f}, {longitude:.6f}"
    return place if is_place(place) and (latitude or longitude) else ""


def _addressed(content: bytes) -> set[str]:
    codes, at = set(), content.find(_ADDRESS)
    for _ in range(_MOST_CODES):
        if at < 0:
            break
        at += len(_ADDRESS)
        if found := _CODE.match(content, at):
            codes.add(code_of(found[0].decode()))
        at = content.find(_ADDRESS, at)
    return codes


def _words(told: object) -> str:
    if isinstance(told, bytes):
        told = told.decode("utf-8", "replace")
    return plain(told.split("\0")[0]) if isinstance(told, str) else ""


def _camera(make: str, model: str) -> str:
    """Most makers write their name into both."""
    return plain(model if model.lower().startswith(make.lower()) else f"{make} {model}")


def _moment(told: object, offset: object) -> str:
    day, _, hour = _words(told).partition(" ")
    moment = f"{day.replace(':', '-')}T{hour}"
    if is_moment(with_offset := moment + _words(offset)):
        return with_offset
    return moment if is_moment(moment) else ""


def _place(gps: Mapping[int, Any]) -> str:
    latitude, longitude = _degrees(gps.get(2), gps.get(1), "S"), _degrees(gps.get(4), gps.get(3), "W")
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return ""  # nought and nought is a receiver without a signal, or a spot in the sea
    place = f"{latitude:.6f}, {longitude:.6f}"
    return place if is_place(place) else ""


def _degrees(told: Any, side: object, negative: str) -> float | None:
    parts = [float(part) for part in told] if isinstance(told, tuple) and len(told) == 3 else []
    value = math.fsum(part / 60.0**place for place, part in enumerate(parts))
    if not parts or not math.isfinite(value):
        return None
    return -value if _words(side).upper().startswith(negative) else value
