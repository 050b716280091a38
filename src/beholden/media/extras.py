"""Formats whose readers come with an extra: HEIC with `[heic]`, JPEG XL with `[jxl]`. Without it a file is refused by name."""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from beholden.errors import UnreadableImage
from beholden.media import containers

if TYPE_CHECKING:
    from PIL import Image

HEIF, JXL = "HEIF", "JXL"
EXTRAS = {
    HEIF: ("pillow_heif", "heic", "HEIC"),
    JXL: ("pillow_jxl", "jxl", "JPEG XL"),
}  # package, extra, what people call it

# What HEVC is in; AV1 in the same kind of file is AVIF, which Pillow reads by itself.
_HEVC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
# What the decoder of JPEG XL gives, and how many bytes of it a pixel has.
_GIVEN = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "I;16": 2}

# A red square of 16 pixels in each, made with the very encoders: what is tried out before the walls are raised.
SMALL = {
    HEIF: b64decode(
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
        "ACJpbG9jAAAAAERAAAEAAQAAAAABoAABAAAAAAAAADMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
        "AAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
        "AAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNs"
        "eAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAEAAAAAEAAAAQAAAAAf///9AAAAAC////0AAAAAIAAAAQcGl4"
        "aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAO21kYXQAAAAvKAGvEyFkY0D1JyL//2q6n/rQWf9v9lhZ3K6AwVvy"
        "+sD2ZJvA86qRnoCHaacwFXg="
    ),
    JXL: b64decode("/wpDBgATiAIA2AC1nyAAABUqo4wbvJzr+fJDh8W0jesMbbVtYQljs70wSEg4o9h51cOs+Szgcc/o68AQgpxrJQk="),
}


def there() -> tuple[str, ...]:
    """The extras' formats that can be read here."""
    return tuple(kind for kind, (package, _, _) in EXTRAS.items() if _found(package))


def kind_of(content: bytes) -> str:
    """Which of them a file is by its beginning; empty for a file of any other kind."""
    if containers.is_jxl(content):
        return JXL
    return HEIF if _HEVC.intersection(containers.brands(content)) else ""


def check_there(kind: str) -> None:
    """Raises `UnreadableImage` with the name of the extra where the reader of a format is not installed."""
    package, extra, name = EXTRAS[kind]
    if not _found(package):
        raise UnreadableImage(
            f"the file is a {name}, which is read only with the extra [{extra}]: ask for `pip install beholden[{extra}]` "
            "(docs/dependencies.md says under which licence it comes), or export the picture as PNG or JPEG"
        )


@cache
def register_heif() -> None:
    """HEIC beside Pillow's own formats: nothing but the picture itself, and on one thread."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def jxl(content: bytes) -> Image.Image:
    """A JPEG XL's picture, upright already, with its profile and EXIF; or the JPEG that it was made of, to be read as one.

    Its size must have been checked: everything is decoded here. Of its EXIF the orientation does not count (ISO/IEC 18181-2).
    """
    from PIL import Image
    from pillow_jxl import Decoder

    of_jpeg, declared, data, profile, parts = Decoder(num_threads=0)(content)
    if of_jpeg:
        return Image.open(BytesIO(data), formats=["JPEG"])
    size = (declared.width, declared.height)
    if declared.mode not in _GIVEN:
        raise UnreadableImage(
            "the pixels have more than 16 bits and no agreed white, or colours of a kind that is not read; "
            "export the picture with 8 bits"
        )
    if len(data) != size[0] * size[1] * _GIVEN[declared.mode]:
        raise ValueError("it gave other pixels than it declared")
    image = Image.frombytes(declared.mode, size, data)
    image.info |= {"icc_profile": profile} if profile else {}
    for part in parts:
        if part.box_type == b"Exif":
            image.info["exif"] = _exif(bytes(part.data))
        elif part.box_type == b"xml ":
            image.info["xmp"] = bytes(part.data)
    return image


def _exif(data: bytes) -> bytes:
    """As Pillow takes it. A box begins with where in it the TIFF does, if its writer followed the standard."""
    return b"Exif\0\0" + (data if data[:2] in (b"II", b"MM") else data[4:])


@cache
def _found(package: str) -> bool:
    return find_spec(package) is not None
