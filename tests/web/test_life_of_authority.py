"""The life of a request in pages: a draft, questions and answers, what an approver looks at, and registers of evidence."""

from __future__ import annotations

import hashlib

import pytest

from beholden.records.authority import Authority, AuthorityState
from beholden.records.evidence import ProbeLook
from beholden.testing.drawn import draw
from tests.agency import Agency, Ready, last, necessity
from tests.web.browser import Browser
from tests.web.casework import chips, reveals
from tests.web.test_authorities import asked_for


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def register(*pictures: bytes) -> bytes:
    rows = [f"{hashlib.sha256(one).hexdigest()},E-{n},synthetic" for n, one in enumerate(pictures, 1)]
    return "\n".join(["sha256,exhibit_ref,origin", *rows]).encode()


def test_a_draft_is_kept_changed_and_asked_with(agency: Agency, ready: Ready) -> None:
    ines, sven = Browser(agency, "ines"), Browser(agency, "sven")
    ines.send(f"/cases/{ready.case.id}/authorities", asked_for(ready, why_now="", do="draft"))
    (draft,) = agency.find(Authority, state=AuthorityState.DRAFT)
    assert "kept as a draft" in ines.text
    ines.open("/")
    assert f'href="/authorities/{draft.id}"' in ines.page.text
    ivo = Browser(agency, "ivo")
    ivo.open(f"/authorities/{draft.id}/edit")
    assert ivo.page.status_code == 404
    sven.open("/authorities")
    assert "Nothing waits for your decision." in sven.text
    ines.send(f"/authorities/{draft.id}/submit")
    assert (ines.page.status_code, last(agency)[2]) == (403, ["necessity-is-written"])
    ines.open(f"/authorities/{draft.id}/edit")
    assert necessity(50).why_person in ines.page.text
    ines.send(f"/authorities/{draft.id}/edit", asked_for(ready, searches="many"))
    assert ines.page.status_code == 422
    assert 'value="many"' in ines.page.text
    ines.send(f"/authorities/{draft.id}/edit", asked_for(ready, searches="2", external_ref="W-7"))
    ines.send(f"/authorities/{draft.id}/submit")
    asked = agency.get(Authority, draft.id)
    assert (asked.state, asked.searches, asked.grounds.external_ref) == (AuthorityState.REQUESTED, 2, "W-7")
    ines.open(f"/authorities/{draft.id}/edit")
    assert (ines.page.status_code, ines.page.headers["location"]) == (
        303,
        f"/authorities/{draft.id}",
    )  # nothing to change any more
    sven.open(f"/authorities/{draft.id}")
    assert "W-7" in sven.text


def test_questions_and_answers_are_read_by_both(agency: Agency, ready: Ready) -> None:
    ines, sven = Browser(agency, "ines"), Browser(agency, "sven")
    asked = agency.request(ready.case, ready.sought, ready.gallery)
    path = f"/authorities/{asked.id}"
    sven.send(f"{path}/return", {"questions": "why"})
    assert (sven.page.status_code, last(agency)[2]) == (403, ["decision-has-reason"])
    sven.send(f"{path}/return", {"questions": "which school was asked?"})
    assert "It is returned with your questions" in sven.text
    ines.open("/")
    assert f'href="{path}"' in ines.page.text
    ines.open(path)
    assert "which school was asked?" in ines.text
    assert "not answered yet" in ines.text
    ines.send(f"{path}/edit", asked_for(ready, number=77))
    ines.send(f"{path}/submit", {"answer": "none"})
    assert (ines.page.status_code, last(agency)[2]) == (403, ["question-is-answered"])
    ines.send(f"{path}/submit", {"answer": "the one in the next town"})
    sven.open(path)
    for words in (
        "which school was asked?",
        "the one in the next town",
        necessity(77).why_now,
        asked.necessity.why_now,
    ):
        assert words in sven.text
    ines.open(path)
    ines.send(f"{path}/withdraw")
    assert agency.get(Authority, asked.id).state is AuthorityState.WITHDRAWN


def test_a_request_like_another_shows_the_reasons_of_both_to_the_approver(agency: Agency, ready: Ready) -> None:
    ines, sven = Browser(agency, "ines"), Browser(agency, "sven")
    told = asked_for(ready, less_intrusive="", why_person="", why_now="", like=ready.authority.id)
    ines.send(f"/cases/{ready.case.id}/authorities", told | {"differs": "the second file of the series shows her side"})
    (asked,) = agency.find(Authority, like=ready.authority.id)
    sven.open(f"/authorities/{asked.id}")
    assert "the second file of the series shows her side" in sven.text
    assert ready.authority.necessity.why_person in sven.text
    assert f'href="/authorities/{ready.authority.id}"' in sven.page.text


def test_an_approver_looks_at_a_face_outside_the_evidence_and_the_page_forgets_it(agency: Agency, ready: Ready) -> None:
    sven = Browser(agency, "sven")
    asked = agency.request(ready.case, ready.sought, ready.gallery)
    path = f"/authorities/{asked.id}"
    sven.open(path)
    assert "no register of the case" in sven.text
    less = {"gallery": ready.gallery.id, "searches": "1", "hours": "12"}
    sven.send(f"{path}/approve", less)
    assert (sven.page.status_code, last(agency)[2]) == (403, ["unmanifested-probe-is-looked-at"])
    sven.open(f"{path}/probe")
    assert not reveals(sven)
    assert not agency.find(ProbeLook, authority_id=asked.id)
    sven.send(f"{path}/probe")
    assert "in no register" in sven.text
    assert not chips(sven), "what the page paints is veiled"
    (address,) = reveals(sven)
    sven.send(address)
    assert (sven.page.headers["content-type"], last(agency)[0]) == ("image/jpeg", "chip.revealed")
    assert len(agency.find(ProbeLook, authority_id=asked.id)) == 1
    sven.open(f"{path}/probe")
    assert not reveals(sven)  # loaded again it shows the button
    sven.send(f"{path}/approve", less)
    assert agency.get(Authority, asked.id).state is AuthorityState.ACTIVE
    sven.send(f"{path}/probe")
    assert (sven.page.status_code, last(agency)[2]) == (403, ["probe-is-to-be-decided-about"])


def test_a_register_is_imported_by_a_steward_who_sees_nothing_of_the_case(agency: Agency, ready: Ready) -> None:
    stella, ines, sven = (Browser(agency, name) for name in ("stella", "ines", "sven"))
    stella.open("/evidence")
    content = register(draw(3, seed=7))
    for case, wrong in (("2026-117", b"no register"), ("2026-999", content)):
        stella.send("/evidence", {"case": case}, files={"file": ("r.csv", wrong)})
        assert stella.page.status_code in (404, 422)
    stella.send("/evidence", {"case": "2026-117"}, files={"file": ("register.csv", content)})
    assert "The register has 1 file. 1 of them stood in no register of the case before." in stella.text
    stella.open(f"/cases/{ready.case.id}")
    assert stella.page.status_code == 404
    ines.open(f"/cases/{ready.case.id}")
    assert "register.csv" in ines.text
    assert "by a register: synthetic" in ines.text
    sven.open(f"/cases/{ready.case.id}")
    assert "/evidence?case=2026-117" in sven.page.text
    sven.open(f"/authorities/{agency.request(ready.case, ready.sought, ready.gallery).id}")
    assert "Every face is of a file that a register of the case has." in sven.text


def test_whether_a_case_is_there_is_told_to_nobody_who_has_no_part_in_registers(agency: Agency, ready: Ready) -> None:
    ivo = Browser(agency, "ivo")
    content = {"file": ("register.csv", register(draw(3, seed=7)))}
    pages = []
    for case in ("2026-117", "2026-999"):
        ivo.send("/evidence", {"case": case}, files=content)
        assert ivo.page.status_code == 404
        pages.append(ivo.text.replace(case, ""))
    assert len({page.split("Log entry")[0] for page in pages}) == 1
