"""Containers: what a file of the ISO kind (HEIC, AVIF, JPEG XL) declares before any pixel, and how deep its boxes lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from beholden.errors import UnreadableImage

MAX_DEPTH = 8  # boxes within boxes; a telephone's photograph has four
MAX_BOXES = 20_000  # a photograph in 1,000 tiles has some 5,000
HEAD = 8  # bytes of a box's length and name

# Boxes that hold boxes, and how many bytes of their own come first.
_HOLDING = {
    **dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"iprp", b"ipco", b"grpl"), 0),
    b"meta": 4,
    b"iref": 4,
}
_JXL_BOX = b"\0\0\0\x0cJXL \r\n\x87\n"
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


@dataclass(frozen=True, slots=True)
class Declared:
    """The head of a JPEG XL."""

    width: int  # as it is shown: upright
    height: int
    turned: bool
    animated: bool


def is_jxl(content: bytes) -> bool:
    return content.startswith((b"\xff\x0a", _JXL_BOX))


def brands(content: bytes) -> tuple[bytes, ...]:
    """The file types that a file of the ISO kind claims, the foremost first; none of another kind of file."""
    if content[4:8] != b"ftyp":
        return ()
    length = min(int.from_bytes(content[:4], "big"), 1024)
    told = [content[8:12], *(content[at : at + 4] for at in range(16, length - 3, 4))]
    return tuple(brand for brand in told if len(brand) == 4)


def check_nesting(content: bytes) -> None:
    """Raises `UnreadableImage` for boxes that lie too deep, or are too many; other files have none."""
    if brands(content) or content.startswith(_JXL_BOX):
        for count, (depth, _, _, _) in enumerate(_walk(content, 0, len(content), 1), 1):
            if depth > MAX_DEPTH:
                raise UnreadableImage(
                    f"the file nests its parts more than {MAX_DEPTH} deep, which is the most that is read; "
                    "export it as PNG or JPEG and give that"
                )
            if count > MAX_BOXES:
                raise UnreadableImage(
                    f"the file is made of more than {MAX_BOXES:,} parts, which are the most that are read; "
                    "export it as PNG or JPEG and give that"
                )


def turns(content: bytes) -> bool:
    """Whether a file has its picture turned or mirrored (`irot`, `imir`): its reader does it, whatever the EXIF says."""
    found = ((name, content[begins : begins + 1]) for _, name, begins, _ in _walk(content, 0, len(content), 1))
    return any(name == b"imir" or (name == b"irot" and told != b"\0") for name, told in found)


def jxl_declares(content: bytes) -> Declared:
    """Size, turn and animation of a JPEG XL (ISO/IEC 18181-1, annex D.2 and D.3). Raises ValueError for a broken head."""
    bits = _Bits(_codestream(content))
    if bits.take(16) != 0x0AFF:
        raise ValueError("the JPEG XL has no beginning")
    width, height = _size(bits)
    turn, animated = 1, False
    if not bits.take(1) and bits.take(1):  # not all as by default, and with what the default lacks
        turn = 1 + bits.take(3)
        if bits.take(1):
            _size(bits)  # at which it is to be seen
        if bits.take(1):
            raise ValueError("the JPEG XL has a preview before its picture")
        animated = bool(bits.take(1))
    return Declared(*((height, width) if turn > 4 else (width, height)), turn > 1, animated)


def _codestream(content: bytes) -> bytes:
    """Its first bytes: more than a head needs."""
    if not content.startswith(_JXL_BOX):
        return content[:64]
    parts = b""
    for depth, name, begins, ends in _walk(content, 0, len(content), 1):
        if depth == 1 and name in (b"jxlc", b"jxlp"):
            parts += content[begins + 4 * (name == b"jxlp") : ends][:64]
            if len(parts) >= 64 or name == b"jxlc":
                break
    return parts[:64]


def _walk(content: bytes, begins: int, ends: int, depth: int) -> Iterator[tuple[int, bytes, int, int]]:
    """Each box with its depth, name, and where its inside begins and ends. One that lies about its length ends the walk."""
    while ends - begins >= HEAD:
        length, name, inside = (
            int.from_bytes(content[begins : begins + 4], "big"),
            content[begins + 4 : begins + 8],
            HEAD,
        )
        if length == 1:
            length, inside = int.from_bytes(content[begins + 8 : begins + 16], "big"), 16
        elif length == 0:
            length = ends - begins
        if length < inside or length > ends - begins:
            return
        yield depth, name, begins + inside, begins + length
        if name in _HOLDING and depth <= MAX_DEPTH:
            yield from _walk(content, begins + inside + _HOLDING[name], begins + length, depth + 1)
        begins += length


class _Bits:
    """Bits as JPEG XL packs them: the lowest of a byte first."""

    def __init__(self, content: bytes) -> None:
        self._left, self._value = len(content) * 8, int.from_bytes(content, "little")

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the JPEG XL is cut short")
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return taken


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = _side(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return _side(bits, small), height


def _side(bits: _Bits, small: int) -> int:
    if small:
        return 8 * (1 + bits.take(5))
    return 1 + bits.take((9, 13, 18, 30)[bits.take(2)])
