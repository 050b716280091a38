"""What every picture reader must do. Subclass `MediaContract` as `Test…`, and say how a reader is opened."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest

from beholden.errors import UnreadableImage
from beholden.ports.media import Media, Pixels, Sight
from beholden.records.edits import Edit, Operation
from beholden.records.faces import Box
from beholden.records.metadata import Metadata

if TYPE_CHECKING:
    from PIL import Image

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 180, 40), (30, 50, 200), (220, 210, 40)
# What a viewer does to show a stored picture, as EXIF numbers it; undone here to store one.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


def quarters(width: int = 96, height: int = 64) -> Pixels:
    """Red, green, blue and yellow, so that every turn and mirroring shows."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, YELLOW
    return pixels


def written(pixels: Pixels, kind: str = "PNG", **settings: object) -> bytes:
    """The pixels as a file of that format."""
    from PIL import Image

    return saved(Image.fromarray(np.ascontiguousarray(pixels)), kind, **settings)


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    content = BytesIO()
    image.save(content, kind, **settings)
    return content.getvalue()


def exif_of_a_camera() -> Image.Exif:
    """Taken in Ottawa, on a fourth of May, by a camera whose maker has its name in both fields, as most have."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Gogon\0", "Gogon Mark 7", "Darkroom 3"
    exif.get_ifd(0x8769).update({0x9003: "2019:05:04 10:11:12", 0x9011: "+02:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (45.0, 25.0, 17.508), 3: "W", 4: (75.0, 41.0, 49.8948)})
    return exif


def xmp_of(code: str) -> bytes:
    """XMP that says how the picture came about, by the IPTC's code."""
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType='
        b'"http://cv.iptc.org/newscodes/digitalsourcetype/' + code.encode() + b'"/></rdf:RDF></x:xmpmeta>'
    )


def read(content: bytes) -> Image.Image:
    """Opened by Pillow alone, to check what was written."""
    from PIL import Image

    image = Image.open(BytesIO(content))
    image.load()
    return image


class MediaContract:
    def media(self) -> Media:
        raise NotImplementedError("say in the subclass which media are tried")

    def test_a_picture_is_decoded_as_rgb_bytes_of_height_by_width(self) -> None:
        picture = self.media().decode(written(quarters()))
        assert picture.pixels.shape == (64, 96, 3)
        assert picture.pixels.dtype == np.uint8
        assert np.array_equal(picture.pixels, quarters())
        assert (picture.kind, picture.turned) == ("PNG", False)

    @pytest.mark.parametrize("orientation", sorted(STORED))
    def test_a_picture_is_turned_upright_as_its_metadata_says(self, orientation: int) -> None:
        from PIL import Image

        exif = Image.Exif()
        exif[0x0112] = orientation
        picture = self.media().decode(written(STORED[orientation](quarters()), "JPEG", exif=exif, quality=95))
        assert picture.kind == "JPEG"
        assert picture.turned is (orientation > 1)
        assert picture.pixels.shape == (64, 96, 3)
        assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6

    def test_what_is_transparent_is_shown_on_white(self) -> None:
        pixels = np.dstack([quarters(), np.full((64, 96), 255, dtype=np.uint8)])
        pixels[:, :10, 3] = 0
        picture = self.media().decode(written(pixels))
        assert (picture.pixels[:, :10] == 255).all()
        assert np.array_equal(picture.pixels[:, 10:], quarters()[:, 10:])

    def test_a_picture_in_another_colour_space_is_shown_in_srgb(self) -> None:
        from PIL import ImageCms

        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        table, rest = srgb[:400], srgb[400:]  # a profile in which red and green have changed places
        swapped = table.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ") + rest
        picture = self.media().decode(written(quarters(), icc_profile=swapped))
        assert np.abs(picture.pixels[5, 5].astype(int) - (30, 200, 30)).max() <= 3

    @pytest.mark.parametrize("content", [b"", b"not a picture", b"\x00" * 4096])
    def test_what_is_no_picture_is_refused(self, content: bytes) -> None:
        with pytest.raises(UnreadableImage):
            self.media().decode(content)

    def test_a_truncated_picture_is_refused(self) -> None:
        content = written(np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8), "JPEG")
        with pytest.raises(UnreadableImage, match="cut short"):
            self.media().decode(content[: len(content) // 2])

    def test_a_picture_of_too_many_bytes_is_refused_with_the_limit(self) -> None:
        media, picture = self.media(), written(quarters(), "BMP")  # what follows a bitmap's pixels is not looked at
        largest = picture + bytes(media.max_bytes - len(picture))
        assert np.array_equal(media.decode(largest).pixels, quarters())
        with pytest.raises(UnreadableImage, match=r"bytes.*export"):
            media.decode(largest + b"\0")

    def test_a_picture_of_too_many_pixels_is_refused_with_the_limit(self) -> None:
        from PIL import Image

        with pytest.raises(UnreadableImage, match=r"pixels.*crop"):
            self.media().decode(saved(Image.new("1", (19_000, 19_000)), "PNG"))

    def test_of_an_animation_the_first_frame_is_read_and_the_number_of_frames_said(self) -> None:
        from PIL import Image

        frames = [Image.fromarray(np.full((8, 8, 3), shade, dtype=np.uint8)) for shade in (0, 90, 200)]
        picture = self.media().decode(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
        assert (picture.kind, picture.frames, picture.pixels.max()) == ("GIF", 3, 0)
        assert self.media().decode(written(quarters())).frames == 1

    def test_an_animation_of_too_many_frames_is_refused_with_the_limit(self) -> None:
        from PIL import Image

        frames = [Image.new("1", (1, 1), number % 2) for number in range(1001)]
        with pytest.raises(UnreadableImage, match=r"1,001 frames, more than the 1,000"):
            self.media().decode(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    def test_what_a_file_says_of_itself_is_read(self) -> None:
        picture = self.media().decode(
            written(quarters(), "JPEG", exif=exif_of_a_camera(), xmp=xmp_of("digitalCapture"))
        )
        assert picture.metadata == Metadata(
            taken_at="2019-05-04T10:11:12+02:00",
            camera="Gogon Mark 7",
            software="Darkroom 3",
            place="45.421530, -75.697193",
            digital_source="digitalCapture",
        )
        assert self.media().decode(written(quarters())).metadata == Metadata()

    def test_a_chip_is_the_face_with_a_margin_of_a_quarter_as_a_square_jpeg(self) -> None:
        pixels = np.full((300, 400, 3), RED, dtype=np.uint8)
        pixels[100:180, 100:200] = BLUE  # wider than high: the margin is a quarter of the longer side
        chip = read(self.media().chip(pixels, Box(0.25, 1 / 3, 0.25, 80 / 300), 150))
        assert (chip.format, chip.size, chip.mode) == ("JPEG", (150, 150), "RGB")
        seen = np.asarray(chip).astype(int)
        assert np.abs(seen[75, 30:120] - BLUE).mean() < 8
        assert np.abs(seen[75, :20] - RED).mean() < 8
        assert np.abs(seen[75, 130:] - RED).mean() < 8
        assert np.abs(seen[:30, 75] - RED).mean() < 8
        assert np.abs(seen[40:110, 75] - BLUE).mean() < 8

    def test_a_chip_of_a_face_at_the_edge_is_square_too(self) -> None:
        chip = np.asarray(read(self.media().chip(quarters(), Box(-0.1, -0.2, 0.3, 0.4), 60)))
        assert chip.shape == (60, 60, 3)
        assert np.abs(chip[50, 50].astype(int) - RED).max() < 12
        assert np.ptp(chip[2, 2].astype(int)) < 6  # beyond the edge it is grey

    def test_chips_of_a_file_are_those_of_its_pixels_also_when_they_are_asked_for_again(self) -> None:
        media, content = self.media(), written(quarters())
        pixels, box = media.decode(content).pixels, Box(0.2, 0.2, 0.5, 0.5)
        bright = (Edit(Operation.EXPOSURE, 1.0),)
        wanted = (media.chip(pixels, box, 40), media.chip(media.edited(pixels, box, bright), box, 40))
        sights = [Sight(box), Sight(box, bright, box)]
        assert media.chips(content, sights, 40) == media.chips(content, sights, 40) == wanted
        assert media.chips(content, sights[:1], 60) == (media.chip(pixels, box, 60),)
        assert media.chips(written(quarters()[:, ::-1]), sights[:1], 40) != wanted[:1]
        with pytest.raises(UnreadableImage):
            media.chips(content[:-100], sights, 40)

    def test_a_chip_has_no_metadata(self) -> None:
        chip = read(self.media().chip(quarters(), Box(0.2, 0.2, 0.5, 0.5), 40))
        assert set(chip.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not chip.getexif()

    def test_a_whole_picture_is_a_jpeg_without_metadata_made_smaller_and_never_larger(self) -> None:
        pixels = quarters()
        height, width = pixels.shape[:2]
        for side, wanted in ((max(width, height) * 2, (width, height)), (max(width, height) // 2, None)):
            content = self.media().whole(pixels, side)
            shown = read(content)
            assert (shown.format, dict(shown.getexif())) == ("JPEG", {})
            assert shown.size == wanted or max(shown.size) == side

    def test_blanked_boxes_and_a_margin_of_a_half_are_one_grey_and_all_else_stays(self) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (200, 300, 3), dtype=np.uint8)
        before = pixels.copy()
        content = self.media().blank(pixels, [Box(0.1, 0.1, 0.1, 0.2), Box(0.9, 0.9, 0.2, 0.2)])
        image = read(content)
        assert (image.format, image.info) == ("PNG", {})
        after = np.asarray(image)
        assert (
            len(np.unique(after[0:80, 15:75].reshape(-1, 3), axis=0)) == 1
        )  # 30–60 across, 20–60 down, and half of each
        assert np.array_equal(after[160:, 240:], np.full((40, 60, 3), after[0, 15]))
        assert np.array_equal(after[:, 76:240], pixels[:, 76:240])
        assert np.array_equal(after[81:160], pixels[81:160])
        assert np.array_equal(pixels, before)

    def test_blanking_nothing_changes_no_pixel(self) -> None:
        assert np.array_equal(np.asarray(read(self.media().blank(quarters(), []))), quarters())

    def test_of_a_picture_only_boxes_and_a_margin_of_their_size_are_left_where_they_stood(self) -> None:
        pixels = np.random.default_rng(2).integers(0, 128, (192, 320, 3), dtype=np.uint8)
        before = pixels.copy()
        content = self.media().only(pixels, [Box(0.5, 0.5, 0.125, 0.125), Box(0.9375, 0.875, 0.125, 0.25)])
        image = read(content)
        assert (image.format, image.info) == ("PNG", {})
        after = np.asarray(image)
        grey = np.full_like(after, 128)
        grey[72:144, 120:240] = pixels[72:144, 120:240]  # 160–200 across, 96–120 down, and as much again on each side
        grey[120:, 260:] = pixels[120:, 260:]
        assert np.array_equal(after, grey)
        assert np.array_equal(pixels, before)

    def test_of_a_picture_with_no_boxes_nothing_is_left(self) -> None:
        assert np.ptp(np.asarray(read(self.media().only(quarters(), [])))) == 0

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF"])
    def test_a_picture_is_no_video_and_has_no_stills(self, kind: str) -> None:
        media, content = self.media(), written(quarters(), kind)
        assert media.video_kind(content) == ""
        with pytest.raises(UnreadableImage):
            list(media.stills(content))

    def test_what_begins_as_a_video_and_is_none_is_refused(self) -> None:
        """Also where nothing is installed that reads videos."""
        media = self.media()
        content = b"\0\0\0\x20ftypisom" + bytes(2_000)
        assert media.video_kind(content) == "MP4"
        with pytest.raises(UnreadableImage):
            list(media.stills(content))
        with pytest.raises(UnreadableImage):
            media.decode(content)

    def test_a_sheet_shows_every_chip_with_its_words(self) -> None:
        media = self.media()
        chips = [
            (f"place {number}", written(np.full((80, 80, 3), colour, dtype=np.uint8), "JPEG"))
            for number, colour in enumerate((RED, GREEN, BLUE, YELLOW, RED, GREEN, BLUE))
        ]
        page = read(media.sheet(chips))
        assert (page.format, page.info) == ("PNG", {})
        seen = np.asarray(page).astype(int)
        for colour, count in ((RED, 2), (GREEN, 2), (BLUE, 2), (YELLOW, 1)):
            assert (np.abs(seen - colour).max(axis=2) < 12).sum() == pytest.approx(count * 6400, rel=0.02)
        without = np.asarray(read(media.sheet([("", chip) for _, chip in chips])))
        assert ((seen.max(axis=2) < 60).sum()) > (without.max(axis=2) < 60).sum() + 7 * 40

    def test_a_veiled_chip_is_small_and_grey_and_has_nothing_sharp_outside_the_face(self) -> None:
        media = self.media()
        noise = np.random.default_rng(8).integers(0, 256, (224, 224, 1), dtype=np.uint8).repeat(3, axis=2)
        veiled = read(media.veiled(written(noise, "JPEG")))
        assert (veiled.format, veiled.mode, veiled.size) == ("JPEG", "L", (112, 112))
        seen = np.asarray(veiled).astype(int)
        sharp = np.abs(np.diff(seen, axis=1))
        assert sharp[40:72, 40:72].mean() > 12  # the face, as it is
        around = np.ones((112, 111), dtype=bool)
        around[12:100, 22:90] = False  # the box of an upright face in a chip lies within the middle two thirds
        assert sharp[around].max() < 12

    def test_of_a_blurred_chip_nothing_is_left_but_where_it_is_light(self) -> None:
        media = self.media()
        noise = np.random.default_rng(9).integers(0, 256, (224, 224, 3), dtype=np.uint8)
        noise[:, 112:] //= 4
        blurred = read(media.blurred(written(noise, "JPEG")))
        assert (blurred.format, blurred.mode, blurred.size) == ("JPEG", "L", (48, 48))
        seen = np.asarray(blurred).astype(int)
        assert np.abs(np.diff(seen, axis=0)).max() < 12
        assert seen[:, :20].mean() > seen[:, 28:].mean() + 50

    def test_a_strip_has_its_veiled_chips_in_rows_of_ten(self) -> None:
        media = self.media()
        chips = [
            media.veiled(written(np.full((224, 224, 3), 20 * number, dtype=np.uint8), "JPEG")) for number in range(12)
        ]
        strip = read(media.strip(chips))
        assert (strip.format, strip.size) == ("JPEG", (1120, 224))
        seen = np.asarray(strip).astype(int)
        for number in range(12):
            left, top = number % 10 * 112, number // 10 * 112
            assert np.abs(seen[top : top + 112, left : left + 112] - 20 * number).max() < 6
        assert seen[112:, 224:].max() < 6
        assert read(media.strip(chips[:3])).size == (336, 112)
