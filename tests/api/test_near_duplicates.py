"""Near-duplicates by REST: who is told that an image looks like another, who may tell two apart, and what an exhibit says."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image as Images

from beholden.records.images import Image
from beholden.records.near import ToldApart
from tests.actions.test_alike import ANNA, BELA, copy_of, picture
from tests.api.client import Rest


def two_alike(rest: Rest) -> tuple[dict[str, Any], dict[str, Any]]:
    into = {"source_id": rest.agency.source().id, "gallery_id": rest.agency.gallery().id}
    one, other = (
        rest.post("stella", "/images", files={"file": ("a.png", content)}, data=into)
        for content in (picture(ANNA), copy_of(picture(ANNA)))
    )
    return one, other


def test_an_image_that_looks_like_one_held_here_says_which(rest: Rest) -> None:
    one, other = two_alike(rest)
    assert (one["looks_like"], other["looks_like"]) == (None, one["id"])


def test_of_a_file_with_several_frames_it_is_said_that_the_image_is_the_first(rest: Rest) -> None:
    content = BytesIO()
    with Images.open(BytesIO(picture(ANNA))) as first, Images.open(BytesIO(picture(BELA))) as second:
        first.save(content, "PNG", save_all=True, append_images=[second])
    into = {"source_id": rest.agency.source().id, "gallery_id": rest.agency.gallery().id}
    made, again = (
        rest.post("stella", "/images", files={"file": ("two.png", content.getvalue())}, data=into) for _ in range(2)
    )
    assert (made["fate"], made["frames_in_file"]) == ("enrolled", 2)
    assert (again["fate"], again["id"], again["frames_in_file"]) == ("already held", made["id"], None)


def test_a_steward_tells_two_images_apart_and_to_others_neither_is_there(rest: Rest) -> None:
    one, other = two_alike(rest)
    path, body = f"/images/{one['id']}/tell-apart", {"other_image_id": other["id"]}
    for name in ("ines", "pia", "sven", "aude"):
        told = rest.refused(404, "POST", path, name, json=body)
        nothing = rest.refused(404, "POST", f"/images/{'0' * 32}/tell-apart", name, json=body)
        assert {**told, "entry": 0} == {**nothing, "entry": 0}
    assert rest.post("stella", path, body) is None
    [told_apart] = rest.agency.find(ToldApart)
    assert {told_apart.image_id, told_apart.other_image_id} == {one["id"], other["id"]}
    again = rest.refused(403, "POST", path, "stella", json=body)
    assert [one["rule_id"] for one in again["reasons"]] == ["images-are-told-apart-once"]


def test_a_file_that_goes_aside_says_nothing_of_what_it_looks_like(rest: Rest) -> None:
    one, _ = two_alike(rest)
    elsewhere = {"source_id": one["source_id"], "gallery_id": rest.agency.gallery("elsewhere").id}
    told = rest.post("stella", "/images", files={"file": ("b.jpg", copy_of(picture(ANNA), quality=40))}, data=elsewhere)
    assert (told["fate"], told["id"], told["looks_like"], told["frames_in_file"]) == ("aside", None, None, None)
    assert len(rest.agency.find(Image)) == 2


def test_an_exhibit_says_which_one_of_its_case_looks_the_same(rest: Rest) -> None:
    case = rest.agency.case()
    path, told = f"/cases/{case.id}/exhibits", {"origin": "synthetic", "why": "on the disk"}
    first, copy, other = (
        rest.post("ines", path, files={"file": ("a.png", content)}, data=told)
        for content in (picture(ANNA), copy_of(picture(ANNA)), picture(BELA))
    )
    assert [one["stack"] for one in (first, copy, other)] == [None, first["id"], None]
    listed = {one["id"]: one["stack"] for one in rest.get("ines", path)["items"]}
    assert listed == {first["id"]: None, copy["id"]: first["id"], other["id"]: None}
    assert rest.get("ines", f"/exhibits/{copy['id']}")["stack"] == first["id"]
