"""Sources in pages: proposed by one person, decided by another, found in a long register, and nothing typed is lost."""

from __future__ import annotations

import hashlib

import pytest

from beholden.records.sources import Source, SourceState
from tests.agency import PURPOSE, Agency, last
from tests.web.browser import Browser

TOLD = {
    "name": "missing children register",
    "controller": "Child Centre",
    "authority_kind": "synthetic",
    "citation": "agreement 12, clause 3",
    "jurisdiction": "CA",
    "purpose": [PURPOSE],
    "valid_from": "2026-01-01",
    "valid_until": "2028-01-01",
}


def test_a_steward_proposes_and_a_privacy_officer_approves(agency: Agency) -> None:
    stella, pia = Browser(agency, "stella"), Browser(agency, "pia")
    stella.send("/sources", TOLD, files={"document": ("agreement.pdf", b"the agreement")})
    [source] = agency.find(Source)
    assert str(stella.page.url).endswith(f"/sources/{source.id}?done=proposed")
    assert (source.name, source.state) == (TOLD["name"], SourceState.PROPOSED)
    assert source.document_sha256 == hashlib.sha256(b"the agreement").hexdigest()
    assert "It waits for a privacy officer to approve or refuse it." in stella.text
    assert stella.forms() == ["/sign-out"], "a steward has nothing to decide"
    pia.open(f"/sources/{source.id}")
    assert f"/sources/{source.id}/approve" in pia.forms()
    pia.send(f"/sources/{source.id}/approve")
    assert agency.get(Source, source.id).state is SourceState.ACTIVE
    assert agency.told(len(agency.leaves()) - 1)["client"] == ["web"]
    assert "Decided by pia" in pia.text


def test_a_source_is_refused_suspended_and_resumed_with_a_reason(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    source = agency.source()
    pia.send(f"/sources/{source.id}/suspend", {"reason": "the agreement is contested"})
    assert agency.get(Source, source.id).state is SourceState.SUSPENDED
    assert "the agreement is contested" in pia.text
    pia.send(f"/sources/{source.id}/resume")
    assert agency.get(Source, source.id).state is SourceState.ACTIVE
    Browser(agency, "stella").send("/sources", TOLD | {"document_sha256": "0" * 64})
    [proposed] = agency.find(Source, state=SourceState.PROPOSED)
    pia.send(f"/sources/{proposed.id}/refuse", {"reason": "it does not name this purpose"})
    assert agency.get(Source, proposed.id).reason == "it does not name this purpose"


def test_what_was_typed_is_there_after_an_error_and_cannot_break_the_page(agency: Agency) -> None:
    stella = Browser(agency, "stella")
    stella.send("/sources", TOLD | {"controller": '"><script>x</script>', "document_sha256": "short"})
    assert stella.page.status_code == 422
    assert "64 hexadecimal digits" in stella.text
    assert 'value="&#34;&gt;&lt;script&gt;x&lt;/script&gt;"' in stella.page.text
    assert "<script>x" not in stella.page.text
    assert f'value="{PURPOSE}" checked' in stella.page.text
    assert 'value="2028-01-01"' in stella.page.text
    assert agency.find(Source) == []


@pytest.mark.parametrize("wrong", [{"valid_from": "soon"}, {"valid_until": ""}, {"valid_until": "9999-99-99"}])
def test_a_day_that_is_none_is_said_so(agency: Agency, wrong: dict[str, str]) -> None:
    stella = Browser(agency, "stella")
    stella.send("/sources", TOLD | wrong)
    assert stella.page.status_code == 422
    assert "type it as 2026-01-31" in stella.text


def test_only_those_may_decide_who_may_by_the_rules_whatever_the_page_shows(agency: Agency) -> None:
    source = agency.source()
    for name in ("stella", "sven", "ines", "aude"):
        somebody = Browser(agency, name)
        somebody.send(f"/sources/{source.id}/suspend", {"reason": "because"})
        assert somebody.page.status_code == 403, name
        assert "Only a privacy officer decides about a source." in somebody.text
        assert last(agency)[:2] == ("source.suspended", "refused")
    assert agency.get(Source, source.id).state is SourceState.ACTIVE


@pytest.mark.parametrize("name", ["rosa", "ada"])
def test_to_whom_the_register_is_not_shown_a_source_is_as_if_it_never_was(agency: Agency, name: str) -> None:
    source = agency.source()
    somebody = Browser(agency, name)
    assert source.name not in somebody.open("/sources").text
    there, never = somebody.open(f"/sources/{source.id}"), somebody.open(f"/sources/{'0' * 32}")
    assert (there.status_code, never.status_code) == (404, 404)
    assert source.name not in there.text


def test_the_register_is_narrowed_and_goes_on_page_by_page(agency: Agency) -> None:
    for number in range(53):
        agency.source(name=f"register {number:02}")
    pia = Browser(agency, "pia")
    pia.open("/sources")
    assert "register 49" in pia.text
    assert "register 50" not in pia.text
    further = pia.page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    pia.open(further)
    assert "register 52" in pia.text
    assert "register 49" not in pia.text
    assert 'rel="next"' not in pia.page.text
    pia.open("/sources?filter=REGISTER+07")
    assert "register 07" in pia.text
    assert "register 08" not in pia.text
    assert pia.open("/sources?after=nonsense").status_code == 422
