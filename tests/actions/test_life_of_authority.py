"""The life of an authority, from a draft to its end, and the register of evidence that its probe is bound to."""

from __future__ import annotations

import hashlib

import pytest

from beholden.actions import authorise, evidence, probe
from beholden.actions.expire import expire_authorities
from beholden.errors import BadInput, BadManifest
from beholden.records.authority import Authority, AuthorityState, state_at
from beholden.records.exhibits import Exhibit
from beholden.records.searches import Search
from beholden.testing.drawn import draw
from tests.agency import Agency, Ready, necessity, rules_of


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def register(*pictures: bytes) -> bytes:
    rows = [f"{hashlib.sha256(one).hexdigest()},E-{n},synthetic" for n, one in enumerate(pictures, 1)]
    return "\n".join(["sha256,exhibit_ref,origin", *rows]).encode()


def asked(agency: Agency, ready: Ready) -> Authority:
    return agency.request(ready.case, ready.sought, ready.gallery)


def test_the_use_that_takes_the_last_search_ends_the_authority(agency: Agency, ready: Ready) -> None:
    given = agency.approve(asked(agency, ready), searches=1)
    assert agency.search(given).people == 3
    assert agency.get(Authority, given.id).state is AuthorityState.EXHAUSTED
    assert rules_of(agency, agency.search, given) == ["authority-is-active", "a-search-is-left"]


def test_an_authority_is_over_at_its_end_and_that_is_put_on_record_later(agency: Agency, ready: Ready) -> None:
    agency.clock.at = ready.authority.ends_at
    assert state_at(ready.authority, agency.clock.at) is AuthorityState.EXPIRED
    agency.clock.pass_by(seconds=1)
    assert (expire_authorities(agency.system), expire_authorities(agency.system)) == (1, 0)
    assert agency.get(Authority, ready.authority.id).state is AuthorityState.EXPIRED
    assert agency.leaves()[-1]["event"] == "authority.expired"


def test_a_request_comes_back_with_questions_and_goes_again_with_answers(agency: Agency, ready: Ready) -> None:
    first = asked(agency, ready)
    back = authorise.return_request(agency.system, agency["sven"], authority_id=first.id, questions="which school?")
    assert (back.state, back.questions[0].necessity) == (AuthorityState.RETURNED, first.necessity)
    assert rules_of(agency, agency.approve, back) == ["request-waits-for-decision"]
    submit = authorise.submit_request
    assert rules_of(agency, submit, agency.system, agency["ines"], authority_id=first.id) == ["question-is-answered"]
    authorise.edit_draft(agency.system, agency["ines"], authority_id=first.id, necessity=necessity(99))
    again = submit(agency.system, agency["ines"], authority_id=first.id, answer="the one in the next town")
    assert (again.necessity, again.questions[0].necessity) == (necessity(99), first.necessity)
    assert agency.approve(again).state is AuthorityState.ACTIVE


def test_req_14_a_like_request_takes_over_the_reasons_and_says_what_differs(agency: Agency, ready: Ready) -> None:
    told = {
        "case_id": ready.case.id,
        "sought_id": ready.sought.id,
        "gallery_ids": [ready.gallery.id],
        "starts_at": agency.clock.at,
        "ends_at": ready.authority.ends_at,
        "searches": 1,
        "like": ready.authority.id,
    }
    ask = authorise.request_authority
    ines = (agency.system, agency["ines"])
    assert rules_of(agency, ask, *ines, **told, differs="short") == ["difference-is-written"]
    copied = ready.authority.necessity.why_person
    assert rules_of(agency, ask, *ines, **told, differs=copied) == ["difference-is-new"]
    made = ask(*ines, **told, differs="the second file of the series shows the face from the side")
    assert (made.necessity, made.like) == (ready.authority.necessity, ready.authority.id)
    with pytest.raises(BadInput, match="not both"):
        ask(*ines, **told, differs="the third file of this series shows another room", necessity=necessity(50))


def test_a_probe_outside_the_evidence_is_looked_at_before_it_is_approved(agency: Agency, ready: Ready) -> None:
    import_ = evidence.import_manifest
    evidence_of = {"case": ready.case.reference, "file": "register.csv"}
    other = register(draw(9))
    assert set(rules_of(agency, import_, agency.system, agency["ines"], other, **evidence_of)) == {
        "importer-is-apart",
        "role-registers-evidence",
        "importer-asked-for-nothing",
    }
    import_(agency.system, agency["stella"], other, **evidence_of)
    waiting = asked(agency, ready)
    assert rules_of(agency, agency.approve, waiting) == ["unmanifested-probe-is-looked-at"]
    assert len(probe.show_probe(agency.system, agency["sven"], authority_id=waiting.id)) == 1
    given = agency.approve(waiting)
    found = agency.search(given)
    assert (given.unmanifested, found.unmanifested) == (1, 1)
    assert any("no imported register" in words for words in found.statements)


def test_a_register_that_has_the_file_makes_the_probe_manifested(agency: Agency, ready: Ready) -> None:
    content = register(draw(3, seed=7))
    told = {"case": ready.case.id, "file": "register.csv"}
    made = evidence.import_manifest(agency.system, agency["stella"], content, **told)
    assert (made.rows, made.new) == (1, 1)
    with agency.system.database.look() as look:
        assert evidence.manifested(look, agency.find(Exhibit)[0])
    given = agency.approve(asked(agency, ready))
    assert agency.search(given).unmanifested == 0
    assert agency.find(Search)[0].unmanifested == 0
    with pytest.raises(BadInput, match="before"):
        evidence.import_manifest(agency.system, agency["stella"], content, **told)
    with pytest.raises(BadManifest, match="no SHA-256"):
        evidence.import_manifest(agency.system, agency["stella"], b"sha256,exhibit_ref,origin\nx,E,cctv", **told)
    assert evidence.registers(agency.system, agency["ines"], case_id=ready.case.id)[0].file == "register.csv"
