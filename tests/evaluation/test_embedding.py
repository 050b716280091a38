"""Faces made of photographs: which face, in what order, by how many processes, and what is left when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beholden.errors import BadInput, Fault, Untrusted
from beholden.evaluation.cache import TemplateCache
from beholden.evaluation.embedding import make_faces, nearest_centre, space_of
from beholden.evaluation.faces import QUALITY, Faces
from beholden.evaluation.images import LabelledImages, read_images
from beholden.media.pillow import PillowMedia
from beholden.model.pack import FacePack
from beholden.ports.media import Picture
from beholden.ports.model import FoundFace, Model
from beholden.records.faces import Box, Quality
from beholden.testing.drawn import LANDMARKS, DrawnModel, draw, template_of
from tests.photographs import photographs


def parts() -> tuple[DrawnModel, PillowMedia]:
    return DrawnModel(), PillowMedia()


class SmallMedia(PillowMedia):
    """Takes files of a few kilobytes only."""

    @property
    def max_bytes(self) -> int:
        return 8_000


class DeadlyMedia(PillowMedia):
    """Ends its process at one file, as a broken decoder would."""

    def decode(self, content: bytes) -> Picture:
        if content == b"deadly":
            os._exit(9)
        return super().decode(content)


class SlowMedia(PillowMedia):
    def decode(self, content: bytes) -> Picture:
        time.sleep(0.02)
        return super().decode(content)


def small_parts() -> tuple[Model, SmallMedia]:
    return DrawnModel(), SmallMedia()


def deadly_parts() -> tuple[Model, DeadlyMedia]:
    return DrawnModel(), DeadlyMedia()


def slow_parts() -> tuple[Model, SlowMedia]:
    return DrawnModel(), SlowMedia()


def untrusted_in_workers() -> tuple[Model, PillowMedia]:
    import multiprocessing

    if multiprocessing.parent_process() is not None:
        raise Untrusted("the weights are not the pinned ones; install the pack again")
    return parts()


def people(root: Path, count: int, each: int = 2) -> LabelledImages:
    for person in range(count):
        (root / f"p{person:02}").mkdir(parents=True)
        for seed in range(each):
            (root / f"p{person:02}" / f"{seed}.png").write_bytes(draw(person, seed=seed, width=192))
    return read_images(root)


def silent(done: int, count: int) -> None:
    assert 0 <= done <= count


def faces_of(images: LabelledImages) -> Faces:
    return make_faces(images, parts, cache=None, tell=silent)[0]


def alike(one: Faces, other: Faces) -> bool:
    return (
        (one.names, one.identities) == (other.names, other.identities)
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("people", "templates", "found"))
        and all(np.array_equal(one.quality[name], other.quality[name], equal_nan=True) for name in QUALITY)
    )


def found(left: float, top: float, score: float) -> FoundFace:
    return FoundFace(Box(left, top, 0.1, 0.1), LANDMARKS, Quality(None, score, 30.0, 1.0, 1.0, 1.0))


def test_the_face_nearest_the_centre_is_taken_the_sure_ones_first() -> None:
    corner, centre, between = found(0, 0, 0.95), found(0.45, 0.45, 0.59), found(0.3, 0.3, 0.6)
    assert nearest_centre([corner, between]) is between
    assert nearest_centre([corner, between, centre]) is between
    assert nearest_centre([centre]) is centre
    assert nearest_centre([found(0, 0, 0.3), centre]) is centre
    assert nearest_centre([found(0.45, 0.45, 0.19)]) is None
    assert nearest_centre([]) is None


def test_each_photograph_is_a_row_with_its_person_its_template_and_its_quality(tmp_path: Path) -> None:
    images = people(tmp_path, 3)
    faces = faces_of(images)
    assert (faces.names, faces.identities, faces.people.tolist()) == (
        images.names,
        images.identities,
        [0, 0, 1, 1, 2, 2],
    )
    assert np.array_equal(faces.templates, [template_of(person, seed) for person in range(3) for seed in range(2)])
    assert faces.templates.dtype == np.float32
    assert faces.found.all()
    assert set(faces.quality) == set(QUALITY)
    assert all(numbers.dtype == np.float64 and np.isfinite(numbers).all() for numbers in faces.quality.values())
    assert faces.quality["unified"].tolist() == [80.0] * 6


def test_of_several_faces_the_one_nearest_the_centre_is_measured(tmp_path: Path) -> None:
    (tmp_path / "crowd.png").write_bytes(draw(1, 2, 3, 4, 5, width=704))
    assert np.array_equal(faces_of(read_images(tmp_path)).templates[0], template_of(3))


def test_a_photograph_without_a_face_has_no_template_and_scores_minus_one(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(draw(1))
    (tmp_path / "b.png").write_bytes(draw())
    faces, unreadable = make_faces(read_images(tmp_path), parts, cache=None, tell=silent)
    assert (faces.found.tolist(), unreadable) == ([True, False], ())
    assert not faces.templates[1].any()
    assert all(np.isnan(numbers[1]) for numbers in faces.quality.values())
    assert faces.scores(np.array([0]), np.array([1])).tolist() == [-1.0]


@pytest.mark.parametrize("workers", [1, 2])
def test_files_that_cannot_be_read_are_named_and_count_as_not_found(tmp_path: Path, workers: int) -> None:
    people(tmp_path, 18, each=1)
    (tmp_path / "p03" / "0.png").write_bytes(b"no picture")
    (tmp_path / "p09" / "0.png").write_bytes(b"")
    (tmp_path / "p07" / "0.png").write_bytes(draw(1, seed=1) + bytes(8_000))
    faces, unreadable = make_faces(read_images(tmp_path), small_parts, cache=None, workers=workers, tell=silent)
    assert unreadable == ("p03/0.png", "p07/0.png", "p09/0.png")
    assert np.flatnonzero(~faces.found).tolist() == [3, 7, 9]


def test_several_processes_make_the_same_as_one_and_tell_how_far_they_are(tmp_path: Path) -> None:
    images = people(tmp_path, 20)
    told: list[tuple[int, int]] = []
    faces, _ = make_faces(images, parts, cache=None, workers=2, tell=lambda done, count: told.append((done, count)))
    assert alike(faces, faces_of(images))
    assert told == [(done, 40) for done in range(41)]


def test_what_was_made_before_is_not_made_again_whatever_the_files_are_called(tmp_path: Path) -> None:
    images = people(tmp_path / "images", 4)
    with TemplateCache(tmp_path / "cache", space_of(DrawnModel().card)) as cache:
        first, _ = make_faces(images, parts, cache=cache, tell=silent)
    (tmp_path / "images" / "p02").rename(tmp_path / "images" / "a-new-name")
    (tmp_path / "images" / "p00" / "0.png").write_bytes(draw(9, width=192))
    again = read_images(tmp_path / "images")
    model = DrawnModel()
    with TemplateCache(tmp_path / "cache", space_of(DrawnModel().card)) as cache:
        second, _ = make_faces(again, lambda: (model, PillowMedia()), cache=cache, tell=silent)
    assert model.embedded == 1
    assert alike(second, faces_of(again))
    assert not alike(first, second)


def test_an_unreadable_file_is_tried_again_and_a_missing_face_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"no picture")
    (tmp_path / "images" / "b.png").write_bytes(draw())
    for _ in range(2):
        with TemplateCache(tmp_path / "cache", space_of(DrawnModel().card)) as cache:
            faces, unreadable = make_faces(read_images(tmp_path / "images"), parts, cache=cache, tell=silent)
            assert (faces.found.tolist(), unreadable, len(cache)) == ([False, False], ("a.png",), 1)


def test_the_space_changes_with_the_model_and_with_the_rules_of_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    card = DrawnModel().card
    before = space_of(card)
    assert space_of(replace(card, space_id="other")) != before
    monkeypatch.setattr("beholden.evaluation.embedding.MEASURING", "measuring-next")
    assert space_of(card) != before


def test_no_worker_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least one worker"):
        make_faces(people(tmp_path, 1), parts, cache=None, workers=0, tell=silent)


def test_a_file_that_is_gone_meanwhile_is_a_fault_that_names_it(tmp_path: Path) -> None:
    images = people(tmp_path, 2)
    (tmp_path / "p01" / "0.png").unlink()
    with pytest.raises(Fault, match=r"p01/0\.png' can no longer be opened"):
        faces_of(images)


def test_a_link_into_proc_is_an_unreadable_photograph_and_is_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "1.png").write_bytes(draw(1))
    (tmp_path / "A" / "2.jpg").symlink_to("/proc/kmsg" if os.access("/proc/kmsg", os.R_OK) else "/proc/self/status")
    _, unreadable = make_faces(read_images(tmp_path), parts, cache=None, tell=lambda *_: None)
    assert unreadable == ("A/2.jpg",)


def test_a_model_that_a_worker_cannot_open_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(Untrusted, match="install the pack again"):
        make_faces(people(tmp_path, 20), untrusted_in_workers, cache=None, workers=2, tell=silent)


def test_a_worker_that_dies_is_told_and_what_was_made_is_kept(tmp_path: Path) -> None:
    people(tmp_path / "images", 60)
    (tmp_path / "images" / "p59" / "1.png").write_bytes(b"deadly")
    images = read_images(tmp_path / "images")
    with TemplateCache(tmp_path / "cache", space_of(DrawnModel().card)) as cache:
        with pytest.raises(Fault, match=r"what was made is kept.*fewer workers.*among the 64 from") as told:
            make_faces(images, deadly_parts, cache=cache, workers=2, tell=silent)
        assert len(cache) >= 32
    named = next(place for place, name in enumerate(images.names) if name in str(told.value))
    assert named <= 119 < named + 64


def test_ctrl_c_is_a_fault_that_says_what_is_kept(tmp_path: Path) -> None:
    def stop(done: int, count: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    images = people(tmp_path / "images", 4)
    with TemplateCache(tmp_path / "cache", space_of(DrawnModel().card)) as cache:
        with pytest.raises(Fault, match="stopped after 3 of 8 photographs; what was made is kept: run the same again"):
            make_faces(images, parts, cache=cache, tell=stop)
        assert len(cache) == 3
    with pytest.raises(Fault, match="nothing was kept"):
        make_faces(images, parts, cache=None, tell=stop)


STOPPED = """
import sys
from pathlib import Path
from beholden.errors import Fault
from beholden.evaluation.cache import TemplateCache
from beholden.evaluation.embedding import make_faces
from beholden.evaluation.images import read_images
from tests.evaluation.test_embedding import slow_parts
with TemplateCache(Path(sys.argv[2]), "drawn") as cache:
    try:
        make_faces(read_images(Path(sys.argv[1])), slow_parts, cache=cache, workers=2, tell=lambda done, _: print(done, flush=True))
    except Fault as fault:
        print(fault)
"""


def started(images: Path, cache: Path) -> subprocess.Popen[str]:
    """A measurement by two workers in a group of processes of its own, at work on its second chunk."""
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(images), str(cache)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == "17\n":
            break
    return process


def living(group: int) -> list[str]:
    """The processes of the group that have not ended (where nobody reaps orphans, an ended one still has its name)."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]  # proc(5)
            if of == str(group) and state != "Z":
                alive.append(stat.parent.name)
    return alive


def wait_until_all_are_gone(group: int) -> None:
    for _ in range(100):
        if not living(group):
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("a worker outlived the process that began it")


def test_ctrl_c_at_the_keyboard_ends_the_workers_too_and_without_a_word_of_theirs(tmp_path: Path) -> None:
    people(tmp_path / "images", 100)
    process = started(tmp_path / "images", tmp_path / "cache")
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert "what was made is kept: run the same again" in out
    wait_until_all_are_gone(process.pid)


def test_workers_end_when_their_parent_is_killed_and_the_next_run_goes_on(tmp_path: Path) -> None:
    people(tmp_path / "images", 100)
    process = started(tmp_path / "images", tmp_path / "cache")
    process.kill()
    process.communicate(timeout=20)
    wait_until_all_are_gone(process.pid)
    with TemplateCache(tmp_path / "cache", "drawn") as cache:
        assert cache.writing
        assert 17 <= len(cache) < 200
        images = read_images(tmp_path / "images")
        assert alike(make_faces(images, parts, cache=cache, tell=silent)[0], faces_of(images))


def photograph_parts() -> tuple[FacePack, PillowMedia]:
    return FacePack("pack:yunet-sface?score=0.2"), PillowMedia()


def test_on_real_photographs_people_are_nearer_to_themselves_than_to_others(tmp_path: Path) -> None:
    lfw = photographs("lfw").resolve()
    several = [folder for folder in sorted(lfw.iterdir()) if folder.is_dir() and len(list(folder.iterdir())) > 1][:20]
    for folder in several:
        (tmp_path / folder.name).mkdir()
        for photograph in sorted(folder.iterdir())[:2]:
            (tmp_path / folder.name / photograph.name).symlink_to(photograph)
    faces, unreadable = make_faces(read_images(tmp_path), photograph_parts, cache=None, tell=silent)
    assert (len(faces.names), unreadable) == (40, ())
    assert faces.found.all()
    assert np.linalg.norm(faces.templates, axis=1) == pytest.approx(1, abs=1e-5)
    a, b = np.triu_indices(40, 1)
    scores, mated = faces.scores(a, b), faces.people[a] == faces.people[b]
    assert mated.sum() == 20
    assert (scores[mated] >= 0.363).mean() >= 0.95
    assert (scores[~mated] >= 0.363).mean() <= 0.01
    assert 0 <= np.nanmin(faces.quality["unified"]) <= np.nanmax(faces.quality["unified"]) <= 100
