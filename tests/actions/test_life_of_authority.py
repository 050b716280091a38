"""The life of an authority, from a draft to its end, and the register of evidence that its probe is bound to."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from beholden.actions import authorise, cases, evidence, exigent, expire, patterns, people, probe, search
from beholden.actions.expire import expire_authorities
from beholden.errors import BadInput, BadManifest, Missing
from beholden.records.authority import NOT_WRITTEN, Authority, AuthorityState, state_at
from beholden.records.cases import Case
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
    probe.show_probe(agency.system, agency["sven"], authority_id=first.id)
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
    approve = authorise.approve_authority
    sven = (agency.system, agency["sven"])
    assert rules_of(agency, approve, *sven, authority_id=waiting.id) == ["unmanifested-probe-is-looked-at"]
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


def becomes(agency: Agency, name: str, *roles: str) -> None:
    agency.change_roles(name, *roles)
    agency.officers[name] = people.sign_in_as(agency.system, name=name)


def in_registers(agency: Agency, *asking: str) -> bool:
    with agency.system.database.look() as look:
        return evidence.manifested(look, agency.find(Exhibit)[0], *(agency.ids[name] for name in asking))


def test_req_13_a_register_counts_for_nothing_where_who_imported_it_asks_or_searches_later(agency: Agency) -> None:
    """Imported as a steward outside the case; then put on it, the importer adds the very file and asks."""
    source, gallery = agency.source(), agency.gallery()
    agency.enrol(source, gallery, 3)
    case = agency.case()
    becomes(agency, "ivo", "investigator", "steward")
    content, told = register(draw(3, seed=7)), {"case": case.reference, "file": "register.csv"}
    evidence.import_manifest(agency.system, agency["ivo"], content, **told)
    wanted = agency.sought(case, draw(3, seed=7))
    assert in_registers(agency)
    assert not in_registers(agency, "ivo"), "for what the importer would search"
    cases.assign_case(agency.system, agency["sven"], case_id=case.id, person_id=agency.ids["ivo"])
    assert not in_registers(agency), "nor for a colleague of the same case"
    agency.clock.count += 1
    waiting = authorise.request_authority(
        agency.system,
        agency["ivo"],
        case_id=case.id,
        sought_id=wanted.id,
        gallery_ids=[gallery.id],
        necessity=necessity(agency.clock.count),
        starts_at=agency.clock.at,
        ends_at=agency.clock.at + timedelta(hours=24),
        searches=1,
    )
    approve = (authorise.approve_authority, agency.system, agency["sven"])
    assert rules_of(agency, *approve, authority_id=waiting.id) == ["unmanifested-probe-is-looked-at"]
    given = agency.approve(waiting)
    assert given.unmanifested == 1
    found = search.run_search(agency.system, agency["ivo"], authority_id=given.id, sought_id=wanted.id)
    assert found.unmanifested == 1
    with agency.system.database.look() as look:
        assert [one.unmanifested for one in patterns.uses_of(look)] == [True]
    again = evidence.import_manifest(agency.system, agency["stella"], content, **told)
    assert (again.rows, again.new) == (1, 1), "the same register, by somebody who asks for nothing, is taken"
    assert in_registers(agency, "ivo")


def test_req_13_a_register_of_who_searches_before_approval_counts_for_nothing(agency: Agency, ready: Ready) -> None:
    becomes(agency, "ivo", "investigator", "steward")
    told = {"case": ready.case.reference, "file": "register.csv"}
    evidence.import_manifest(agency.system, agency["ivo"], register(draw(3, seed=7)), **told)
    assert in_registers(agency)
    agency.approve(asked(agency, ready))
    given = agency.find(Authority)[-1]
    cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["ivo"])
    begun = exigent.begin_exigent(
        agency.system,
        agency["ivo"],
        case_id=ready.case.id,
        sought_id=ready.sought.id,
        ground="child-in-danger",
        reason="a child of four is with the man of the photograph",
        place="unknown",
        time="unknown",
    )
    assert agency.get(Authority, begun.authority_id).unmanifested == 1
    now = agency.get(Case, ready.case.id)
    agency.change(now, assigned=(agency.ids["ines"],))
    assert not in_registers(agency), "whoever once asked in the case has a part in it for good"
    assert agency.search(given).unmanifested == 1


def test_a_draft_that_becomes_like_another_lets_its_own_reasons_go(agency: Agency, ready: Ready) -> None:
    ines = (agency.system, agency["ines"])
    window = {"starts_at": agency.clock.at, "ends_at": ready.authority.ends_at}
    of = {"case_id": ready.case.id, "sought_id": ready.sought.id}
    begun = authorise.draft_authority(*ines, **of, **window, necessity=necessity(70), gallery_ids=[ready.gallery.id])
    differs = "the second file of the series shows the face from the side"
    edit = authorise.edit_draft
    changed = edit(*ines, authority_id=begun.id, like=ready.authority.id, differs=differs)
    assert (changed.necessity, changed.differs) == (NOT_WRITTEN, differs)
    with pytest.raises(BadInput, match="not both"):
        edit(*ines, authority_id=begun.id, necessity=necessity(71))
    with pytest.raises(BadInput, match="leave out what differs"):
        edit(*ines, authority_id=begun.id, like="")
    for name in ("like", "follows"):
        with pytest.raises(Missing, match="no such authority"):
            edit(*ines, authority_id=begun.id, **{name: "0" * 32})
    assert agency.get(Authority, begun.id) == changed
    assert authorise.submit_request(*ines, authority_id=begun.id).necessity == ready.authority.necessity
    assert rules_of(agency, edit, *ines, authority_id=begun.id, searches=9) == ["request-can-be-written"]


def test_a_synthetic_system_takes_no_register_of_real_evidence(agency: Agency, ready: Ready) -> None:
    content = register(draw(3, seed=7)).replace(b"synthetic", b"seized-device")
    with pytest.raises(BadInput, match="only synthetic evidence"):
        evidence.import_manifest(agency.system, agency["stella"], content, case=ready.case.id, file="register.csv")
    assert evidence.registers(agency.system, agency["ines"], case_id=ready.case.id) == []


def test_authorities_that_end_by_the_hundred_are_ended_a_few_at_a_time(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = agency.ready(1)
    other = agency.sought(ready.case, draw(2, seed=3))
    agency.approve(agency.request(ready.case, other, ready.gallery))
    monkeypatch.setattr(expire, "AT_A_TIME", 1)
    agency.clock.pass_by(hours=25)
    assert expire_authorities(agency.system) == 2
    assert {one.state for one in agency.find(Authority)} == {AuthorityState.EXPIRED}
    assert expire_authorities(agency.system) == 0
