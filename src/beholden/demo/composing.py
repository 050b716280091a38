"""Pictures made out of rendered ones: several people in one photograph, an animation, and a drawing without a face."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw

# A seventh of a portrait: the eyes come out 6 to 9 pixels apart, where 10 is the least that is compared.
FAR = 1 / 7


def side_by_side(portraits: Sequence[bytes]) -> bytes:
    """The portraits in a row, as a JPEG."""
    return _jpeg(_row([_opened(content) for content in portraits]))


def group(near: Sequence[bytes], far: Sequence[bytes]) -> bytes:
    """People at half size in a row, and others small between them, below."""
    row = _row([_scaled(_opened(content), 0.5) for content in near])
    page = Image.new("RGB", (row.width, row.height + 80), (176, 190, 180))
    page.paste(row, (0, 0))
    for place, content in enumerate(far):
        page.paste(_scaled(_opened(content), FAR), (20 + place * 80, row.height + 8))
    return _jpeg(page)


def moving(portraits: Sequence[bytes]) -> bytes:
    """An animation of the portraits, as a GIF."""
    first, *others = [_scaled(_opened(content), 0.5) for content in portraits]
    out = BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=400)
    return out.getvalue()


def landscape() -> bytes:
    """A drawing of hills under a sky, as a PNG: nobody is in it."""
    page = Image.new("RGB", (480, 320), (150, 190, 225))
    draw = ImageDraw.Draw(page)
    draw.polygon([(0, 220), (140, 120), (300, 230), (420, 150), (480, 190), (480, 320), (0, 320)], fill=(96, 130, 92))
    draw.rectangle((0, 270, 480, 320), fill=(70, 104, 66))
    return _png(page)


def _row(pictures: Sequence[Image.Image]) -> Image.Image:
    page = Image.new("RGB", (sum(one.width for one in pictures), max(one.height for one in pictures)))
    left = 0
    for one in pictures:
        page.paste(one, (left, 0))
        left += one.width
    return page


def _opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


def _scaled(picture: Image.Image, factor: float) -> Image.Image:
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
