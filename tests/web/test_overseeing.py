"""The page of oversight: an auditor's, in numbers with the list behind each, without a picture and without an entry."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.actions import version
from tests.actions.test_exigent import again, begin
from tests.actions.test_orders import give
from tests.agency import PURPOSE, Agency
from tests.oversight_body import GIVEN, REASON
from tests.web.browser import Browser


def page_of(agency: Agency, language: str = "en") -> Browser:
    aude = Browser(agency, "aude")
    aude.open(f"/oversight?lang={language}")
    assert aude.page.status_code == 200
    return aude


def test_req_90_an_auditor_sees_what_waits_with_a_link_to_each_list_and_nothing_is_written(agency: Agency) -> None:
    agency.search(agency.ready(1, 2).authority)
    before = agency.leaves()
    aude = page_of(agency)
    assert agency.leaves() == before
    for path in (
        *("/notices", "/incidents", "/exigents", "/samples", "/statement", "/log?event=search.started", "/pictures"),
        *("/searches", "/log/verify", "/patterns", "/disclosures", "/condition"),
    ):
        assert f'href="{path}"' in aude.page.text, path
    assert "Searches and comparisons made 1" in aude.text
    assert "<img" not in aude.page.text
    assert aude.forms() == ["/sign-out"], "there is nothing to do on it"


@pytest.mark.parametrize("name", ["ines", "sven", "stella", "rosa", "ada", "pia"])
def test_nobody_else_has_it_in_the_menu_or_by_its_address(agency: Agency, name: str) -> None:
    browser = Browser(agency, name)
    assert browser.open("/oversight").status_code == 404
    assert 'href="/oversight"' not in browser.open("/").text


def test_what_is_overdue_is_said_in_words(agency: Agency) -> None:
    begun = begin(agency, agency.ready(1, 2, 3))
    assert "The next review is due on" in page_of(agency).text
    agency.clock.at = begun.review_due + timedelta(minutes=1)
    again(agency, "aude")
    shown = page_of(agency)
    assert "overdue One was not reviewed in time, and its lapse is not closed." in shown.text


def test_orders_in_force_are_told_with_their_reason_and_a_looser_policy_with_its_day(agency: Agency) -> None:
    assert "No order is in force." in page_of(agency).text
    title = agency.system.policy.pack.title(PURPOSE, "en")
    give(agency, "stop", f"purpose:{PURPOSE}")
    give(agency, "go_on", "person:ines", number=2, until=GIVEN + timedelta(days=3))
    version.announce(agency.system, after="ca-2021@" + "0" * 64, looser=["a rule"], days=14)
    shown = page_of(agency)
    assert f"No search and no comparison, for the purpose: {title}." in shown.text
    assert REASON in shown.text
    assert "Searches before approval go on though a review is overdue, by ines." in shown.text
    assert "a looser one waits ca-2021" in shown.text
