"""A request that is sent again under its key: done once across a restart, and answered only as long as its answer may be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from beholden.actions import audit, cases, people, search
from beholden.errors import Changed, Refused
from beholden.records.cases import Case
from beholden.records.disclosures import Disclosure
from beholden.records.people import Session
from beholden.records.searches import Search
from tests.agency import PURPOSE, Agency
from tests.api.client import Rest, rest_of

KEY = {"Idempotency-Key": "once and no more"}


def run(rest: Rest, ready: Any, **more: Any) -> dict[str, Any]:
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    done: dict[str, Any] = rest.post("ines", "/searches", body, headers=KEY, **more)
    return done


def test_a_search_that_is_sent_again_after_a_restart_consumes_no_second_use(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2)
    run(rest, ready)
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    again = rest_of(rest.agency)  # a server that was started again: its memory is empty
    told = again.refused(409, "POST", "/searches", "ines", json=body, headers=KEY)
    assert "was sent before" in told["detail"]
    assert len(rest.agency.find(Search)) == 1
    again.refused(409, "POST", "/searches", "ines", json=body, headers=KEY)
    assert again.post("ines", "/searches", body, headers={"Idempotency-Key": "another"})["id"]
    rest.agency.clock.pass_by(hours=24)
    assert len(rest.agency.find(Search)) == 2


def lose_role(agency: Agency) -> None:
    agency.change_roles("ines", "steward")


def lose_assignment(agency: Agency) -> None:
    for case in agency.find(Case):
        agency.change(case, assigned=())


@pytest.mark.parametrize(("lose", "status"), [(lose_role, 404), (lose_assignment, 404)])
def test_who_lost_the_right_to_an_act_is_refused_its_answer_as_the_act_itself_would_be(
    rest: Rest, lose: Callable[[Agency], None], status: int
) -> None:
    ready = rest.agency.ready(1, 2)
    first = run(rest, ready)
    assert run(rest, ready) == first
    lose(rest.agency)
    body = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    told = rest.ask("POST", "/searches", "ines", json=body, headers=KEY)
    fresh = rest.ask("POST", "/searches", "ines", json=body, headers={"Idempotency-Key": "new"})
    assert told.status_code == fresh.status_code
    assert {**told.json(), "entry": 0} == {**fresh.json(), "entry": 0} or told.status_code == 403
    assert first["id"] not in told.text
    assert len(rest.agency.find(Search)) == 1


def test_an_answer_is_not_given_again_to_another_session_nor_once_what_it_tells_of_changed(rest: Rest) -> None:
    body = {"reference": "1", "purpose": PURPOSE}
    first = rest.post("ines", "/cases", body, headers=KEY)
    officer = people.sign_in_as(rest.agency.system, name="ines")
    before, rest.agency.officers["ines"] = rest.agency.officers["ines"], officer
    rest.refused(409, "POST", "/cases", "ines", json=body, headers=KEY)
    rest.agency.officers["ines"] = before
    assert rest.post("ines", "/cases", body, headers=KEY) == first
    cases.assign_case(rest.agency.system, rest.agency["sven"], case_id=first["id"], person_id=rest.agency.ids["ivo"])
    rest.refused(409, "POST", "/cases", "ines", json=body, headers=KEY)
    assert len(rest.agency.find(Case)) == 1


def test_a_suspended_person_and_an_ended_session_are_told_nothing(rest: Rest) -> None:
    body = {"reference": "1", "purpose": PURPOSE}
    rest.post("ines", "/cases", body, headers=KEY)
    for session in rest.agency.find(Session, person_id=rest.agency.ids["ines"]):
        rest.agency.change(session, ended=True)
    rest.refused(401, "POST", "/cases", "ines", json=body, headers=KEY)


def test_a_number_is_of_one_person_one_act_and_one_day_and_what_was_refused_may_be_tried_again(agency: Agency) -> None:
    sent = agency.with_parts(sent="a number of sixteen")
    told = {"reference": "1", "title": "", "purpose": PURPOSE}
    with pytest.raises(Refused):
        cases.open_case(sent.system, agency["stella"], **told)
    cases.open_case(sent.system, agency["ines"], **told)
    cases.open_case(sent.system, agency["ivo"], **told)
    with pytest.raises(Changed, match="sent before"):
        cases.open_case(sent.system, agency["ines"], **told)
    agency.change_roles("ines", "steward")
    with pytest.raises(Refused) as refused:
        cases.open_case(sent.system, agency["ines"], **told)
    assert "sent-once" in [reason.rule_id for reason in refused.value.reasons]
    agency.change_roles("ines", "investigator")
    agency.clock.pass_by(hours=24)
    officer = people.sign_in_as(agency.system, name="ines")
    assert cases.open_case(sent.system, officer, **told).reference == "1"


def test_what_was_done_meanwhile_under_the_same_number_is_not_done_again(agency: Agency) -> None:
    """Both were permitted before either was done: the one that comes second to its turn is taken back."""
    sent = agency.with_parts(sent="a number of sixteen")
    told = {"reference": "1", "title": "", "purpose": PURPOSE}

    def permitted_then_overtaken() -> None:
        with audit.act(sent.system, "case.opened", agency["ines"]) as act:
            with act.look():
                act.permit(purpose=PURPOSE, pack_purposes=agency.system.policy.pack.purposes)
            cases.open_case(sent.system, agency["ines"], **told)
            with act.begin() as tx:
                tx.change(*tx.find(Case), title="by the second")

    with pytest.raises(Changed, match="sent before"):
        permitted_then_overtaken()
    assert [case.title for case in agency.find(Case)] == [""]


def test_what_makes_a_list_fail_has_consumed_the_use_and_is_not_tried_again_under_its_number(agency: Agency) -> None:
    ready = agency.ready(1)
    sent = agency.with_parts(sent="a number of sixteen")
    asked = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    found = search.run_search(sent.system, agency["ines"], **asked)
    assert found.people == 1
    with pytest.raises(Changed, match="sent before"):
        search.run_search(sent.system, agency["ines"], **asked)


def test_disclosures_are_listed_shown_and_read_again_by_who_may(rest: Rest) -> None:
    agency = rest.agency
    found = agency.search(agency.ready(1, 2, 3).authority)
    leads = agency.unsealed(found, 1)
    packet = agency.disclose(found, leads[0])
    [made] = agency.find(Disclosure)
    [listed] = rest.get("sven", f"/disclosures?case_id={found.case_id}")["items"]
    assert rest.get("aude", f"/disclosures/{made.id}") == listed
    assert (listed["recipients"], listed["leads"], listed["erased"]) == (["Unit 4", "Interpol desk"], 1, 0)
    again = rest.get("ines", f"/disclosures/{made.id}/files")
    assert {one["name"] for one in again["files"]} == set(packet.files)
    assert again["left_out"] == []
    rest.refused(403, "GET", f"/disclosures/{made.id}/files", "sven")
    for name in ("ivo", "rosa", "pia"):
        rest.refused(404, "GET", f"/disclosures/{made.id}", name)
        rest.refused(404, "GET", f"/disclosures/{made.id}/files", name)
        assert rest.get(name, "/disclosures")["items"] == []
    agency.erase(leads[0].candidate.face_id)
    assert rest.get("ines", f"/disclosures/{made.id}")["erased"] == 1
    left = rest.get("ines", f"/disclosures/{made.id}/files")
    assert [one["name"] for one in left["files"]] == ["manifest.note"]
    assert "erased or restricted since" in left["left_out"][0]
