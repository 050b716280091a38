"""Templates of two models are never compared: what has none of the model in use waits, and is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from beholden.actions import check
from beholden.actions.embed import embed_anew, embed_waiting
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, ModelCard
from beholden.records.faces import Face
from beholden.records.images import Image
from beholden.records.searches import Coverage
from beholden.testing.drawn import DrawnModel
from tests.agency import Agency, small_agency


class OtherModel(DrawnModel):
    """Another embedder behind the same detector: its templates have as many numbers, which mean something else."""

    @property
    def card(self) -> ModelCard:
        return replace(super().card, name="other", space_id=hashlib.sha256(b"other").hexdigest()[:32])

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        return [replace(one, template=np.roll(one.template, 1)) for one in super().embed(pixels, faces)]


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def test_req_121_a_search_with_another_model_compares_none_of_the_old_and_says_how_many_wait(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    assert agency.search(ready.authority).coverage == Coverage(1, 1, references=3, proven=True, waiting=0)
    other = agency.with_parts(model=OtherModel())
    found = other.search(ready.authority)
    assert found.coverage == Coverage(1, 0, references=0, proven=True, waiting=3)
    assert other.ranks_by_person(found) == []
    assert (found.model, found.space_id) == ("other", OtherModel().card.space_id)


def test_req_121_each_model_searches_its_own_references_beside_those_of_the_other(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    other = agency.with_parts(model=OtherModel())
    other.enrol(ready.source, ready.gallery, 3, seed=4, ref="")
    other.enrol(ready.source, ready.gallery, 9)
    spaces = {face.face_no: face.space_id for face in agency.find(Face)}
    assert sorted(spaces.values()) == sorted([DrawnModel().card.space_id] * 3 + [OtherModel().card.space_id] * 2)
    with_old, with_new = agency.search(ready.authority), other.search(ready.authority)
    assert with_old.coverage == Coverage(1, 1, references=3, proven=True, waiting=2)
    assert with_new.coverage == Coverage(1, 1, references=2, proven=True, waiting=3)
    assert sorted(agency.ranks_by_person(with_old)) == [1, 2, 3]
    assert sorted(other.ranks_by_person(with_new)) == [3, 9]
    assert other.ranks_by_person(with_new)[0] == agency.ranks_by_person(with_old)[0] == 3


def test_req_121_the_check_says_how_many_references_have_templates_of_another_model(agency: Agency) -> None:
    agency.ready(1, 2)
    other = agency.with_parts(model=OtherModel())
    other.enrol(agency.source(name="another"), agency.gallery("another"), 5)
    found = {one.part: one for one in check.check(other.system, agency["aude"])}
    assert not found["model"].holds
    assert "2 of 3 references have templates of another model; they are not compared" in found["model"].words


def test_req_121_after_the_switch_each_reference_gets_its_new_template_and_then_nothing_waits(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    before = {face.id: face.template for face in agency.find(Face)}
    other = agency.with_parts(model=OtherModel())
    assert embed_waiting(other.system) == 0, "no worker undoes what another process with another model does"
    assert agency.search(ready.authority).coverage == Coverage(1, 1, references=3, proven=True, waiting=0)
    assert embed_anew(other.system, failed=set(), limit=2) == 2
    assert agency.search(ready.authority).coverage == Coverage(1, 1, references=1, proven=True, waiting=2)
    assert embed_anew(other.system, failed=set()) == 1
    assert embed_anew(other.system, failed=set()) == 0
    found = other.search(other.approve(other.request(ready.case, ready.sought, ready.gallery)))
    assert found.coverage == Coverage(1, 1, references=3, proven=True, waiting=0)
    assert other.ranks_by_person(found)[0] == 3
    assert not [face.id for face in agency.find(Face) if face.template == before[face.id]]
    assert [one.holds for one in check.check(other.system, agency["aude"]) if one.part == "model"] == [True]


def test_a_reference_that_cannot_be_embedded_anew_is_on_record_and_keeps_no_other_waiting(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    damaged = agency.find(Image)[1]
    agency.change(damaged, blob="0" * 64)
    failed: set[str] = set()
    other = agency.with_parts(model=OtherModel())
    assert embed_anew(other.system, failed=failed) == 2
    assert embed_anew(other.system, failed=failed) == 0
    assert failed == {face.id for face in agency.find(Face) if face.image_id == damaged.id}
    assert [(leaf["event"], leaf["outcome"]) for leaf in agency.leaves()].count(("face.embedded", "failed")) == 1
