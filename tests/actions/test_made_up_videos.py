"""What a video says of itself: sealed with its record, and a made-up one is neither a reference nor searched with."""

from __future__ import annotations

import json

import pytest

from beholden.actions import enrol, exhibits
from beholden.actions.enrol import PROVENANCE
from beholden.errors import BadInput
from beholden.records.exhibits import Exhibit
from beholden.records.images import Image, provenance_of, said_of_itself
from beholden.records.sources import AuthorityKind, Source
from beholden.testing.media_contract import xmp_of
from tests.agency import Agency
from tests.films import film, walk, with_xmp

pytest.importorskip("av", reason="the extra [video] is not installed")


@pytest.fixture(scope="module")
def video() -> bytes:
    return film(walk(5, seconds=1))


@pytest.mark.parametrize("code", ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"])
def test_req_09_a_made_up_video_is_no_reference(agency: Agency, video: bytes, code: str) -> None:
    source, gallery = agency.source(), agency.gallery()
    agency.change(agency.get(Source, source.id), authority_kind=AuthorityKind.WARRANT)
    with pytest.raises(BadInput, match=rf"digitalSourceType {code}\): made-up and composite") as caught:
        enrol.enrol_image(
            agency.with_parts(profile="operational").system,
            agency["stella"],
            with_xmp(video, xmp_of(code)),
            source_id=source.id,
            gallery_id=gallery.id,
            taken_from=enrol.TakenFrom(file="made-up.mp4"),
        )
    assert caught.value.status == 422
    assert agency.find(Image) == []


def test_req_42_nobody_is_searched_with_a_made_up_video(agency: Agency, video: bytes) -> None:
    case, content = agency.case(), with_xmp(video, xmp_of("trainedAlgorithmicMedia"))
    with pytest.raises(BadInput, match="digitalSourceType trainedAlgorithmicMedia"):
        exhibits.add_exhibit(
            agency.with_parts(profile="operational").system,
            agency["ines"],
            content,
            case_id=case.id,
            file="made-up.mp4",
            origin="seized-device",
            why="seized",
        )
    assert agency.find(Exhibit) == []
    exhibit, _ = exhibits.add_exhibit(
        agency.system, agency["ines"], content, case_id=case.id, file="made-up.mp4", origin="synthetic", why="seized"
    )  # there all are made up
    details = json.loads(agency.system.keys.open(exhibit.id, exhibit.details, exhibits.DETAILS))
    assert details["digital_source"] == "trainedAlgorithmicMedia"


def test_req_05_what_a_video_says_of_itself_is_sealed_with_its_references(agency: Agency) -> None:
    tags = {"creation_time": "2019-05-04T08:11:12Z", "model": "Gogon Mark 7", "location": "+45.4215-075.6972/"}
    held = enrol.enrol_image(
        agency.system,
        agency["stella"],
        film(walk(5, seconds=1), container="mov", tags=tags),
        source_id=agency.source().id,
        gallery_id=agency.gallery().id,
        taken_from=enrol.TakenFrom(file="walking.mov"),
    )
    assert held.image is not None
    said = said_of_itself(provenance_of(agency.system.keys.open(held.image.id, held.image.provenance, PROVENANCE)))
    assert (said["camera"], said["taken_at"]) == ("Gogon Mark 7", "2019-05-04T08:11:12+00:00")
    assert said["place"] == "45.421500, -75.697200"
