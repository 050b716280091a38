"""What an overseer sees first: numbers and dates of what waits, of the last thirty days, and of what is in force."""

from __future__ import annotations

import pytest

from beholden.actions import incidents, notices, oversight, replay, reveal, sample, search, verify, version
from beholden.errors import Missing, Refused
from beholden.records.disclosures import OVERSIGHT
from beholden.records.exhibits import ExhibitFace
from beholden.records.incidents import IncidentKind
from tests.actions.test_exigent import again, begin, close, refuse
from tests.actions.test_orders import give
from tests.agency import PURPOSE, Agency
from tests.oversight_body import REASON

WHY = "counsel asked how the list came about"


def look(agency: Agency) -> oversight.Oversight:
    return oversight.oversee(agency.system, agency["aude"])


def test_of_a_system_in_which_nothing_happened_it_says_so(agency: Agency) -> None:
    seen = look(agency)
    assert seen.exigents == oversight.Exigents(0, 0, 0, None, 0)
    assert seen.incidents == oversight.Incidents(0, 0, 0)
    assert seen.uses == oversight.Uses(0, 0, ())
    assert seen.samples == oversight.Samples(0, 0, None)
    assert (seen.orders, seen.policy, seen.looked_at, seen.replayed, seen.verified_at) == ((), None, 0, 0, None)


@pytest.mark.parametrize("name", ["ines", "sven", "stella", "rosa", "ada", "pia"])
def test_it_is_an_auditors_alone(agency: Agency, name: str) -> None:
    with pytest.raises(Missing):
        oversight.oversee(agency.system, agency[name])


def test_req_90_it_writes_nothing(agency: Agency) -> None:
    agency.search(agency.ready(1, 2).authority)
    before = agency.leaves()
    look(agency)
    assert agency.leaves() == before


def test_uses_are_counted_by_the_log_with_the_rules_that_refused(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    agency.search(ready.authority)
    for _ in range(2):
        with pytest.raises(Refused):
            search.run_search(agency.system, agency["sven"], authority_id=ready.authority.id, sought_id=ready.sought.id)
    seen = look(agency).uses
    assert (seen.done, seen.refused) == (1, 2)
    refused = [set(leaf["rules"]) for leaf in agency.leaves() if leaf["outcome"] == "refused"]
    assert {rule for rule, times in seen.by_rule if times == 2} == set.union(*refused)
    agency.clock.pass_by(days=31)
    again(agency, "aude")
    assert look(agency).uses == oversight.Uses(0, 0, ())


def test_notices_incidents_and_a_looser_policy_that_wait_are_told(agency: Agency) -> None:
    for one in notices.notices(agency.system, agency["aude"]):
        notices.mark_sent(agency.system, agency["aude"], notice_id=one.id, how="letter no. 14 of today")
    assert look(agency).notices == oversight.Notices(0, None)
    at = agency.clock.at
    version.announce(agency.system, after="ca-2021@" + "0" * 64, looser=["a rule"], days=14)
    with agency.system.database.begin() as tx:
        incidents.open_incident(agency.system, tx, IncidentKind.LOG, "", "entry 3 was altered in the records")
    seen = look(agency)
    assert seen.notices == oversight.Notices(1, at)
    assert [one.recipient for one in notices.notices(agency.system, agency["aude"])] == [OVERSIGHT]
    assert seen.policy is not None
    assert seen.policy.pack.startswith("ca-2021@")
    assert seen.incidents == oversight.Incidents(1, 0, 0)
    agency.clock.pass_by(days=400)
    again(agency, "aude")
    assert look(agency).incidents == oversight.Incidents(1, 1, 0)


def test_searches_before_approval_are_told_until_their_review_is_written(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begun = begin(agency, ready)
    assert look(agency).exigents == oversight.Exigents(1, 1, 0, begun.review_due, 0)
    agency.clock.at = begun.review_due
    again(agency, "aude", "sven")
    assert look(agency).exigents == oversight.Exigents(1, 0, 1, None, 0)
    close(agency, begun)
    assert look(agency).exigents == oversight.Exigents(1, 0, 0, None, 0)


def test_a_review_that_refused_is_counted(agency: Agency) -> None:
    refuse(agency, begin(agency, agency.ready(1, 2, 3)))
    assert look(agency).exigents.refused == 1


def test_when_the_log_was_verified_last_is_told_and_who_was_refused_does_not_count(agency: Agency) -> None:
    at = agency.clock.at
    verify.verify_log(agency.system, agency["pia"])
    agency.clock.pass_by(minutes=5)
    with pytest.raises(Refused):
        verify.verify_log(agency.system, agency["ines"])
    assert look(agency).verified_at == at


def test_orders_are_told_with_their_reason_as_long_as_they_are_in_force(agency: Agency) -> None:
    give(agency, "stop", f"purpose:{PURPOSE}")
    [one] = look(agency).orders
    assert (one.order.number, one.order.scope, one.ordered.reason, one.order.note) == (
        1,
        (f"purpose:{PURPOSE}",),
        REASON,
        b"",
    )
    give(agency, "lift", f"purpose:{PURPOSE}", number=2)
    assert look(agency).orders == ()


def test_what_was_drawn_opened_and_made_again_is_counted(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(found, 1)
    begins = agency.clock.at
    agency.clock.pass_by(minutes=2)
    drawn = sample.draw_sample(
        agency.system, agency["aude"], begins_at=begins.replace(hour=0), ends_at=agency.clock.at, share=100
    )
    replay.replay_search(agency.system, agency["aude"], search_id=found.id, reason=WHY)
    face = agency.find(ExhibitFace)[0]
    reveal.reveal_picture(
        agency.system, agency["aude"], of="exhibit-face", id=face.id, reason="whether the box is around one face only"
    )
    seen = look(agency)
    assert seen.samples == oversight.Samples(1, len(drawn.taken), drawn.sample.kept.created_at)
    assert len(drawn.taken) == 1
    assert (seen.looked_at, seen.replayed) == (1, 1)
