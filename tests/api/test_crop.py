"""What of an exhibit is kept, over REST: by the purpose of its case, and as it is asked for."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image as Images

from beholden.testing.drawn import draw
from tests.api.client import Rest


def opened(rest: Rest, purpose: str) -> str:
    made = rest.post("ines", "/cases", {"reference": f"2026 {purpose}", "purpose": purpose})
    return str(made["id"])


def sent(content: bytes, **fields: Any) -> dict[str, Any]:
    told = {"origin": "synthetic", "why": "found on the seized disk"}
    return {"files": {"file": ("a.png", content, "image/png")}, "data": told | fields}


def test_an_exhibit_is_cropped_by_the_purpose_of_its_case_and_named_regions_are_kept(rest: Rest) -> None:
    finding, threat = opened(rest, "victim-id-cse"), opened(rest, "imminent-threat")
    made = rest.post("ines", f"/cases/{finding}/exhibits", **sent(draw(3), also="0.5,0.5,0.1,0.1; 0.7,0.5,0.1,0.1"))
    assert made["cropped"]
    assert made["kept_boxes"][0] == made["faces"][0]["box"]
    assert made["kept_boxes"][1:] == [
        {"left": 0.5, "top": 0.5, "width": 0.1, "height": 0.1},
        {"left": 0.7, "top": 0.5, "width": 0.1, "height": 0.1},
    ]
    assert rest.get("ines", f"/exhibits/{made['id']}") == made
    whole = rest.post("ines", f"/cases/{threat}/exhibits", **sent(draw(3)))
    assert (whole["cropped"], whole["kept_boxes"]) == (False, [])
    assert rest.post("ines", f"/cases/{threat}/exhibits", **sent(draw(4), intake="crop"))["cropped"]


def test_a_whole_frame_is_refused_with_its_rule_and_a_region_that_is_none_is_told(rest: Rest) -> None:
    case = opened(rest, "victim-id-cse")
    refused = rest.ask("POST", f"/cases/{case}/exhibits", "ines", **sent(draw(3), intake="whole"))
    assert (refused.status_code, [one["rule_id"] for one in refused.json()["reasons"]]) == (403, ["frame-is-not-kept"])
    for also, words in (("here", "is no region"), ("0.5,0.5,0.6,0.6", "must lie in the picture")):
        wrong = rest.ask("POST", f"/cases/{case}/exhibits", "ines", **sent(draw(3), also=also))
        assert (wrong.status_code, words in wrong.json()["detail"]) == (422, True)
    assert rest.get("ines", f"/cases/{case}/exhibits")["items"] == []


def test_an_animation_says_that_its_first_frame_was_taken(rest: Rest) -> None:
    content = BytesIO()
    with Images.open(BytesIO(draw(3))) as first, Images.open(BytesIO(draw(4))) as second:
        first.save(content, "PNG", save_all=True, append_images=[second])
    case = opened(rest, "victim-id-cse")
    made = rest.post("ines", f"/cases/{case}/exhibits", **sent(content.getvalue()))
    assert (made["frames_in_file"], len(made["faces"])) == (2, 1)
