"""Search before approval on one page: list, own review, own opinion, a warning; then what becomes of what left."""

from __future__ import annotations

import re

import pytest

from beholden.actions import describe, exigent_review, people, probe
from beholden.records.disclosures import Disclosure, DisclosureState, Notice
from beholden.records.examination import COMPONENTS, Examination, ExaminationState
from beholden.records.exigent import UNREVIEWED, Exigent
from beholden.records.review import Outcome, Pair, Review
from beholden.records.searches import Search, SearchState
from tests.agency import Agency, Ready, last, small_agency
from tests.web.browser import Browser
from tests.web.casework import chips, hidden, pair_reveals, strips
from tests.web.test_held import asked_for

REASON = "a child of four is with the man of the photograph"
WARNED = {"recipients": "Rescue unit 4\nDuty officer", "basis": "Privacy Act, s. 8(2)(m)(i)"}
RATES = re.compile(r"[0-9]\.[0-9]{3}")


@pytest.fixture
def agency() -> Agency:
    """Ines is an examiner too, and alone tonight."""
    agency = small_agency()
    agency.change_roles("ines", "investigator", "examiner")
    agency.officers["ines"] = people.sign_in_as(agency.system, name="ines")
    return agency


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def begun(agency: Agency, ready: Ready) -> tuple[Browser, str]:
    """She begins it in the page, which goes on by itself to the path of it."""
    ines = Browser(agency, "ines")
    ines.send(
        f"/cases/{ready.case.id}/exigents",
        {"sought_id": ready.sought.id, "ground": "child-in-danger", "reason": REASON, "place": "", "time": ""},
    )
    [one] = agency.find(Exigent)
    assert ines.page.request.url.path == f"/exigents/{one.id}/path"
    return ines, f"/exigents/{one.id}/path"


def reviewed(agency: Agency, ines: Browser, path: str, *potential: int) -> None:
    """Pair by pair, as the page gives them; those at these places of the sealed ranking become potential."""
    [found] = agency.find(Search)
    ines.send(path, {"do": "review"})
    ranks = agency.ranks(found)
    for _ in ranks:
        handle = hidden(ines, "handle")
        outcome = "potential" if ranks[handle] in potential else "no"
        ines.send(path, {"do": "decide", "handle": handle, "seen": hidden(ines, "seen"), "outcome": outcome})
    assert "Every pair is decided" in ines.text
    ines.send(path, {"do": "finish"})


def laid(ines: Browser, path: str) -> None:
    """The pair, once each of its sides was looked at alone and said to be suitable by one press."""
    ines.send(path, {"do": "examine"})
    for side in ("probe", "reference"):
        assert hidden(ines, "side") == side
        ines.send(path, {"do": "describe", "side": side, "seen": hidden(ines, "seen"), "said": "everything"})


def examined(ines: Browser, path: str, opinion: str = "3") -> None:
    laid(ines, path)
    ines.send(path, {"do": "lock", "seen": hidden(ines, "seen"), "rest": "similar", "opinion": opinion})


def warned(agency: Agency, ready: Ready) -> tuple[Browser, str, Disclosure]:
    ines, path = begun(agency, ready)
    reviewed(agency, ines, path, 1)
    examined(ines, path)
    ines.send(path, {"do": "warn", "handle": hidden_handle(ines), **WARNED})
    [left] = agency.find(Disclosure)
    return ines, path, left


def hidden_handle(ines: Browser) -> str:
    found = re.search(r'name="handle" value="([^"]+)" checked', ines.page.text)
    assert found, "the lead that she holds to be the same person is ticked"
    return found.group(1)


def test_req_38_one_page_goes_from_the_search_to_the_warning_and_each_step_is_the_act_of_everybody(
    agency: Agency, ready: Ready
) -> None:
    ines, path, left = warned(agency, ready)
    assert left.state is DisclosureState.PROVISIONAL
    assert left.recipients == ("Rescue unit 4", "Duty officer")
    assert ines.page.request.url.path.startswith(f"/disclosures/{left.id}/files/"), "the files are there to be sent"
    assert "disclosure.json" in ines.text
    [own], [opinion] = agency.find(Review), agency.find(Examination)
    assert (own.own, opinion.own, opinion.state) == (True, True, ExaminationState.LOCKED)
    assert opinion.components == tuple((name, "similar") for name in COMPONENTS)
    assert [(one.of, one.suitable, one.seen) for one in opinion.described] == [
        ("probe", True, COMPONENTS),
        ("reference", True, COMPONENTS),
    ]
    events = [leaf["event"] for leaf in agency.leaves()]
    wanted = ["exigent.begun", "search.started", "review.opened", "review.decided", "review.finished",
              "examination.opened", "examination.described", "examination.locked", "disclosure.made"]  # fmt: skip
    assert [one for one in dict.fromkeys(events) if one in wanted] == wanted
    assert events.count("review.opened") + events.count("review.shown") == 1, "the list was shown once"
    ines.open(path)
    assert f'href="/disclosures/{left.id}/after"' in ines.page.text


def test_req_20_few_fields_are_to_be_filled_from_the_ground_to_the_warning(agency: Agency, ready: Ready) -> None:
    ines = Browser(agency, "ines")
    must = re.compile(r"<(?:input|textarea|select) id=\"[^\"]+\" name=\"(\w+)\"[^>]*\brequired\b")
    asked = must.findall(ines.open(f"/cases/{ready.case.id}/exigents/new").text)
    ines, path = begun(agency, ready)
    reviewed(agency, ines, path, 1)
    laid(ines, path)
    asked += ["rest", "opinion"]
    ines.send(path, {"do": "lock", "seen": hidden(ines, "seen"), "rest": "similar", "opinion": "3"})
    asked += must.findall(ines.page.text)
    assert asked == ["sought_id", "ground", "reason", "place", "time", "rest", "opinion", "recipients", "basis"]


def test_req_35_nothing_of_score_rank_or_name_is_on_the_page_before_the_opinion_is_locked(
    agency: Agency, ready: Ready
) -> None:
    ines, path = begun(agency, ready)
    [found] = agency.find(Search)
    pages = [ines.page.text]
    ines.send(path, {"do": "review"})
    while 'name="outcome"' in ines.page.text:
        pages.append(ines.page.text)
        handle, seen = hidden(ines, "handle"), hidden(ines, "seen")
        outcome = "potential" if agency.ranks(found)[handle] == 1 else "no"
        ines.send(path, {"do": "decide", "handle": handle, "seen": seen, "outcome": outcome})
    pages.append(ines.page.text)
    ines.send(path, {"do": "finish"})
    ines.send(path, {"do": "examine"})
    pages.append(ines.page.text)
    for side in ("probe", "reference"):
        ines.send(path, {"do": "describe", "side": side, "seen": hidden(ines, "seen"), "said": "everything"})
        pages.append(ines.page.text)
    assert len(pages) == 8
    for page in pages:
        told = page.replace(UNREVIEWED, "")
        for name in ("example.org", "person 1", "person 3", "caption of", "references", "A rendered person"):
            assert name not in told, name
        assert not RATES.search(re.sub(r'(?:src|href|value|title|content|nonce)="[^"]*"', "", told))


def test_a_pair_can_be_gone_back_to_until_the_review_is_finished(agency: Agency, ready: Ready) -> None:
    ines, path = begun(agency, ready)
    ines.send(path, {"do": "review"})
    first, seen = hidden(ines, "handle"), hidden(ines, "seen")
    ines.send(path, {"do": "decide", "handle": first, "seen": seen, "outcome": "potential"})
    assert hidden(ines, "handle") != first
    ines.open(f"{path}?seen={seen}&at=1")
    assert hidden(ines, "handle") == first
    ines.send(path, {"do": "decide", "handle": first, "seen": seen, "outcome": "no"})
    [pair] = agency.find(Pair, handle=first)
    assert pair.outcome is Outcome.NO


def test_pairs_that_are_held_no_more_are_shown_again_by_a_button_and_a_foreign_handle_is_missing(
    agency: Agency, ready: Ready
) -> None:
    ines, path = begun(agency, ready)
    ines.send(path, {"do": "review"})
    handle = hidden(ines, "handle")
    ines.open(path)
    assert "Show the pairs" in ines.text
    assert "/held/" not in ines.page.text
    ines.send(path, {"do": "review"})
    assert (last(agency)[0], hidden(ines, "handle")) == ("review.shown", handle)
    assert ines.send(path, {"do": "decide", "handle": "0" * 32, "outcome": "no"}).status_code == 404
    assert ines.send(path, {"do": "decide", "handle": handle, "outcome": "perhaps"}).status_code == 422
    assert ines.send(path, {"do": "dance"}).status_code == 422


def test_an_opinion_without_a_word_on_every_component_is_refused_and_keeps_what_was_chosen(
    agency: Agency, ready: Ready
) -> None:
    ines, path = begun(agency, ready)
    reviewed(agency, ines, path, 1)
    laid(ines, path)
    seen = hidden(ines, "seen")
    ines.send(path, {"do": "lock", "seen": seen, "rest": "", "component-nose": "similar", "opinion": "2"})
    assert (ines.page.status_code, last(agency)[2]) == (403, ["opinion-is-complete"])
    assert '<option value="2" selected>' in ines.page.text
    assert "/held/" in ines.page.text, "the pair is still beside it"
    ines.send(path, {"do": "lock", "seen": seen, "rest": "similar", "component-ears": "not-comparable", "opinion": "2"})
    [opinion] = agency.find(Examination)
    assert dict(opinion.components)["ears"] == "not-comparable"
    assert dict(opinion.components)["nose"] == "similar"


def test_req_143_the_pairs_of_the_path_are_veiled_and_each_is_opened_by_one_act(agency: Agency, ready: Ready) -> None:
    ines, path = begun(agency, ready)
    ines.send(path, {"do": "review"})
    assert chips(ines) == []
    assert len(strips(ines)) == 1
    [reveal] = pair_reveals(ines)
    shown = hidden(ines, "handle")
    before = len(agency.leaves())
    ines.send(reveal)
    assert len(chips(ines)) == 2
    assert f'href="{path}"' in ines.page.text
    [leaf] = agency.leaves()[before:]
    told = agency.told(leaf["n"])
    assert (leaf["event"], told["of"], told["shown"]) == ("chip.revealed", ["pair"], [shown])


def test_req_37_alone_too_each_side_is_judged_before_the_other_is_seen(agency: Agency, ready: Ready) -> None:
    ines, path = begun(agency, ready)
    reviewed(agency, ines, path, 1)
    ines.send(path, {"do": "examine"})
    given = []
    for side in ("probe", "reference"):
        assert "years" not in ines.text, "the dates come with the pair"
        assert 'name="opinion"' not in ines.page.text
        [reveal] = pair_reveals(ines)
        seen = hidden(ines, "seen")
        given.append(asked_for(ines, reveal).json())
        ines.send(path, {"do": "describe", "side": side, "seen": seen, "said": "everything"})
    assert [(len(one["probes"]), "reference" in one) for one in given] == [(1, False), (0, True)]
    [reveal] = pair_reveals(ines)
    seen = hidden(ines, "seen")
    both = asked_for(ines, reveal).json()
    assert (both["probes"], both["reference"]) == (given[0]["probes"], given[1]["reference"])
    [own] = agency.find(Examination)
    told = [agency.told(leaf["n"]) for leaf in agency.leaves() if leaf["event"] == "chip.revealed"]
    assert {(one["of"][0], one["shown"][0]) for one in told} == {("examination", own.id)}
    again = ines.send(path, {"do": "describe", "side": "probe", "seen": seen, "said": "everything"})
    assert again.status_code == 403, "what was said of a side stays"
    assert 'name="opinion"' in ines.page.text


def test_req_37_what_cannot_be_judged_in_both_is_not_asked_and_is_not_comparable(agency: Agency, ready: Ready) -> None:
    ines, path = begun(agency, ready)
    reviewed(agency, ines, path, 1)
    ines.send(path, {"do": "examine"})
    told = {"do": "describe", "side": "probe", "said": "own", "suitable": "yes"}
    ines.send(path, told | {"seen": hidden(ines, "seen")})
    assert (ines.page.status_code, last(agency)[2]) == (403, ["description-is-complete"])
    ines.send(path, told | {"seen": hidden(ines, "seen"), "judged": ["eyes", "nose"], "words": "a mask over the mouth"})
    ines.send(path, {"do": "describe", "side": "reference", "seen": hidden(ines, "seen"), "said": "everything"})
    asked = re.findall(r'name="component-([a-z-]+)"', ines.page.text)
    assert asked == ["eyes", "nose"]
    ines.send(path, {"do": "lock", "seen": hidden(ines, "seen"), "rest": "similar", "opinion": "1"})
    [own] = agency.find(Examination)
    assert own.state is ExaminationState.LOCKED
    assert {name for name, observed in own.components if observed == "similar"} == {"eyes", "nose"}
    assert {observed for name, observed in own.components if name not in asked} == {"not-comparable"}


def test_req_37_a_side_that_is_not_suitable_leaves_one_opinion(agency: Agency, ready: Ready) -> None:
    ines, path = begun(agency, ready)
    reviewed(agency, ines, path, 1)
    ines.send(path, {"do": "examine"})
    told = {"do": "describe", "side": "probe", "said": "own", "suitable": "no", "words": "dark"}
    ines.send(path, told | {"seen": hidden(ines, "seen")})
    assert ines.page.status_code == 403
    assert '<option value="no" selected>' in ines.page.text
    assert "dark</textarea>" in ines.page.text
    ines.send(path, told | {"seen": hidden(ines, "seen"), "words": "nothing is to be seen but the outline of a head"})
    ines.send(path, {"do": "describe", "side": "reference", "seen": hidden(ines, "seen"), "said": "everything"})
    assert 'name="rest"' not in ines.page.text
    offered = re.findall(r'<option value="(-?[0-9])"', ines.page.text)
    assert offered == ["9"]
    seen = hidden(ines, "seen")
    assert ines.send(path, {"do": "lock", "seen": seen, "opinion": "3"}).status_code == 403
    ines.send(path, {"do": "lock", "seen": seen, "opinion": "9"})
    [own] = agency.find(Examination)
    assert (own.state, own.opinion, own.components) == (ExaminationState.LOCKED, 9, ())


def test_who_is_no_examiner_is_told_that_others_go_on_and_of_nobody_potential_that_it_ends(agency: Agency) -> None:
    plain = small_agency()
    there = plain.ready(1, 2, 3)
    ines, path = begun(plain, there)
    assert "reviewed and examined by others" in ines.text
    assert ines.send(path, {"do": "review"}).status_code == 403
    ready = agency.ready(1, 2, 3)
    alone, own = begun(agency, ready)
    reviewed(agency, alone, own)
    assert "Nobody on the list was called potential" in alone.open(own).text


def test_the_path_is_of_who_began_it_and_ends_with_its_refusal(agency: Agency, ready: Ready) -> None:
    ines, path = begun(agency, ready)
    for name in ("ivo", "sven", "rosa", "ada"):
        other = Browser(agency, name)
        assert other.open(path).status_code == 404, name
        assert other.send(path, {"do": "review"}).status_code == 404, name
    assert agency.find(Review) == []
    [one] = agency.find(Exigent)
    exigent_review.refuse_exigent(
        agency.system, agency["sven"], exigent_id=one.id, reason="nobody was in danger at all then"
    )
    assert ines.open(path).status_code >= 400
    assert "/held/" not in ines.page.text


def test_req_38_a_supervisor_recalls_what_left_in_a_page_and_every_recipient_is_told(
    agency: Agency, ready: Ready
) -> None:
    _ines, _path, left = warned(agency, ready)
    sven = Browser(agency, "sven")
    [one] = agency.find(Exigent)
    sven.open(f"/exigents/{one.id}")
    after = f"/disclosures/{left.id}/after"
    assert f'href="{after}"' in sven.page.text
    assert f'href="{after}"' in sven.open(f"/authorities/{one.authority_id}").text
    sven.open(after)
    assert "It is confirmed by itself once a second examiner agrees" in sven.text
    sven.send(after, {"do": "recall", "reason": "x"})
    assert sven.page.status_code == 403
    sven.send(after, {"do": "recall", "reason": "the wrong unit was named as a recipient"})
    assert agency.get(Disclosure, left.id).state is DisclosureState.RECALLED
    told = [notice.recipient for notice in agency.find(Notice) if notice.words.startswith("RECALLED")]
    assert sorted(told) == ["Duty officer", "Rescue unit 4"]
    assert "RECALLED: it must not be used." in sven.text
    assert "Recall it" not in sven.text


def test_req_132_a_lead_that_was_wrong_is_entered_in_a_page_once(agency: Agency, ready: Ready) -> None:
    ines, _path, left = warned(agency, ready)
    after = f"/disclosures/{left.id}/after"
    ines.open(after)
    assert "Recall it" not in ines.text
    told = {"do": "refute", "lead": "1", "reason": "she was in hospital on that day", "source": "the hospital's record"}
    assert ines.send(after, told | {"lead": "one"}).status_code == 422
    assert ines.send(after, told | {"do": ""}).status_code == 422
    ines.send(after, told)
    assert agency.get(Disclosure, left.id).refuted == (1,)
    assert "It turned out to be of somebody else" in ines.text
    assert "Enter it, and tell every recipient" not in ines.text
    assert ines.send(after, told).status_code == 422
    assert Browser(agency, "ivo").open(after).status_code == 404


def test_req_38_it_is_confirmed_once_upheld_and_examined_by_another_and_the_page_says_so(
    agency: Agency, ready: Ready
) -> None:
    ines, path, left = warned(agency, ready)
    [one] = agency.find(Exigent)
    probe.show_probe(agency.system, agency["sven"], authority_id=one.authority_id)
    exigent_review.uphold_exigent(
        agency.system, agency["sven"], exigent_id=one.id, reason="the message of the mother was looked at"
    )
    erik = Browser(agency, "erik")
    [found] = agency.find(Search)
    erik.send(f"/examinations/{found.id}")
    told = {f"component-{name}": "similar" for name in COMPONENTS}
    [handle] = [one.id for one in agency.find(Examination) if one.state is ExaminationState.OPEN]
    for side in ("probe", "reference"):
        describe.describe_side(
            agency.system, agency["erik"], handle=handle, of=side, suitable=True, seen=COMPONENTS, words=""
        )
    erik.send(f"/examinations/{found.id}/lock", {"handle": handle, "opinion": "3", **told})
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    assert agency.get(Disclosure, left.id).state is DisclosureState.MADE
    ines.open(path)
    assert UNREVIEWED not in ines.text
    assert f'href="/searches/{found.id}/leads"' in ines.page.text
    assert "provisional" not in ines.open(f"/disclosures/{left.id}/after").text
