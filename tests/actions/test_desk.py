"""A desk shows what roles and cases let one see; everything else is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from beholden.actions import desk
from beholden.actions.follow import open_templates
from beholden.errors import Missing, SignInRefused
from beholden.records.faces import Face
from beholden.records.people import Officer, Person, PersonState
from beholden.records.searches import that_it_is_there
from tests.agency import Agency, small_agency

EVERYBODY = ("stella", "pia", "ines", "ivo", "sven", "rosa", "aude", "ada")
LISTS: list[tuple[Callable[..., list[Any]], set[str]]] = [
    (desk.sources, {"stella", "pia", "ines", "ivo", "sven", "aude"}),
    (desk.galleries, {"stella", "pia", "ines", "ivo", "sven", "aude"}),
    (desk.people, set(EVERYBODY)),
    (desk.cases, {"ines", "sven", "aude"}),
    (desk.authorities, {"ines", "sven", "aude"}),
    (desk.searches, {"ines", "sven", "aude", "rosa"}),
    (desk.requests, {"stella", "pia", "sven", "aude"}),
    (desk.erasures, {"stella", "pia", "sven", "aude"}),
]


@pytest.fixture(scope="module")
def busy() -> Agency:
    agency = small_agency()
    ready = agency.ready(1, 2)
    agency.search(ready.authority)
    agency.enrol(ready.source, ready.gallery, 9)
    agency.erase(agency.find(Face, order="-face_no")[0].id)
    return agency


@pytest.mark.parametrize(("there", "who"), LISTS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_list_is_there_for_those_who_need_it_and_empty_for_everybody_else(
    busy: Agency, there: Callable[..., list[Any]], who: set[str]
) -> None:
    assert {name for name in EVERYBODY if shown(busy, there, name)} == who


def shown(busy: Agency, there: Callable[..., list[Any]], name: str) -> list[Any]:
    """Nothing too where the list itself is not there."""
    try:
        return there(busy.system, busy[name])
    except Missing:
        assert there is desk.requests
        return []


def test_a_case_and_what_is_in_it_are_not_there_for_others(busy: Agency) -> None:
    [case] = desk.cases(busy.system, busy["ines"])
    [(exhibit, faces)] = desk.exhibits(busy.system, busy["ines"], case_id=case.id)
    [declared] = desk.soughts(busy.system, busy["sven"], case_id=case.id)
    assert declared.face_ids == (faces[0].id,)
    assert faces[0].exhibit_id == exhibit.id
    for name in ("ivo", "rosa", "stella"):
        with pytest.raises(Missing, match=f"no case {case.id}"):
            desk.exhibits(busy.system, busy[name], case_id=case.id)
        with pytest.raises(Missing):
            desk.soughts(busy.system, busy[name], case_id=case.id)


def test_how_far_a_search_has_come_is_told_to_those_who_have_a_part_in_it(busy: Agency) -> None:
    [found] = desk.searches(busy.system, busy["ines"])
    for name in ("ines", "sven", "aude"):
        assert desk.search(busy.system, busy[name], search_id=found.id) == found
    for name in ("rosa", "erik"):
        assert desk.search(busy.system, busy[name], search_id=found.id) == that_it_is_there(found)
        assert desk.searches(busy.system, busy[name]) == [that_it_is_there(found)]
    for name in ("ivo", "stella", "pia", "ada"):
        with pytest.raises(Missing, match="no such search for you now"):
            desk.search(busy.system, busy[name], search_id=found.id)
    with pytest.raises(Missing):
        desk.search(busy.system, busy["ines"], search_id="0" * 32)


def test_nobody_sees_how_another_signs_in(busy: Agency) -> None:
    assert {person.credential for person in desk.people(busy.system, busy["ines"])} == {""}


def test_who_is_not_active_or_not_signed_in_has_no_desk(agency: Agency) -> None:
    agency.change(agency.get(Person, agency.ids["ines"]), state=PersonState.SUSPENDED)
    with pytest.raises(Missing, match="not active"):
        desk.cases(agency.system, agency["ines"])
    with pytest.raises(SignInRefused):
        desk.cases(agency.system, Officer("ivo", "nothing"))


def test_req_111_no_record_that_a_desk_or_an_act_gives_holds_a_template_that_opens_without_its_key(
    busy: Agency,
) -> None:
    faces = [face for face in busy.find(Face) if face.template]
    for face, template in zip(faces, open_templates(busy.system, faces), strict=True):
        assert template is not None
        assert template.tobytes()[:16] not in face.template
    given = [there(busy.system, busy["aude"]) for there, _ in LISTS]
    assert not any(isinstance(one, Face) for some in given for one in some)
