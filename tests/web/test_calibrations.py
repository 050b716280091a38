"""Calibrations, evaluations and the model's card in pages: what lists quote, who put it in force, what the model cannot do."""

from __future__ import annotations

from beholden.records.evaluation import Calibration, CalibrationState
from tests.actions.test_evaluate import finish, report, start
from tests.agency import Agency
from tests.web.browser import Browser

WORDS = "2,000 portraits of our own records"


def proposed(agency: Agency) -> str:
    content = report()
    finish(agency, start(agency), content)
    stella = Browser(agency, "stella")
    stella.send("/calibrations", {"measured_on": WORDS}, files={"report": ("report.json", content)})
    assert stella.page.status_code == 200, stella.text
    [made] = agency.find(Calibration)
    return made.id


def test_one_proposes_and_another_puts_in_force(agency: Agency) -> None:
    id = proposed(agency)
    pia = Browser(agency, "pia")
    assert WORDS in pia.open("/").text, "it waits for the privacy officer"
    pia.open("/calibrations")
    assert "It waits for a privacy officer who did not propose it." in pia.text
    pia.send(f"/calibrations/{id}/accept")
    assert agency.get(Calibration, id).state is CalibrationState.IN_FORCE
    assert "in force" in pia.text
    assert f"/calibrations/{id}/accept" not in pia.forms()


def test_one_is_refused_with_a_reason(agency: Agency) -> None:
    id = proposed(agency)
    pia = Browser(agency, "pia")
    pia.send(f"/calibrations/{id}/refuse", {"reason": "half of them are of passports"})
    assert agency.get(Calibration, id).state is CalibrationState.REFUSED
    assert "half of them are of passports" in pia.text


def test_the_others_decide_nothing(agency: Agency) -> None:
    id = proposed(agency)
    for name in ("stella", "ines", "sven", "aude"):
        somebody = Browser(agency, name)
        somebody.open("/calibrations")
        assert f"/calibrations/{id}/accept" not in somebody.forms()
        assert somebody.send(f"/calibrations/{id}/accept").status_code == 403, name
    assert agency.get(Calibration, id).state is CalibrationState.PROPOSED


def test_a_report_that_is_none_and_no_report_at_all_are_said_so(agency: Agency) -> None:
    stella = Browser(agency, "stella")
    stella.send("/calibrations", {"measured_on": WORDS}, files={"report": ("report.json", b"{}")})
    assert stella.page.status_code == 422
    assert f'value="{WORDS}"' in stella.page.text
    stella.send("/calibrations", {"measured_on": WORDS})
    assert stella.page.status_code == 422
    assert "choose one" in stella.text
    assert agency.find(Calibration) == []


def test_evaluations_that_were_run_here_are_listed(agency: Agency) -> None:
    content = report()
    made = finish(agency, start(agency), content)
    shown = Browser(agency, "aude").open("/evaluations")
    assert made.report_sha256[:10] in shown.text
    assert "stella" in shown.text
    assert made.cache_key not in shown.text
    assert made.folder_mark not in shown.text


def test_the_model_s_card_says_what_it_cannot_do_before_what_it_is(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    ines.open("/model")
    card = agency.system.model.card
    for limit in card.limits:
        assert limit in ines.text
    assert ines.text.index("What it cannot do") < ines.text.index("What it is")
    assert card.space_id in ines.text
