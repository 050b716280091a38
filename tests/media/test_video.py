"""Videos: which of their frames are looked at, how they are shown, and what is refused, with what limit."""

from __future__ import annotations

import itertools
import os
import random
import signal
from io import BytesIO

import numpy as np
import pytest

from beholden.errors import UnreadableImage
from beholden.media import film as behind
from beholden.media import metadata, video
from beholden.media.metadata import tags_of
from beholden.media.pillow import PillowMedia
from beholden.media.sandbox import SandboxedMedia
from beholden.ports.media import Media, Pixels, Still
from beholden.records.exhibits import VIDEOS
from beholden.records.metadata import MADE_UP, MOST, Metadata
from beholden.testing.media_contract import quarters, written, xmp_of
from tests.films import RATE, film, frame, walk, with_xmp
from tests.trials.place import LONG
from tests.trials.test_hostile import damaged

pytest.importorskip("av", reason="the extra [video] is not installed")

WALKING = list(walk(5, seconds=2))
# Each container and codec that is read, written by FFmpeg itself.
FILMS = {
    "H.264 in MP4": ("MP4", "libx264", "mp4", {}),
    "H.264 in MOV": ("MOV", "libx264", "mov", {}),
    "H.264, 10 bits": ("MP4", "libx264", "mp4", {"pix_fmt": "yuv420p10le"}),
    "HEVC in MP4": ("MP4", "libx265", "mp4", {"options": {"x265-params": "log-level=none"}}),
    "H.264 in Matroska": ("MKV", "libx264", "matroska", {}),
    "VP8 in WebM": ("WEBM", "libvpx", "webm", {}),
    "VP9 in WebM": ("WEBM", "libvpx-vp9", "webm", {}),
    "MPEG-4 in AVI": ("AVI", "mpeg4", "avi", {}),
    "JPEGs in AVI": ("AVI", "mjpeg", "avi", {"pix_fmt": "yuvj420p"}),
    "MPEG-2 in MPEG-TS": ("MPEG-TS", "mpeg2video", "mpegts", {}),
    "ProRes in MOV": ("MOV", "prores_ks", "mov", {"pix_fmt": "yuv422p10le"}),
    "FFV1 in Matroska": ("MKV", "ffv1", "matroska", {}),
}


@pytest.fixture(params=["without walls", "behind walls"])
def media(request: pytest.FixtureRequest) -> Media:
    return PillowMedia() if request.param == "without walls" else SandboxedMedia()


SOUND = {"height": 4, "width": 4, "ms": 0, "new_scene": True, "turned": False}


def seconds(stills: list[Still]) -> list[float]:
    return [one.seconds for one in stills]


def tagged(pixels: Pixels, colours: int, tag: int) -> bytes:
    """H.264 whose YUV is of the one (ITU-R BT.709 is 1, 601 is 5) and says so (2: says nothing)."""
    import av

    made = BytesIO()
    with av.open(made, "w", format="mp4") as to:
        stream = to.add_stream("libx264", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = *pixels.shape[:2], "yuv420p"
        stream.codec_context.colorspace = tag
        for number in range(2):
            of = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p", dst_colorspace=colours)
            of.colorspace, of.pts = tag, number
            to.mux(stream.encode(of))
        to.mux(stream.encode(None))
    return made.getvalue()


def turned(content: bytes, quarters: int) -> bytes:
    """The MP4 as a phone writes it that was held otherwise: the same frames, and a matrix that turns them clockwise."""
    a, b, c, d = {1: (0, 1, -1, 0), 2: (-1, 0, 0, -1), 3: (0, -1, 1, 0)}[quarters]
    at = content.index(b"tkhd") + 4 + 40  # ISO/IEC 14496-12, 8.3.2: version 0
    rows = [a, b, 0, c, d, 0, 0, 0, 0x4000]
    matrix = b"".join((value * 0x10000).to_bytes(4, "big", signed=True) for value in rows)
    return content[:at] + matrix + content[at + 36 :]


@pytest.mark.parametrize("name", FILMS)
def test_every_container_gives_the_same_stills_behind_walls_as_without(name: str) -> None:
    kind, codec, container, settings = FILMS[name]
    content = film(WALKING, codec, container, **settings)
    assert PillowMedia().video_kind(content) == kind
    plain, walled = list(PillowMedia().stills(content)), list(SandboxedMedia().stills(content))
    assert len(plain) == len(walled) == 10
    for one, other in zip(plain, walled, strict=True):
        assert (one.seconds, one.new_scene, one.turned) == (other.seconds, other.new_scene, other.turned)
        assert (one.pixels == other.pixels).all()
        wanted = WALKING[round(one.seconds * RATE)].astype(np.int16)
        assert np.abs(one.pixels - wanted).mean() < 4


def test_what_moves_is_looked_at_five_times_a_second_and_what_stands_still_every_four_seconds(media: Media) -> None:
    assert seconds(list(media.stills(film(walk(5, seconds=2))))) == [number / 5 for number in range(10)]
    still = list(media.stills(film([frame({5: (60, 60)})] * 90)))
    assert seconds(still) == [0.0, 4.0, 8.0]
    assert [one.new_scene for one in still] == [True, False, False]


def test_a_cut_is_looked_at_when_it_comes_and_begins_a_new_scene(media: Media) -> None:
    dark = [np.full((270, 480, 3), 20, np.uint8)] * 7
    light = [np.full((270, 480, 3), 230, np.uint8)] * 6
    stills = list(media.stills(film([*dark, *light, *dark])))
    assert [(one.seconds, one.new_scene) for one in stills] == [(0.0, True), (0.7, True), (1.3, True)]


def test_a_slow_change_of_everything_is_a_new_scene_too(media: Media) -> None:
    fading = [np.full((270, 480, 3), level, np.uint8) for level in range(20, 220, 10)]
    assert sum(one.new_scene for one in media.stills(film(fading))) >= 4


@pytest.mark.parametrize("quarters_", [1, 2, 3])
def test_a_film_is_turned_as_its_container_says(media: Media, quarters_: int) -> None:
    content = film([quarters(96, 64)] * 3)
    [still] = media.stills(turned(content, quarters_))
    wanted = np.rot90(quarters(96, 64), -quarters_)
    assert still.turned
    assert still.pixels.shape == wanted.shape
    assert np.abs(still.pixels.astype(np.int16) - wanted).mean() < 6


def test_pixels_that_are_not_square_are_made_so(media: Media) -> None:
    import av

    made = BytesIO()
    with av.open(made, "w", format="matroska") as to:
        stream = to.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = 2
        to.mux(stream.encode(av.VideoFrame.from_ndarray(quarters(96, 64), format="rgb24")))
        to.mux(stream.encode(None))
    [still] = media.stills(made.getvalue())
    assert still.pixels.shape == (64, 192, 3)


@pytest.mark.parametrize(
    ("width", "colours", "tag"),
    [(320, 1, 1), (320, 5, 5), (320, 5, 2), (1280, 1, 2)],
    ids=["709", "601", "says nothing, small", "says nothing, large"],
)
def test_colours_are_those_that_were_filmed(media: Media, width: int, colours: int, tag: int) -> None:
    [still] = media.stills(tagged(np.full((240, width, 3), (200, 30, 30), np.uint8), colours, tag))
    assert np.abs(still.pixels.astype(np.int16) - (200, 30, 30)).max() <= 3


def test_the_records_know_a_video_by_the_same_kinds() -> None:
    assert set(video.READERS) == VIDEOS


def test_a_picture_is_no_video_and_a_text_that_names_files_is_neither() -> None:
    media = PillowMedia()
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "JPEG2000"):
        assert media.video_kind(written(quarters(), kind)) == ""
    for brands in (b"heic\0\0\0\0mif1heic", b"MiHE\0\0\0\0mif1MiHE", b"avif\0\0\0\0avifmif1"):
        assert media.video_kind(b"\0\0\0\x18ftyp" + brands) == ""
    assert media.video_kind(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1heic") == "MP4"  # the box ends before the last
    for text in (
        b"#EXTM3U\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<?xml?><MPD/>",
        b"v=0\r\n",
        b"GIF89a",
        b"",
    ):
        assert media.video_kind(text * 200) == ""


def test_where_a_picture_is_asked_for_a_video_is_refused_as_one(media: Media) -> None:
    with pytest.raises(UnreadableImage, match=r"a video \(MP4\).* export the frame"):
        media.decode(film(WALKING))


@pytest.mark.parametrize("listing", ["hls", "concat", "dash"])
def test_req_113_a_list_of_other_files_is_refused_whatever_it_is_read_as(
    listing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never reached, as a list is no container by its first bytes; and if it were, no protocol is allowed."""
    content = {
        "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "dash": b"<?xml version='1.0'?><MPD><Period><BaseURL>file:///etc/passwd</BaseURL></Period></MPD>",
    }[listing]
    monkeypatch.setitem(video.READERS, "LIST", listing)
    with pytest.raises(UnreadableImage):
        list(video.stills(BytesIO(content), "LIST"))
    for container in ("MP4", "MKV", "AVI", "MPEG-TS"):
        with pytest.raises(UnreadableImage, match="damaged"):
            list(video.stills(BytesIO(content), container))


def test_req_113_each_limit_is_named(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableImage, match=r"12,000 x 64 pixels; at most 10,000 a side"):
        list(media.stills(film([np.zeros((64, 12_000, 3), np.uint8)] * 2, "ffv1", "matroska")))
    monkeypatch.setattr(video, "MAX_BYTES", 1_000)
    with pytest.raises(UnreadableImage, match=r"more than the 1,000 that are read"):
        list(media.stills(film(WALKING)))


def test_a_film_that_goes_on_for_ever_is_cut_off_by_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    content = film(WALKING)
    monkeypatch.setattr(video, "MAX_DECODED", 15)
    with pytest.raises(UnreadableImage, match="more than the 15 frames that are read"):
        list(PillowMedia().stills(content))
    monkeypatch.setattr(video, "MAX_DECODED", 1_000)
    monkeypatch.setattr(video, "MAX_STILLS", 3)
    with pytest.raises(UnreadableImage, match="more than the 3 that are looked at"):
        list(PillowMedia().stills(content))


@pytest.mark.parametrize(
    ("ended", "words"),
    [("SIGXCPU", "900 seconds"), ("MemoryError", "more memory"), ("SIGSYS", "no video needs"), ("SIGSEGV", "SIGSEGV")],
)
def test_req_113_how_a_reader_ended_is_told_with_the_limit(ended: str, words: str) -> None:
    with pytest.raises(UnreadableImage, match=words):
        behind._still({"ended": ended}, -1, 0.0)


def test_a_reader_that_is_killed_while_it_reads_is_a_refusal() -> None:
    stills = SandboxedMedia().stills(film(walk(5, seconds=5)))
    next(stills)
    os.killpg(stills.gi_frame.f_locals["begun"].pid, signal.SIGKILL)
    with pytest.raises(UnreadableImage, match="seconds of computing"):
        list(stills)


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"height": 10**6, "width": 1, "ms": 0, "new_scene": True, "turned": False},
        {"height": 4, "width": True, "ms": 0, "new_scene": True, "turned": False},
        {"height": 4, "width": 4, "ms": -1, "new_scene": True, "turned": False},
        {"height": 4, "width": 4, "ms": 0.5, "new_scene": True, "turned": False},
        {"height": 4, "width": 4, "ms": 2**50, "new_scene": True, "turned": False},
        {"height": 4, "width": 4, "ms": 0, "new_scene": 1, "turned": False},
        {"height": 4, "width": 4, "ms": 0, "new_scene": True, "turned": None},
        SOUND,
        SOUND | {"metadata": ["camera"]},
        SOUND | {"metadata": {"camera": "a" * 101}},
        SOUND | {"metadata": {"camera": "a\nb"}},
        SOUND | {"metadata": {"owner": "a"}},
        SOUND | {"metadata": {"digital_source": "<b>"}},
    ],
)
def test_a_report_is_believed_only_as_far_as_it_can_be_checked(report: dict[str, object]) -> None:
    with pytest.raises(UnreadableImage, match="damaged"):
        behind._still(report, -1, 0.0)


def test_a_file_that_is_cut_short_or_has_no_picture_is_refused(media: Media) -> None:
    whole = film(WALKING)
    for content in (
        whole[:300],
        whole[: len(whole) // 2],
        whole[:16] + bytes(600),
        b"\x1a\x45\xdf\xa3webm" + bytes(500),
    ):
        with pytest.raises(UnreadableImage, match=r"damaged|no frame|sound only"):
            list(media.stills(content))


def test_a_film_of_no_frames_is_refused(media: Media) -> None:
    import av

    made = BytesIO()
    with av.open(made, "w", format="matroska") as to:
        stream = to.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        to.start_encoding()
    with pytest.raises(UnreadableImage):
        list(media.stills(made.getvalue()))


@pytest.mark.timeout(3600)
def test_req_113_damaged_copies_of_films_end_in_stills_or_a_refusal_and_the_next_is_read() -> None:
    media, sound = SandboxedMedia(), film(WALKING)
    films = [film(WALKING[:8], codec, container, **settings) for _, codec, container, settings in FILMS.values()]
    dice = random.Random(20205)
    became = []
    for content in itertools.islice(itertools.cycle(films), 2_000 if LONG else 36):
        try:
            list(media.stills(damaged(content, dice)))
            became.append("stills")
        except UnreadableImage as error:
            became.append(str(error))
    assert "stills" in became
    assert any("damaged" in words for words in became)
    assert not [
        words
        for words in became
        if "no video needs" in words or "ended with" in words or "seconds of computing" in words
    ]
    assert len(list(media.stills(sound))) == 10


def test_who_stops_looking_ends_the_reader() -> None:
    media = SandboxedMedia()
    stills = media.stills(film(walk(5, seconds=5)))
    assert next(stills).seconds == 0.0
    begun = stills.gi_frame.f_locals["begun"]
    assert begun.alive()
    stills.close()
    assert not begun.alive()


def test_without_the_extra_a_film_is_refused_with_what_to_install(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = film(WALKING)
    monkeypatch.setattr(video, "is_there", lambda: False)
    with pytest.raises(UnreadableImage, match=r"install beholden\[video\]"):
        list(media.stills(content))


GIVEN = {
    "creation_time": "2019-05-04T08:11:12Z",
    "make": "Gogon",
    "model": "Gogon Mark 7",
    "location": "+45.4215-075.6972+071.000/",
}
APPLE = {
    "com.apple.quicktime.make": "Gogon",
    "com.apple.quicktime.model": "Mark 7",
    "com.apple.quicktime.software": "12.1",
    "com.apple.quicktime.creationdate": "2019-05-04T10:11:12+0200",
    "com.apple.quicktime.location.ISO6709": "+45.4215-075.6972/",
}
MUXED = {"movflags": "use_metadata_tags"}


def said_of(media: Media, content: bytes) -> Metadata:
    """What every still of the video brings along, the same with each."""
    [said] = {one.metadata for one in media.stills(content)}
    return said


@pytest.mark.parametrize("container", ["mov", "matroska"])
def test_camera_moment_and_place_of_a_video_are_read(media: Media, container: str) -> None:
    said = said_of(media, film(WALKING, container=container, tags=GIVEN))
    assert (said.camera, said.taken_at) == ("Gogon Mark 7", "2019-05-04T08:11:12+00:00")
    assert said.place == "45.421500, -75.697200"
    assert said.software.startswith("Lavf")  # FFmpeg writes its own name, whatever it was told


def test_what_a_telephone_says_is_taken_before_what_its_container_says(media: Media) -> None:
    told = film(WALKING, container="mov", tags=APPLE | {"creation_time": "2020-01-01"}, muxing=MUXED)
    assert said_of(media, told) == Metadata(
        "2019-05-04T10:11:12+02:00", "Gogon Mark 7", "12.1", "45.421500, -75.697200"
    )


def test_what_a_video_says_of_itself_is_no_moment_and_no_place_unless_it_is_one() -> None:
    for told in ("", "2019", "2019-05-04", "2019-02-30T10:00:00Z", "yesterday", "9" * 4000, "\0"):
        assert tags_of({"creation_time": told}) == Metadata()
    for told in ("", "+95.0000-075.6972/", "+45.4215", "+00.0000+000.0000/", "here", "+45" * 1000):
        assert tags_of({"location": told}) == Metadata()
    assert tags_of({"MAKE": "a" * 4000, "Model": "b\nc"}).camera == "a" * MOST


@pytest.mark.parametrize("code", sorted(MADE_UP | {"digitalCapture"}))
def test_req_09_how_a_video_came_about_is_read_from_its_xmp(media: Media, code: str) -> None:
    assert said_of(media, with_xmp(film(WALKING[:3]), xmp_of(code))).digital_source == code
    alone = f'<rdf:Description Iptc4xmpExt:DigitalSourceType="{code}"/>'.encode()
    assert said_of(media, with_xmp(film(WALKING[:3], container="mov"), alone)).digital_source == code


def test_req_09_how_a_video_came_about_is_read_wherever_its_container_keeps_it(media: Media) -> None:
    told = xmp_of("trainedAlgorithmicMedia").decode()
    assert said_of(media, film(WALKING[:3], container="matroska", tags={"xmp": told})).digital_source == (
        "trainedAlgorithmicMedia"
    )
    assert said_of(media, film(WALKING[:3])).digital_source == ""


@pytest.mark.parametrize("piece", [257, 300, 301, 302, 303, 304, 2000])
def test_a_code_that_lies_across_two_pieces_is_read_whole(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "_PIECE", piece)
    content = bytes(517) + xmp_of("digitalCapture") + bytes(90) + b"<DigitalSourceType> print </x>" + bytes(701)
    for shift in range(0, 300, 7):
        assert metadata.digital_source_in(BytesIO(bytes(shift) + content)) == "digitalCapture"
        made_up = bytes(shift) + content + xmp_of("compositeSynthetic")
        assert metadata.digital_source_in(BytesIO(made_up)) == "compositeSynthetic"
