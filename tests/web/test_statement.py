"""The statement of use as a page."""

from __future__ import annotations

from datetime import timedelta

from beholden.actions import statement
from beholden.web.statement import WORDS
from tests.agency import Agency, last
from tests.web.browser import Browser


def test_every_figure_has_words() -> None:
    assert set(WORDS) == {*statement.FIGURES, statement.FROM_OUTSIDE}


def test_req_82_a_privacy_officer_states_the_use_of_a_time_and_takes_the_note_away(agency: Agency) -> None:
    agency.search(agency.ready(1, 2, 3).authority)
    pia = Browser(agency, "pia")
    assert pia.open("/log").text.count('href="/statement"') == 1
    before = len(agency.leaves())
    assert pia.open("/statement").status_code == 200
    assert len(agency.leaves()) == before
    days = [f"{agency.clock.at + timedelta(days=n):%Y-%m-%d}" for n in (-1, 2)]
    page = pia.open(f"/statement?begins_at={days[0]}&ends_at={days[1]}")
    assert page.status_code == 200
    assert last(agency)[:2] == ("statement.made", "done")
    assert "Searches 1" in pia.text
    assert "beholden/statement/v1" in pia.text
    assert "Accounted ratio 0.0000" in pia.text
    public = pia.open(f"/statement?begins_at={days[0]}&ends_at={days[1]}&public=yes")
    assert "Searches not told" in pia.text
    assert public.status_code == 200


def test_a_day_that_is_none_and_who_may_not_are_told_so(agency: Agency) -> None:
    pia, ines = Browser(agency, "pia"), Browser(agency, "ines")
    page = pia.open("/statement?begins_at=soon&ends_at=2026-01-01")
    assert "is no day" in page.text
    assert ines.open("/statement?begins_at=2026-01-01&ends_at=2026-02-01").status_code == 403
