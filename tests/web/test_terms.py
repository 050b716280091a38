"""The privacy officer's clocks, disposal and policy: what is due first, what a run takes, and which numbers are in force."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from beholden.actions import people, version
from beholden.actions.clocks import Of, clocks
from beholden.records.people import Session
from beholden.web.retention import CLASSES, CLOCKS
from tests.actions.test_evaluate import in_force, report
from tests.agency import Agency, last
from tests.web.browser import Browser


def test_every_clock_and_every_class_has_words(agency: Agency) -> None:
    assert set(CLOCKS) == set(Of)
    assert set(CLASSES) == set(agency.system.rules.retention_days)


def test_what_runs_out_first_stands_first_with_its_page(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    face = agency.enrol(source, gallery, 4).faces[0].id
    asked = agency.granted(face)
    made = in_force(agency, report())
    there = clocks(agency.system, agency["pia"])
    assert [one.of for one in there][:2] == [Of.REQUEST, Of.GALLERY]
    assert {(one.of, one.id) for one in there} == {
        (Of.REQUEST, asked),
        (Of.GALLERY, gallery.id),
        (Of.SOURCE, source.id),
        (Of.CALIBRATION, made.id),
    }
    pia = Browser(agency, "pia")
    page = pia.open("/retention")
    for link in (f"/requests/{asked}", f"/galleries/{gallery.id}", f"/sources/{source.id}", f"/calibrations/{made.id}"):
        assert f'<a href="{link}">' in page.text
        assert pia.open(link).status_code == 200
    assert "in 30 days" in pia.open("/retention").text


def test_a_gallery_that_nobody_certified_in_time_says_what_to_do(agency: Agency) -> None:
    gallery = agency.gallery()
    pia = Browser(agency, "pia")
    assert "It holds no reference that can be compared yet." in pia.open(f"/galleries/{gallery.id}").text
    assert "in 90 days" in pia.text
    pia.send(f"/galleries/{gallery.id}/certify", {"words": "orders of the quarter; none was taken out"})
    assert f"Certified {agency.clock.at:%Y-%m-%d} , pia" in pia.text
    agency.clock.pass_by(days=91)
    agency.officers["pia"] = people.sign_in_as(agency.system, name="pia")
    pia = Browser(agency, "pia")
    assert "It is not searched until it is certified again." in pia.open(f"/galleries/{gallery.id}").text
    assert "1 day overdue" in pia.text
    assert "overdue: it is not searched" in pia.open("/galleries").text
    pia.send(f"/galleries/{gallery.id}/close")
    assert "It is closed: nothing is added to it" in pia.text


def test_what_is_past_its_time_is_counted_when_asked_for_and_removed_by_a_privacy_officer(agency: Agency) -> None:
    pia, aude = Browser(agency, "pia"), Browser(agency, "aude")
    assert "A run would take" not in pia.open("/retention").text
    assert "Nothing is past its time, and nothing of it is on hold." in pia.open("/retention?counted=yes").text
    ended = agency.find(Session, person_id=agency.ids["rosa"])[0]
    agency.change(ended, kept=replace(ended.kept, dispose_after=agency.clock.at - timedelta(days=1)))
    assert _row(pia.open("/retention?counted=yes").text, "sessions") == ["1", "1", "0"]
    assert "Remove what a run takes" in pia.text
    assert "Remove what a run takes" not in aude.open("/retention?counted=yes").text
    aude.send("/retention")
    assert aude.page.status_code == 403
    assert last(agency)[:2] == ("disposal.run", "refused")
    pia.send("/retention")
    assert _row(pia.page.text, "sessions") == ["1", "1", "0"]
    assert "The run is done, and on record with each record that it took." in pia.text
    assert not agency.find(Session, id=ended.id)


def _row(page: str, kind: str) -> list[str]:
    found = re.search(rf'<th scope="row"><code>{kind}</code></th>(.*?)</tr>', page, re.DOTALL)
    return re.findall(r'<td class="number">([^<]*)</td>', found[1]) if found else []


def test_the_policy_page_says_what_is_in_force_and_which_looser_pack_waits(agency: Agency) -> None:
    aude = Browser(agency, "aude")
    page = aude.open("/policy")
    assert agency.system.policy.pack.digest in page.text
    assert "No looser pack waits." in aude.text
    assert "It has not changed since this system was set up." in aude.text
    assert _number(page.text, "candidates") == ["20", "20", "50"]
    version.announce(agency.system, after="ca-2021@" + "5" * 64, looser=["number candidates: 20 → 40"], days=14)
    aude.open("/policy")
    assert "A looser pack follows: ca-2021@5555" in aude.text
    assert "number candidates: 20 → 40" in aude.text
    assert "in 14 days" in aude.text
    version.announce(agency.system, after=version_now(agency), looser=[], days=14)
    assert "No looser pack waits." in aude.open("/policy").text
    assert "called off" in aude.text


def version_now(agency: Agency) -> str:
    with agency.system.database.look() as look:
        return version.in_force(agency.system, look)


def _number(page: str, name: str) -> list[str]:
    found = re.search(rf'<th scope="row"><code>{name}</code></th>(.*?)</tr>', page, re.DOTALL)
    return re.findall(r'<td class="number">(?:<strong>)?([^<]*)', found[1]) if found else []


def test_to_who_has_no_part_in_it_there_is_no_such_page(agency: Agency) -> None:
    for name in ("ines", "stella", "rosa", "ada"):
        assert Browser(agency, name).open("/retention").status_code == 404, name
        assert Browser(agency, name).open("/policy").status_code == 404, name
