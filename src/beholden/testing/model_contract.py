"""What every model must do. Subclass `ModelContract`, name its test class `Test…`, and give it a model and pictures."""

from __future__ import annotations

import dataclasses
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, Model


def _templates(embedded: list[Embedded]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.stack([face.template for face in embedded])


class ModelContract:
    def model(self) -> Model:
        raise NotImplementedError("say in the subclass which model is tried")

    def crowd(self) -> Pixels:
        """A picture of three people or more."""
        raise NotImplementedError("say in the subclass which picture has a crowd")

    def twice(self) -> tuple[Pixels, Pixels]:
        """Two pictures of one person, who is alone in each and not in the crowd."""
        raise NotImplementedError("say in the subclass which two pictures are of one person")

    def nobody(self) -> Pixels:
        return np.full((240, 320, 3), 128, dtype=np.uint8)

    def test_the_card_says_what_people_must_answer_for(self) -> None:
        card = self.model().card
        assert re.fullmatch("[0-9a-f]{32}", card.space_id)
        assert card.name
        assert card.licence
        assert card.training_data
        assert card.limits
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for _, digest in card.files)
        assert card == self.model().card

    def test_all_faces_are_found_the_surest_first(self) -> None:
        found = self.model().find(self.crowd())
        assert len(found) >= 3
        scores = [face.quality.detector for face in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)

    def test_places_are_fractions_of_the_picture(self) -> None:
        pixels = self.crowd()
        for face in self.model().find(pixels):
            assert 0 < face.box.left + face.box.width / 2 < 1
            assert 0 < face.box.top + face.box.height / 2 < 1
            assert 0 < face.box.width <= 1
            assert len(face.landmarks) == 5
            (left_eye, right_eye, *_), (_, _, nose, left_mouth, right_mouth) = face.landmarks, face.landmarks
            assert left_eye[0] < right_eye[0]
            assert left_mouth[0] < right_mouth[0]
            assert left_eye[1] < nose[1] < left_mouth[1]
            eyes = np.subtract(right_eye, left_eye) * (pixels.shape[1], pixels.shape[0])
            assert face.quality.eyes_px == pytest.approx(float(np.hypot(*eyes)), rel=1e-6)

    def test_a_wider_picture_moves_the_places_with_it(self) -> None:
        alone, _ = self.twice()
        (face,) = self.model().find(alone)
        padded = np.concatenate([alone, np.full_like(alone, 128)], axis=1)
        (moved,) = self.model().find(padded)
        assert moved.box.left == pytest.approx(face.box.left / 2, abs=0.02)
        assert moved.box.width == pytest.approx(face.box.width / 2, abs=0.02)
        assert moved.box.top == pytest.approx(face.box.top, abs=0.02)

    def test_finding_makes_no_template(self) -> None:
        for face in self.model().find(self.crowd()):
            assert face.quality.unified is None
            assert {field.name for field in dataclasses.fields(face)} == {"box", "landmarks", "quality", "frames"}

    def test_where_nobody_is_none_is_found(self) -> None:
        assert self.model().find(self.nobody()) == []

    def test_a_thorough_look_finds_what_the_plain_one_found_in_an_easy_picture(self) -> None:
        pixels = self.crowd()
        plain, close = self.model().find(pixels), self.model().find(pixels, thorough=True)
        for face in plain:
            middle = (face.box.left + face.box.width / 2, face.box.top + face.box.height / 2)
            over = [
                one
                for one in close
                if one.box.left < middle[0] < one.box.left + one.box.width
                and one.box.top < middle[1] < one.box.top + one.box.height
            ]
            assert len(over) == 1, "each face is found, and once"
        assert self.model().find(self.nobody(), thorough=True) == []

    def test_a_face_in_a_box_is_seen_there_and_told_landmarks_stand(self) -> None:
        model, pixels = self.model(), self.crowd()
        found = model.find(pixels)[-1]
        seen = model.face_at(pixels, found.box)
        assert seen is not None
        assert seen.box == found.box
        assert seen.quality.unified is None
        assert np.allclose(seen.landmarks, found.landmarks, atol=0.02)
        told = model.face_at(pixels, found.box, found.landmarks)
        assert told is not None
        assert np.allclose(told.landmarks, found.landmarks, atol=1e-6)
        assert told.quality.detector == 0
        assert model.face_at(self.nobody(), found.box) is None

    def test_the_smallest_face_is_smaller_for_the_thorough_look_and_never_for_a_larger_picture(self) -> None:
        model = self.model()
        for thorough in (False, True):
            sizes = [model.smallest_face(side, side, thorough=thorough) for side in (300, 1000, 3000, 9000)]
            assert sizes == sorted(sizes)
            assert sizes[0] >= 1
        assert model.smallest_face(3000, 3000, thorough=True) <= model.smallest_face(3000, 3000)

    def test_the_picture_is_left_as_it_was(self) -> None:
        pixels = self.crowd()
        before = pixels.copy()
        pixels.setflags(write=False)
        self.model().embed(pixels, self.model().find(pixels))
        assert np.array_equal(pixels, before)

    def test_templates_are_one_dimensional_float32_of_unit_length(self) -> None:
        model, pixels = self.model(), self.crowd()
        for face in model.embed(pixels, model.find(pixels)):
            assert face.template.shape == (model.card.dimension,)
            assert face.template.dtype == np.float32
            assert float(np.linalg.norm(face.template.astype(np.float64))) == pytest.approx(1, abs=1e-6)

    def test_embedding_adds_only_the_unified_quality(self) -> None:
        model, pixels = self.model(), self.crowd()
        found = model.find(pixels)
        for before, after in zip(found, model.embed(pixels, found), strict=True):
            assert after.quality.unified is not None
            assert 0 <= after.quality.unified <= 100
            assert dataclasses.replace(after.quality, unified=None) == before.quality

    def test_templates_come_in_the_order_of_the_faces_and_for_no_other(self) -> None:
        model, pixels = self.model(), self.crowd()
        found = model.find(pixels)
        templates = _templates(model.embed(pixels, found))
        chosen = [len(found) - 1, 0]
        some = _templates(model.embed(pixels, [found[place] for place in chosen]))
        assert some.shape == (2, model.card.dimension)
        assert np.allclose(some, templates[chosen], atol=1e-5)
        assert not np.allclose(some[0], some[1], atol=0.05)

    def test_embedding_none_gives_none(self) -> None:
        assert self.model().embed(self.crowd(), []) == []

    def test_one_person_is_nearer_to_the_same_than_to_any_other(self) -> None:
        model = self.model()
        first, second = self.twice()
        one = model.embed(first, model.find(first))[0].template
        other = model.embed(second, model.find(second))[0].template
        crowd = _templates(model.embed(self.crowd(), model.find(self.crowd())))
        assert float(one @ other) > float((crowd @ one).max()) + 0.1

    def test_the_same_picture_gives_the_same_from_several_threads(self) -> None:
        model, pixels = self.model(), self.crowd()

        def work(_: int) -> tuple[list[FoundFace], np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
            found = model.find(pixels)
            return found, _templates(model.embed(pixels, found))

        with ThreadPoolExecutor(4) as threads:
            (found, templates), *others = threads.map(work, range(4))
        for again, same in others:
            assert again == found
            assert np.array_equal(same, templates)
