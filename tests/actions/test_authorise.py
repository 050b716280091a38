"""Authority: whoever asks is never who approves, less can be approved and never more, and nothing is ever widened."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from beholden.actions import authorise, recover, search
from beholden.errors import Missing, Refused
from beholden.records.authority import Authority, AuthorityState, Urgency
from beholden.records.disclosures import Notice
from tests.agency import Agency, Ready, draw, last, necessity, rules_of


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(galleries=2)


def ask(agency: Agency, ready: Ready, officer: str = "ines", **changes: Any) -> Authority:
    told: dict[str, Any] = {
        "case_id": ready.case.id,
        "sought_id": ready.sought.id,
        "gallery_ids": [ready.gallery.id],
        "necessity": necessity(100 + len(agency.find(Authority))),
        "starts_at": agency.clock.at,
        "ends_at": agency.clock.at + timedelta(hours=24),
        "searches": 3,
    }
    return authorise.request_authority(agency.system, agency[officer], **(told | changes))


def test_a_request_says_what_for_where_how_long_and_how_often(agency: Agency, ready: Ready) -> None:
    asked = ask(agency, ready, gallery_ids=[ready.gallery.id, ready.gallery.id])
    assert asked == Authority(
        id=asked.id,
        version=0,
        kept=asked.kept,
        case_id=ready.case.id,
        sought_id=ready.sought.id,
        purpose="victim-id-cse",
        urgency=Urgency.PRIOR,
        necessity=asked.necessity,
        gallery_ids=(ready.gallery.id,),
        starts_at=agency.clock.at,
        ends_at=agency.clock.at + timedelta(hours=24),
        searches=3,
        used=0,
        requested_by=agency.ids["ines"],
        decided_by="",
        reason="",
        follows="",
        state=AuthorityState.REQUESTED,
    )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"gallery_ids": []}, "gallery-is-named"),
        ({"gallery_ids": ["0" * 32]}, "galleries-are-fit"),
        ({"searches": 0}, "a-search-is-named"),
        ({"searches": 21}, "searches-are-few"),
        ({"ends_at": timedelta(hours=169)}, "window-is-short"),
        ({"starts_at": timedelta(hours=25)}, "window-runs-forward"),
        ({"starts_at": timedelta(hours=-2), "ends_at": timedelta(hours=-1)}, "window-is-not-over"),
        ({"necessity": replace(necessity(1), why_now="soon")}, "necessity-is-written"),
        ({"necessity": necessity(1)}, "necessity-is-new"),
    ],
)
def test_req_11_a_request_that_lacks_something_is_refused_by_its_rule(
    agency: Agency, ready: Ready, changes: dict[str, Any], rule: str
) -> None:
    told = {k: agency.clock.at + v if isinstance(v, timedelta) else v for k, v in changes.items()}
    assert rule in rules_of(agency, ask, agency, ready, **told)
    assert len(agency.find(Authority)) == 1


def test_req_19_every_reason_is_told_at_once(agency: Agency, ready: Ready) -> None:
    asked = ask(agency, ready)
    rules = rules_of(agency, authorise.approve_authority, agency.system, agency["ines"], authority_id=asked.id)
    assert set(rules) == {
        "role-supervisor-decides-authority",
        "training-is-current",
        "approver-is-not-requester",
        "approver-is-not-assigned",
        "unmanifested-probe-is-looked-at",
    }
    assert agency.get(Authority, asked.id) == asked


def test_req_11_an_approval_names_its_approver(agency: Agency, ready: Ready) -> None:
    asked = ask(agency, ready)
    approved = agency.approve(asked)
    assert approved == replace(
        asked, version=1, state=AuthorityState.ACTIVE, decided_by=agency.ids["sven"], unmanifested=1
    )


def test_req_18_every_approval_puts_its_notice_in_the_queue_of_the_central_office(agency: Agency, ready: Ready) -> None:
    asked = ask(agency, ready)
    with pytest.raises(Refused):
        authorise.approve_authority(agency.system, agency["ines"], authority_id=asked.id)
    assert not [one for one in agency.find(Notice) if one.about == asked.id]
    agency.approve(asked)
    (notice,) = [one for one in agency.find(Notice) if one.about == asked.id]
    assert (notice.recipient, notice.sent) == ("central office", False)
    assert "an authority of 3 searches was approved until" in notice.words
    assert recover.recover(agency.system).keys == 0  # a notice has no key that a start would find orphaned


def test_req_16_less_can_be_approved(agency: Agency, ready: Ready) -> None:
    both = list(ready.authority.gallery_ids)
    asked = ask(agency, ready, gallery_ids=both)
    hour = timedelta(hours=1)
    approved = agency.approve(
        asked,
        gallery_ids=both[:1],
        searches=1,
        starts_at=asked.starts_at + hour,
        ends_at=asked.ends_at - hour,
    )
    assert (approved.gallery_ids, approved.searches) == (tuple(both[:1]), 1)
    assert (approved.starts_at, approved.ends_at) == (asked.starts_at + hour, asked.ends_at - hour)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"gallery_ids": "both"}, "no-gallery-is-added"),
        ({"searches": 4}, "no-search-is-added"),
        ({"starts_at": timedelta(hours=-1)}, "window-begins-no-earlier"),
        ({"ends_at": timedelta(hours=25)}, "window-ends-no-later"),
        ({"gallery_ids": []}, "gallery-is-named"),
        ({"searches": 0}, "a-search-is-named"),
    ],
)
def test_req_16_nothing_can_be_widened_by_approving(
    agency: Agency, ready: Ready, changes: dict[str, Any], rule: str
) -> None:
    asked = ask(agency, ready)
    told = {k: agency.clock.at + v if isinstance(v, timedelta) else v for k, v in changes.items()}
    if told.get("gallery_ids") == "both":
        told["gallery_ids"] = list(ready.authority.gallery_ids)
    assert rules_of(agency, agency.approve, asked, **told) == [rule]
    assert agency.get(Authority, asked.id) == asked


def test_req_16_what_is_approved_cannot_be_approved_again(agency: Agency, ready: Ready) -> None:
    assert rules_of(agency, agency.approve, ready.authority) == ["request-waits-for-decision"]


def test_req_16_no_action_widens_an_authority_that_stands(agency: Agency, ready: Ready) -> None:
    widening = {"gallery_ids", "starts_at", "ends_at", "searches"}
    taking = {
        name
        for name, act in inspect.getmembers(authorise, inspect.isfunction)
        if {"authority_id"} <= set(inspect.signature(act).parameters)
        and widening & set(inspect.signature(act).parameters)
    }
    assert taking == {"approve_authority", "edit_draft"}  # of a draft: nothing was given yet
    assert not widening & set(inspect.signature(search.run_search).parameters)


def test_req_16_a_change_is_a_new_authority_that_names_the_old_one(agency: Agency, ready: Ready) -> None:
    follows = ask(agency, ready, follows=ready.authority.id, searches=5)
    assert follows.follows == ready.authority.id
    assert agency.get(Authority, ready.authority.id) == ready.authority
    assert agency.told(len(agency.leaves()) - 1)["follows"] == [ready.authority.id]
    other = agency.case()
    declared = agency.sought(other, draw(9))
    with pytest.raises(Missing, match="no such authority"):
        ask(agency, ready, case_id=other.id, sought_id=declared.id, follows=ready.authority.id)
    with pytest.raises(Missing):
        ask(agency, ready, follows="0" * 32)


def test_a_sought_of_another_case_is_not_asked_for(agency: Agency, ready: Ready) -> None:
    other = agency.case()
    declared = agency.sought(other, draw(9))
    assert rules_of(agency, ask, agency, ready, sought_id=declared.id) == ["sought-is-of-case"]


def test_a_refused_request_has_its_reason_and_gives_nothing(agency: Agency, ready: Ready) -> None:
    asked = ask(agency, ready)
    refuse = partial(authorise.refuse_authority, agency.system, agency["sven"], authority_id=asked.id)
    assert rules_of(agency, refuse, reason="no") == ["decision-has-reason"]
    refused = refuse(reason=" ask the school first ")
    assert refused == replace(
        asked,
        version=1,
        state=AuthorityState.REFUSED,
        decided_by=agency.ids["sven"],
        reason="ask the school first",
    )
    assert rules_of(agency, agency.search, refused) == ["authority-is-active"]


def test_a_revoked_authority_ends_at_once(agency: Agency, ready: Ready) -> None:
    revoke = partial(authorise.revoke_authority, agency.system, authority_id=ready.authority.id)
    assert rules_of(agency, revoke, agency["ines"], reason="not needed") == ["role-revokes-authority"]
    assert revoke(agency["pia"], reason="not needed").state is AuthorityState.REVOKED
    assert rules_of(agency, agency.search, ready.authority) == ["authority-is-active"]
    assert rules_of(agency, revoke, agency["sven"], reason="not needed") == ["authority-can-be-revoked"]


def test_a_request_is_withdrawn_by_whoever_made_it(agency: Agency, ready: Ready) -> None:
    asked = ask(agency, ready)
    withdraw = partial(authorise.withdraw_request, agency.system, authority_id=asked.id)
    assert rules_of(agency, withdraw, agency["ivo"]) == ["requester-withdraws"]
    assert withdraw(agency["ines"]).state is AuthorityState.WITHDRAWN
    assert last(agency) == ("authority.withdrawn", "done", [])
    assert rules_of(agency, withdraw, agency["ines"]) == ["authority-can-be-withdrawn"]
    assert "request-waits-for-decision" in rules_of(agency, agency.approve, asked)
