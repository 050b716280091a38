"""The default pack on videos of people who do not exist: a face in a strip is as near to its photographs as in a photograph."""

from __future__ import annotations

import numpy as np
import pytest

from beholden.actions.filming import Strip
from beholden.actions.filming import film as look_through
from beholden.actions.templates import embed_seen
from beholden.media.sandbox import SandboxedMedia
from beholden.ports.media import Pixels
from beholden.records.faces import seconds_of
from tests.films import film
from tests.model.test_rendered_people import pack, pixels_of, seen

pytest.importorskip("av", reason="the extra [video] is not installed")

WIDTH, HEIGHT = 960, 540


def scene(persons: dict[str, int], *, seconds: float, step: int = 3) -> list[Pixels]:
    """Their photographs, half as large, beside each other over a dull room, drifting to the right."""
    from PIL import Image

    frames = []
    for number in range(round(seconds * 10)):
        pixels = np.full((HEIGHT, WIDTH, 3), (96, 110, 100), np.uint8)
        for place, (person, photograph) in enumerate(persons.items()):
            small = np.asarray(Image.fromarray(pixels_of(person, photograph)).resize((256, 256), Image.Resampling.BOX))
            left, top = 40 + 430 * place + step * number, 120 + number % 3
            pixels[top : top + 256, left : left + 256] = small
        frames.append(pixels)
    return frames


@pytest.fixture(scope="module")
def strip() -> Strip:
    content = film([*scene({"p005": 0, "p042": 0}, seconds=3), *scene({"p117": 3}, seconds=2)])
    looked = look_through(SandboxedMedia(), pack(), content)
    assert looked is not None
    return looked


def test_each_person_is_one_face_of_the_video_with_several_frames(strip: Strip) -> None:
    assert len(strip.faces) == 3
    assert all(len(face.frames) >= 3 for face in strip.faces)
    assert len(pack().find(strip.pixels)) == sum(len(face.frames) for face in strip.faces)


def test_req_13_the_template_of_a_face_in_a_video_is_nearest_to_its_persons_other_photograph(strip: Strip) -> None:
    late = max(strip.faces, key=lambda face: (seconds_of(face) or (0.0, 0.0))[1])
    made = embed_seen(pack(), strip.pixels, strip.faces)
    others = {person: seen(person, 3)[1] for person in ("p005", "p042", "p075", "p139")} | {"p117": seen("p117", 0)[1]}
    nearest = [max(others, key=lambda person: float(others[person] @ one.template)) for one in made]
    assert sorted(nearest) == ["p005", "p042", "p117"]
    assert nearest[strip.faces.index(late)] == "p117"
    for one in made:
        assert np.linalg.norm(one.template) == pytest.approx(1.0, abs=1e-5)
        assert one.quality.unified is not None


def test_a_face_in_the_strip_stands_where_the_detector_would_find_it(strip: Strip) -> None:
    height, width = strip.pixels.shape[:2]
    found = pack().find(strip.pixels)
    for face in strip.faces:
        for frame in face.frames:
            middle = np.array([frame.box.left + frame.box.width / 2, frame.box.top + frame.box.height / 2]) * (
                width,
                height,
            )
            apart = [
                np.hypot(
                    *(middle - np.array([f.box.left + f.box.width / 2, f.box.top + f.box.height / 2]) * (width, height))
                )
                for f in found
            ]
            assert min(apart) < 0.15 * frame.box.width * width
