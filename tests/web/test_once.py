"""A form that makes something new makes it once: by a double click, a button back, or a server that was started again between."""

from __future__ import annotations

from typing import Any

import pytest

from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.exhibits import ExhibitFace
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.requests import Request
from beholden.records.sought import Sought
from beholden.web.forms import new_number
from tests.agency import PURPOSE, Agency, Ready, necessity
from tests.web.browser import Browser

Form = tuple[str, str, dict[str, Any]]


def case(_agency: Agency, _ready: Ready) -> Form:
    return "ines", "/cases", {"reference": "2026-200", "title": "", "purpose": PURPOSE}


def gallery(_agency: Agency, _ready: Ready) -> Form:
    return "pia", "/galleries", {"name": "others", "purpose": [PURPOSE]}


def sought(agency: Agency, ready: Ready) -> Form:
    [face] = agency.find(ExhibitFace, case_id=ready.case.id)
    told = {"face": [face.id], "subject_role": "victim", "why": "the same mole"}
    return "ines", f"/cases/{ready.case.id}/soughts", told


def authority(_agency: Agency, ready: Ready) -> Form:
    why = necessity(77)
    told = {"sought_id": ready.sought.id, "gallery": [ready.gallery.id], "hours": "24", "searches": "2"}
    told |= {"less_intrusive": why.less_intrusive, "why_person": why.why_person, "why_now": why.why_now}
    return "ines", f"/cases/{ready.case.id}/authorities", told


def request(agency: Agency, _ready: Ready) -> Form:
    told = {"record": [agency.find(Face)[0].id], "looked_for": "by the page", "subject": "A. Person, by letter"}
    return "pia", "/requests", told


@pytest.mark.parametrize(
    ("form", "kind"), [(case, Case), (gallery, Gallery), (sought, Sought), (authority, Authority), (request, Request)]
)
def test_a_form_is_obeyed_once(form: Any, kind: type[Any], agency: Agency) -> None:
    name, path, told = form(agency, agency.ready(1, 2))
    before = len(agency.find(kind))
    told |= {"once": new_number()}
    assert Browser(agency, name).send(path, told, follow=False).status_code == 303
    for _restart in range(2):
        again = Browser(agency, name)  # with a server of its own, whose memory is empty
        assert again.send(path, told).status_code in (403, 409)
    assert len(agency.find(kind)) == before + 1
    assert Browser(agency, name).send(path, {**told, "once": "short"}).status_code == 422
    assert len(agency.find(kind)) == before + 1
