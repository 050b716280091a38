"""What a file says of itself goes with a reference, sealed; and a made-up picture is none."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image as Images

from beholden.actions import enrol
from beholden.actions.enrol import PROVENANCE, TakenFrom
from beholden.actions.intake import Fate, Named, answer_of
from beholden.errors import BadInput
from beholden.records.images import Image, provenance_of, said_of_itself
from beholden.records.metadata import MADE_UP
from beholden.records.sources import AuthorityKind, Source
from beholden.testing.drawn import draw
from beholden.testing.media_contract import exif_of_a_camera, xmp_of
from tests.agency import Agency, last

PERSON = 5
TOLD = {
    "taken_at": "2019-05-04T10:11:12+02:00",
    "camera": "Gogon Mark 7",
    "software": "Darkroom 3",
    "place": "45.421530, -75.697193",
    "digital_source": "digitalCapture",
}


def photograph(*people: int, code: str = "digitalCapture") -> bytes:
    content = BytesIO()
    with Images.open(BytesIO(draw(*people))) as drawn:
        drawn.save(content, "WEBP", lossless=True, exif=exif_of_a_camera(), xmp=xmp_of(code))
    return content.getvalue()


def give(agency: Agency, content: bytes, source_id: str, gallery_id: str) -> enrol.Enrolled:
    return enrol.enrol_image(
        agency.system,
        agency["stella"],
        content,
        source_id=source_id,
        gallery_id=gallery_id,
        taken_from=TakenFrom("a.webp", captured_at="2020"),
    )


def operational(agency: Agency) -> tuple[Agency, str, str]:
    """A system that takes photographs of real people, with a source that such a one takes."""
    source, gallery = agency.source(), agency.gallery()
    agency.change(agency.get(Source, source.id), authority_kind=AuthorityKind.WARRANT)
    return agency.with_parts(profile="operational"), source.id, gallery.id


def test_req_05_what_a_file_says_of_itself_is_sealed_with_the_rest_and_is_no_capture_date(agency: Agency) -> None:
    held = give(agency, photograph(PERSON), agency.source().id, agency.gallery().id)
    assert held.image is not None
    provenance = provenance_of(agency.system.keys.open(held.image.id, held.image.provenance, PROVENANCE))
    assert said_of_itself(provenance) == TOLD
    assert provenance.captured_at == "2020"  # the source's word, and what blind readers see
    assert [word for word in TOLD.values() if word.encode() in held.image.provenance] == []


def test_what_was_sealed_before_files_were_asked_is_read(agency: Agency) -> None:
    old = (
        b'{"caption":"","captured_at":"","file":"a","image_url":"","manifest_sha256":"","page_title":"","page_url":"",'
    )
    old += b'"person_ref":"","received_from":"","sha256":""}'
    assert said_of_itself(provenance_of(old)) == {}
    assert provenance_of(old).frames_in_file == 1


@pytest.mark.parametrize("code", sorted(MADE_UP))
def test_req_09_a_made_up_or_composite_picture_is_no_reference(agency: Agency, code: str) -> None:
    system, source_id, gallery_id = operational(agency)
    keys = agency.system.keys.names()
    with pytest.raises(BadInput, match=rf"digitalSourceType {code}\): made-up and composite pictures") as caught:
        give(system, photograph(PERSON, code=code), source_id, gallery_id)
    assert caught.value.status == 422
    assert last(agency) == ("image.enrolled", "failed", [])
    assert agency.find(Image) == []
    assert agency.system.keys.names() == keys


@pytest.mark.parametrize("code", ["digitalCapture", "negativeFilm", "humanEdits", "somethingNew"])
def test_req_09_how_a_photograph_came_about_is_recorded(agency: Agency, code: str) -> None:
    system, source_id, gallery_id = operational(agency)
    held = give(system, photograph(PERSON, code=code), source_id, gallery_id)
    assert held.image is not None
    provenance = provenance_of(agency.system.keys.open(held.image.id, held.image.provenance, PROVENANCE))
    assert provenance.digital_source == code


def test_a_synthetic_system_takes_what_is_made_up_for_there_everything_is(agency: Agency) -> None:
    held = give(agency, photograph(PERSON, code="trainedAlgorithmicMedia"), agency.source().id, agency.gallery().id)
    assert held.image is not None


def test_of_an_animation_the_first_frame_is_taken_and_that_is_said(agency: Agency) -> None:
    content = BytesIO()
    with Images.open(BytesIO(draw(PERSON))) as first, Images.open(BytesIO(draw(7))) as second:
        first.save(content, "PNG", save_all=True, append_images=[second])
    held = give(agency, content.getvalue(), agency.source().id, agency.gallery().id)
    assert held.image is not None
    assert (held.frames_in_file, len(held.faces)) == (2, 1)
    provenance = provenance_of(agency.system.keys.open(held.image.id, held.image.provenance, PROVENANCE))
    assert said_of_itself(provenance) == {"frames_in_file": "2"}
    answer = answer_of(Named("two.png"), held)
    assert (answer.fate, answer.reason) == (Fate.ENROLLED, "it has 2 frames, of which the first is taken")


def test_a_lead_is_shown_and_disclosed_with_what_its_file_says(agency: Agency) -> None:
    source, gallery, case = agency.source(), agency.gallery(), agency.case()
    held = give(agency, photograph(PERSON), source.id, gallery.id)
    declared = agency.sought(case, draw(PERSON, seed=7))
    found = agency.search(agency.approve(agency.request(case, declared, gallery)))
    [lead] = agency.unsealed(found, 1)
    assert lead.candidate.face_id == held.faces[0].id
    packet = agency.disclose(found, lead)
    [told] = json.loads(packet.files["disclosure.json"])["leads"]
    assert told["reference"]["of_the_file"] == TOLD
    for name, made in packet.files.items():
        if name.endswith(".jpg"):
            assert not [word for word in (b"Gogon", b"Exif", b"adobe", b"iptc") if word in made]


def test_of_a_photograph_with_others_in_it_the_place_and_the_camera_go_with_who_is_erased(agency: Agency) -> None:
    held = give(agency, photograph(PERSON, 7), agency.source().id, agency.gallery().id)
    assert held.image is not None
    agency.erase(held.faces[0].id)
    image = agency.get(Image, held.image.id)
    provenance = provenance_of(agency.system.keys.open(image.id, image.provenance, PROVENANCE))
    assert said_of_itself(provenance) == {name: TOLD[name] for name in ("taken_at", "digital_source")}
