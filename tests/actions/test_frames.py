"""The whole of a photograph: to an investigator of the case who says why, with the reason on record, and to nobody else."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image as Picture

from beholden.actions import exhibits, frames, review
from beholden.errors import BadInput, Missing, Refused
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.testing.drawn import draw
from tests.agency import Agency, last

WHY = "who stands beside her on the stairs"


def test_a_frame_is_shown_for_a_reason_which_the_log_keeps_with_the_exhibit(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, seed=7))
    [exhibit] = agency.find(Exhibit)
    before = len(agency.leaves())
    shown = frames.show_frame(agency.system, agency["ines"], exhibit_id=exhibit.id, reason=f" {WHY} ")
    with Picture.open(BytesIO(shown.picture)) as there:
        assert (there.format, there.size, dict(there.getexif())) == ("JPEG", (exhibit.width, exhibit.height), {})
    assert list(shown.faces) == agency.find(ExhibitFace)
    [leaf] = agency.leaves()[before:]
    assert (leaf["event"], leaf["operation"], leaf["outcome"]) == ("exhibit.frame_shown", "consultation", "done")
    told = agency.told(before)
    assert (told["reason"], told["exhibit"], told["case"]) == ([WHY], [exhibit.id], [case.id])


def test_a_frame_is_refused_without_a_reason_and_to_who_has_no_part_in_the_case(agency: Agency) -> None:
    agency.sought(agency.case(), draw(3, seed=7))
    [exhibit] = agency.find(Exhibit)
    for name, reason, rules in (
        ("ines", "because 1234567 !!!!!!!!!", ["frame-has-reason"]),
        ("ivo", WHY, ["investigator-is-assigned"]),
        ("sven", WHY, ["investigator-is-assigned", "role-investigator-works-on-the-case"]),
        ("aude", WHY, ["investigator-is-assigned", "role-investigator-works-on-the-case"]),
    ):
        with pytest.raises(Refused):
            frames.show_frame(agency.system, agency[name], exhibit_id=exhibit.id, reason=reason)
        assert last(agency) == ("exhibit.frame_shown", "refused", rules)


def test_req_35_no_frame_is_shown_to_somebody_who_owes_a_blind_opinion(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    agency.change_roles("rosa", "examiner", "investigator")
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    case = agency.get(type(ready.case), ready.case.id)
    agency.change(case, assigned=(*case.assigned, agency.ids["rosa"]))
    [exhibit] = agency.find(Exhibit)
    with pytest.raises(Missing, match="lock the opinion"):
        frames.show_frame(agency.system, agency["rosa"], exhibit_id=exhibit.id, reason=WHY)
    assert last(agency)[:2] == ("exhibit.frame_shown", "failed")


def test_of_a_video_there_is_no_frame_and_of_what_was_removed_none_any_more(agency: Agency) -> None:
    case = agency.case()
    exhibit, _ = exhibits.add_exhibit(
        agency.system, agency["ines"], draw(3, seed=7), case_id=case.id, file="a.png", origin="synthetic", why="x"
    )
    agency.change(exhibit, kind="MP4")
    with pytest.raises(BadInput, match="no frame of it"):
        frames.show_frame(agency.system, agency["ines"], exhibit_id=exhibit.id, reason=WHY)
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=exhibit.id, reason="another child")
    with pytest.raises(Refused):
        frames.show_frame(agency.system, agency["ines"], exhibit_id=exhibit.id, reason=WHY)
    assert last(agency) == ("exhibit.frame_shown", "refused", ["exhibit-is-held"])


def test_a_frame_is_seen_so_often_a_day_and_no_more(agency: Agency) -> None:
    few = agency.with_parts(rules=replace(agency.system.rules, max_frames_shown_a_day=2))
    few.sought(few.case(), draw(3, seed=7))
    [exhibit] = few.find(Exhibit)
    for _ in range(2):
        frames.show_frame(few.system, few["ines"], exhibit_id=exhibit.id, reason=WHY)
    with pytest.raises(Refused):
        frames.show_frame(few.system, few["ines"], exhibit_id=exhibit.id, reason=WHY)
    assert last(few) == ("exhibit.frame_shown", "refused", ["day-limit"])
