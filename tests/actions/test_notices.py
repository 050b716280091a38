"""Notices: each is shown to those who may see it, sent by a person, and marked as sent once."""

from __future__ import annotations

import pytest

from beholden.actions import notices
from beholden.errors import Missing
from beholden.records.disclosures import CENTRAL_OFFICE, OVERSIGHT, Notice
from tests.agency import Agency, last, rules_of


@pytest.fixture
def of_oversight(agency: Agency) -> Notice:
    """One for the central office by an approval, and one for the oversight body."""
    agency.ready(1)
    with agency.system.database.begin() as tx:
        (first,) = tx.find(Notice, recipient=CENTRAL_OFFICE)
        made = Notice(agency.system.clock.new_id(), 0, first.kept, OVERSIGHT, first.about, "a flag", sent=False)
        tx.add(made)
    return made


def recipients(agency: Agency, name: str, *, sent: bool = False) -> list[str]:
    return [one.recipient for one in notices.notices(agency.system, agency[name], sent=sent)]


def test_req_18_a_notice_is_seen_by_those_who_send_it_and_what_is_for_oversight_by_the_auditor_alone(
    agency: Agency, of_oversight: Notice
) -> None:
    assert recipients(agency, "sven") == recipients(agency, "pia") == [CENTRAL_OFFICE]
    seen = [one.id for one in notices.notices(agency.system, agency["aude"])]
    assert set(recipients(agency, "aude")) == {CENTRAL_OFFICE, OVERSIGHT}
    assert of_oversight.id in seen
    for name in ("ines", "stella", "erik", "ada"):
        assert recipients(agency, name) == []


def test_req_18_that_a_notice_was_sent_is_an_act_of_a_person_and_done_once(
    agency: Agency, of_oversight: Notice
) -> None:
    (central,) = notices.notices(agency.system, agency["sven"])
    mark = notices.mark_sent
    assert rules_of(agency, mark, agency.system, agency["sven"], notice_id=central.id, how=" x ") == ["notice-says-how"]
    done = mark(agency.system, agency["sven"], notice_id=central.id, how="letter no. 14")
    assert done.sent
    assert last(agency) == ("notice.sent", "done", [])
    assert recipients(agency, "sven") == []
    assert recipients(agency, "sven", sent=True) == [CENTRAL_OFFICE]
    again = rules_of(agency, mark, agency.system, agency["pia"], notice_id=central.id, how="letter no. 15")
    assert again == ["notice-is-sent-once"]
    for name in ("sven", "ines"):
        with pytest.raises(Missing, match="no such notice"):
            mark(agency.system, agency[name], notice_id=of_oversight.id, how="by hand")
    assert mark(agency.system, agency["aude"], notice_id=of_oversight.id, how="by hand").sent
