"""What is looked at before a decision: the faces of an exhibit, on record; and what an authority would reach."""

from __future__ import annotations

import pytest

from beholden.actions import desk, exhibits, register, sought
from beholden.actions.weigh import scope
from beholden.errors import Missing
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.galleries import Gallery
from beholden.records.searches import NOT_MEASURED
from beholden.testing.drawn import draw
from tests.agency import Agency, last, rules_of


def test_the_faces_of_an_exhibit_are_shown_as_chips_and_that_is_on_record(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, 4, seed=7))
    [exhibit] = agency.find(Exhibit)
    shown = exhibits.show_faces(agency.system, agency["ines"], exhibit_id=exhibit.id)
    assert [face for face, _ in shown] == agency.find(ExhibitFace, order="position")
    for _, chip in shown:
        assert agency.system.media.decode(chip).pixels.shape == (224, 224, 3)
    assert last(agency) == ("exhibit.shown", "done", [])
    told = agency.told(len(agency.leaves()) - 1)
    assert (told["case"], told["exhibit"], told["faces"]) == ([case.id], [exhibit.id], [2])
    assert agency.leaves()[-1]["purpose"] == case.purpose


def test_only_an_investigator_of_the_case_is_shown_faces_and_of_a_removed_exhibit_nobody(agency: Agency) -> None:
    declared = agency.sought(agency.case(), draw(3, seed=7))
    [exhibit] = agency.find(Exhibit)
    for name, rules in {
        "ivo": ["investigator-is-assigned"],
        "sven": ["investigator-is-assigned", "role-investigator-works-on-the-case"],
        "rosa": ["investigator-is-assigned", "role-investigator-works-on-the-case"],
    }.items():
        refused = rules_of(agency, exhibits.show_faces, agency.system, agency[name], exhibit_id=exhibit.id)
        assert refused == rules, name
        assert agency.told(len(agency.leaves()) - 1)["exhibit"] == [exhibit.id]
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=declared.id, reason="x")
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=exhibit.id, reason="x")
    refused = rules_of(agency, exhibits.show_faces, agency.system, agency["ines"], exhibit_id=exhibit.id)
    assert refused == ["exhibit-is-held"]


def test_the_scope_of_an_authority_counts_what_would_be_compared_now(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3, galleries=2)
    weighed = scope(agency.system, agency["sven"], authority_id=ready.authority.id)
    assert weighed.sizes == tuple((gallery, 3) for gallery in agency.find(Gallery, order="name"))
    assert weighed.expected == (NOT_MEASURED,)
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="order")
    weighed = scope(agency.system, agency["sven"], authority_id=ready.authority.id)
    assert [size for _, size in weighed.sizes] == [0, 0]
    with pytest.raises(Missing):
        scope(agency.system, agency["ivo"], authority_id=ready.authority.id)


def test_what_is_in_a_case_is_there_for_who_sees_the_case(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    for name in ("ines", "sven", "aude"):
        who = agency[name]
        assert desk.case(agency.system, who, case_id=ready.case.id) == ready.case
        assert [one.id for one in desk.authorities_of(agency.system, who, case_id=ready.case.id)] == [
            ready.authority.id
        ]
        assert desk.searches_of(agency.system, who, case_id=ready.case.id) == [found]
        assert desk.authority(agency.system, who, authority_id=ready.authority.id).used == 1
    for name in ("ivo", "rosa", "stella", "pia", "ada"):
        for list_of in (desk.case, desk.authorities_of, desk.searches_of):
            with pytest.raises(Missing):
                list_of(agency.system, agency[name], case_id=ready.case.id)
        with pytest.raises(Missing):
            desk.authority(agency.system, agency[name], authority_id=ready.authority.id)
