"""A search made again by an auditor: the same list from what is still held, and a count of what is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from beholden.actions import check, erase, register, replay
from beholden.actions.search import LEAD, LEAD_BYTES
from beholden.records.audit import canonical
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.incidents import Incident, IncidentKind
from beholden.records.searches import Search
from tests.agency import Agency, Ready, last, rules_of

WHY = "the defence asks whether the list was complete"


def again(agency: Agency, search: Search) -> replay.Replayed:
    return replay.replay_search(agency.system, agency["aude"], search_id=search.id, reason=WHY)


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3, 4)


@pytest.fixture
def unsealed(agency: Agency, ready: Ready) -> Search:
    found = agency.search(ready.authority)
    agency.unsealed(found, 1)
    return agency.get(Search, found.id)


def test_req_43_a_replay_gives_the_same_list_and_uses_nothing_up(
    agency: Agency, ready: Ready, unsealed: Search
) -> None:
    used, searches = agency.get(Authority, ready.authority.id).used, len(agency.find(Search))
    made = again(agency, unsealed)
    assert (made.same, made.listed, made.gone, made.closed, made.differing) == (True, 4, 0, 0, 0)
    assert last(agency) == ("search.replayed", "done", [])
    assert agency.told(len(agency.leaves()) - 1)["reason"] == [WHY]
    assert (agency.get(Authority, ready.authority.id).used, len(agency.find(Search))) == (used, searches)
    whole = {one.part: one for one in check.check(agency.system, agency["aude"])}
    assert whole["engine"].holds
    assert "1 by replays" in whole["engine"].words


def test_req_43_references_that_came_later_are_left_out(agency: Agency, ready: Ready, unsealed: Search) -> None:
    agency.clock.pass_by(minutes=1)
    for person, seed in ((3, 7), (5, 9), (6, 9)):  # the first is the picture that was searched for
        agency.enrol(ready.source, ready.gallery, person, seed=seed)
    made = again(agency, unsealed)
    assert (made.same, made.listed, made.differing) == (True, 4, 0)


def test_req_43_what_was_erased_since_is_counted_and_the_rest_is_the_same(
    agency: Agency, ready: Ready, unsealed: Search
) -> None:
    with agency.system.database.look() as look:
        face_id = look.find(Candidate, search_id=unsealed.id)[0].face_id
    erase.erase(agency.system, agency["stella"], request_id=agency.granted(face_id))
    made = again(agency, unsealed)
    assert (made.same, made.listed, made.gone, made.differing) == (True, 4, 1, 0)
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="the agreement is in doubt")
    assert again(agency, unsealed).closed == 3


def test_req_43_a_list_that_comes_out_otherwise_opens_an_incident(agency: Agency, unsealed: Search) -> None:
    one, other, *_ = agency.find(Candidate, search_id=unsealed.id)
    for candidate in (one, other):
        sealed = json.loads(agency.system.keys.open(candidate.face_id, candidate.lead, LEAD))
        altered = {"rank": 5 - int(sealed["rank"]), "score": sealed["score"]}
        agency.change(
            candidate,
            lead=agency.system.keys.seal(candidate.face_id, canonical(altered).ljust(LEAD_BYTES), LEAD),
        )
    made = again(agency, unsealed)
    assert not made.same
    assert made.differing > 0
    [incident] = agency.find(Incident)
    assert (incident.what, incident.about) == (IncidentKind.INTEGRITY, unsealed.id)


def test_req_43_nobody_else_replays_and_not_what_is_sealed_or_of_another_model(
    agency: Agency, ready: Ready, unsealed: Search
) -> None:
    sealed = agency.search(ready.authority)
    ask = (replay.replay_search, agency.system)
    assert rules_of(agency, *ask, agency["aude"], search_id=sealed.id, reason=WHY) == ["replay-is-of-unsealed"]
    assert rules_of(agency, *ask, agency["aude"], search_id=unsealed.id, reason="why not") == ["replay-has-reason"]
    assert "role-auditor-replays-searches" in rules_of(agency, *ask, agency["ines"], search_id=unsealed.id, reason=WHY)
    agency.change(unsealed, model_files=(("other.onnx", "0" * 64),))
    assert rules_of(agency, *ask, agency["aude"], search_id=unsealed.id, reason=WHY) == ["replay-has-the-model"]
    assert replace(unsealed).model_files != agency.get(Search, unsealed.id).model_files
