"""Requests one a screen: what a supervisor reads of each, three buttons, and the next one in order."""

from __future__ import annotations

import pytest

from beholden.actions import enrol, exigent_review, weigh
from beholden.actions.inbox import Inbox, inbox
from beholden.errors import Missing
from beholden.records.authority import Authority, AuthorityState
from beholden.testing.drawn import draw
from tests.actions.test_exigent import begin
from tests.agency import Agency, Ready, last
from tests.web.browser import Browser
from tests.web.casework import chips, reveals


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def asked(agency: Agency, ready: Ready, number: int) -> list[Authority]:
    return [agency.request(ready.case, ready.sought, ready.gallery) for _ in range(number)]


def state(agency: Agency, authority: Authority) -> AuthorityState:
    return agency.get(Authority, authority.id).state


def test_a_supervisor_reads_on_one_screen_what_is_weighed_and_approves_with_one_button(
    agency: Agency, ready: Ready
) -> None:
    [one] = asked(agency, ready, 1)
    sven = Browser(agency, "sven")
    sven.open("/inbox")
    assert f'href="/inbox?at={one.id}"' in Browser(agency, "sven").open(f"/authorities/{one.id}").text
    for words in (
        "1 request waits for your decision. This is number 1.",
        one.necessity.less_intrusive,
        one.necessity.why_person,
        one.necessity.why_now,
        f"{ready.gallery.name}: 3 references would be compared",
        "Not measured on your data",
        f"{ready.gallery.name}: of 3 references, 3 were drawn.",
        "1 in this case",
        "Photographs of who is sought, taken",
    ):
        assert words in sven.text, words
    assert "/held/" not in sven.page.text, "no face before somebody asks for it, and never the scene"
    sven.send(f"/inbox/{one.id}", {"do": "approve", "reason": ""})
    assert (sven.page.status_code, state(agency, one)) == (403, AuthorityState.REQUESTED), "nobody looked at the face"
    sven.send(f"/inbox/{one.id}/faces")
    assert last(agency)[0] == "probe.shown"
    assert not chips(sven), "what is painted first is veiled"
    [clear] = reveals(sven)
    assert one.necessity.why_person in sven.text, "the faces stand beside what is weighed"
    sven.send(f"/inbox/{one.id}", {"do": "approve", "reason": ""})
    given = agency.get(Authority, one.id)
    assert (given.state, given.searches, given.ends_at) == (AuthorityState.ACTIVE, one.searches, one.ends_at)
    assert "No request waits for your decision." in sven.text
    sven.send(clear)
    assert (sven.page.headers["content-type"], last(agency)[0]) == ("image/jpeg", "chip.revealed")


def test_dates_are_drawn_once_in_ten_minutes_for_all_who_look(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draws(*seat: object, authority_id: str) -> tuple[weigh.CaptureYears, ...]:
        drawn.append(authority_id)
        return weigh_years(*seat, authority_id=authority_id)  # type: ignore[arg-type]

    weigh_years = weigh.capture_years
    monkeypatch.setattr(weigh, "capture_years", draws)
    asked(agency, ready, 2)
    sven = Browser(agency, "sven")
    for id in inbox(agency.system, agency["sven"]).waiting:
        assert "3 were drawn" in sven.open(f"/inbox?at={id}").text
    assert len(drawn) == 1
    agency.clock.pass_by(minutes=10)
    sven.open("/inbox")
    assert len(drawn) == 2


def test_one_is_approved_one_asked_about_and_one_refused_each_followed_by_the_next(
    agency: Agency, ready: Ready
) -> None:
    there = asked(agency, ready, 3)
    sven = Browser(agency, "sven")
    order = inbox(agency.system, agency["sven"]).waiting
    assert sorted(order) == sorted(one.id for one in there)
    first, second, third = (agency.get(Authority, id) for id in order)
    sven.open("/inbox")
    assert f"/inbox/{first.id}" in sven.forms()
    sven.send(f"/inbox/{first.id}/faces")
    sven.send(f"/inbox/{first.id}", {"do": "approve", "reason": ""})
    assert f"/inbox/{second.id}" in sven.forms(), "the next one is there at once"
    sven.send(f"/inbox/{second.id}", {"do": "ask", "reason": "which school was asked?"})
    assert f"/inbox/{third.id}" in sven.forms()
    sven.send(f"/inbox/{third.id}", {"do": "refuse", "reason": "ask the school first"})
    assert [state(agency, one) for one in (first, second, third)] == [
        AuthorityState.ACTIVE,
        AuthorityState.RETURNED,
        AuthorityState.REFUSED,
    ]
    assert agency.get(Authority, second.id).questions[0].words == "which school was asked?"
    assert agency.get(Authority, third.id).reason == "ask the school first"


def test_what_is_refused_by_the_rules_keeps_the_words_and_shows_the_same_request_again(
    agency: Agency, ready: Ready
) -> None:
    one, _other = asked(agency, ready, 2)
    sven = Browser(agency, "sven")
    sven.send(f"/inbox/{one.id}", {"do": "refuse", "reason": " "})
    assert sven.page.status_code == 403
    assert f"/inbox/{one.id}" in sven.forms()
    sven.send(f"/inbox/{one.id}", {"do": "look away", "reason": "half a question <b>"})
    assert sven.page.status_code == 422
    assert "half a question &lt;b&gt;" in sven.page.text
    assert state(agency, one) is AuthorityState.REQUESTED


def test_one_is_left_for_later_and_comes_again_after_the_last(agency: Agency, ready: Ready) -> None:
    asked(agency, ready, 2)
    first, second = inbox(agency.system, agency["sven"]).waiting
    sven = Browser(agency, "sven")
    sven.open(f"/inbox?after={first}")
    assert f"/inbox/{second}" in sven.forms()
    sven.open(f"/inbox?after={second}")
    assert f"/inbox/{first}" in sven.forms()
    sven.open(f"/inbox?at={second}")
    assert f"/inbox/{second}" in sven.forms()


def test_what_a_colleague_decided_meanwhile_is_said_and_has_no_buttons(agency: Agency, ready: Ready) -> None:
    [one] = asked(agency, ready, 1)
    sven = Browser(agency, "sven")
    sven.send(f"/inbox/{one.id}", {"do": "refuse", "reason": "ask the school first"})
    sven.open(f"/inbox?at={one.id}")
    assert "It is decided already" in sven.text
    assert f"/inbox/{one.id}" not in sven.forms()
    assert sven.send(f"/inbox/{one.id}", {"do": "approve"}).status_code == 403


@pytest.mark.parametrize("name", ["ines", "rosa", "pia", "stella", "aude"])
def test_nobody_but_supervisors_has_an_inbox(agency: Agency, ready: Ready, name: str) -> None:
    [one] = asked(agency, ready, 1)
    with pytest.raises(Missing):
        inbox(agency.system, agency[name])
    somebody = Browser(agency, name)
    assert somebody.open("/inbox").status_code == 404
    assert somebody.send(f"/inbox/{one.id}", {"do": "approve"}).status_code == 404
    assert state(agency, one) is AuthorityState.REQUESTED


def test_searches_before_approval_stand_above_with_the_hour_until_which_they_are_reviewed(
    agency: Agency, ready: Ready
) -> None:
    begun = begin(agency, ready)
    sven = Browser(agency, "sven")
    sven.open("/inbox")
    assert f'href="/exigents/{begun.id}"' in sven.page.text
    exigent_review.refuse_exigent(
        agency.system, agency["sven"], exigent_id=begun.id, reason="nobody was in danger at all then"
    )
    assert f'href="/exigents/{begun.id}"' not in sven.open("/inbox").text


def test_the_next_of_the_last_is_the_first_and_of_the_only_one_none() -> None:
    there = Inbox(("a", "b", "c"), ())
    assert [there.after(id) for id in ("a", "b", "c", "gone")] == ["b", "c", "a", "a"]
    assert Inbox(("a",), ()).after("a") == ""
    assert Inbox((), ()).after("a") == ""


def test_the_ages_are_of_photographs_by_a_draw_of_at_most_two_hundred(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, gallery = agency.source(), agency.gallery()
    for person, taken in ((1, "2003"), (2, "2011-04"), (3, "2015-01-31"), (4, ""), (5, "2019")):
        enrol.enrol_image(
            agency.system,
            agency["stella"],
            draw(person),
            source_id=source.id,
            gallery_id=gallery.id,
            taken_from=enrol.TakenFrom(file=f"{person}.png", captured_at=taken),
        )
    case = agency.case()
    one = agency.request(case, agency.sought(case, draw(3, seed=7)), gallery)
    [told] = weigh.capture_years(agency.system, agency["sven"], authority_id=one.id)
    assert (told.gallery.id, told.of, told.drawn, told.years) == (gallery.id, 5, 5, (2003, 2011, 2015, 2019))
    assert told.middle() == (2003, 2019)
    monkeypatch.setattr(weigh, "MOST_DRAWN", 2)
    [fewer] = weigh.capture_years(agency.system, agency["sven"], authority_id=one.id)
    assert (fewer.of, fewer.drawn) == (5, 2)
    assert set(fewer.years) <= set(told.years)
    assert weigh.probe_dates(agency.system, agency["sven"], authority_id=one.id) == ("",)
    with pytest.raises(Missing):
        weigh.capture_years(agency.system, agency["ivo"], authority_id=one.id)
