"""Examination in pages: a pair is taken by a press, compared component by component, and the opinion is locked for good."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import pytest

from beholden.records.examination import COMPONENTS, SCALE, Examination, ExaminationState, Mark, Side
from beholden.records.exhibits import ExhibitFace
from beholden.records.people import Session
from beholden.records.searches import Search, SearchState
from beholden.web.assets import MODULES, contents
from tests.agency import Agency
from tests.web.browser import Browser
from tests.web.casework import (
    but_for_the_entry,
    chips,
    describe,
    examine,
    hidden,
    opinion,
    pair_reveals,
    review,
    strips,
)


def test_two_examiners_lock_their_opinions_and_the_last_one_opens_the_list(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    examine(agency, found, "erik")
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    examine(agency, found, "edda")
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    locked = agency.find(Examination)
    assert {(one.opinion, one.limitations, one.score_revealed, one.state) for one in locked} == {
        (3, "low light", False, ExaminationState.LOCKED)
    }


INFINITE = '[{"tool": "zoom", "setting": "", "seconds": Infinity}]'


def at_the_pair(agency: Agency, found: Search, name: str = "erik") -> Browser:
    """Somebody who has described both sides and compares them now."""
    somebody = Browser(agency, name)
    somebody.send(f"/examinations/{found.id}")
    describe(somebody, found)
    describe(somebody, found)
    return somebody


def shown(browser: Browser) -> dict[str, list[str]]:
    """What a reveal of the page's one pair gives: which sides, each as its photographs."""
    [address] = pair_reveals(browser)
    answer = browser.client.post(
        address,
        data={"csrf": hidden(browser, "csrf")},
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "application/json"},
    )
    assert answer.status_code == 200
    told = answer.json()
    return {"probes": told["probes"], "reference": [told["reference"]] if "reference" in told else []}


def test_a_pair_is_taken_by_a_press_and_is_the_same_when_the_page_is_loaded_again(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.open(f"/examinations/{found.id}")
    assert (agency.find(Examination), chips(erik)) == ([], [])
    erik.send(f"/examinations/{found.id}")
    handle = hidden(erik, "handle")
    erik.open(f"/examinations/{found.id}")
    assert (hidden(erik, "handle"), chips(erik), len(strips(erik))) == (handle, [], 1)
    [reveal] = pair_reveals(erik)  # the photographs are veiled, and opened by one reveal, also without scripts
    assert f'form="holding" formaction="{reveal}"' in erik.page.text
    assert [one.id for one in agency.find(Examination)] == [handle]


def test_after_the_last_pair_there_is_none_to_take_and_the_page_says_so(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.open(f"/examinations/{found.id}")
    assert f"/examinations/{found.id}" in erik.forms()
    examine(agency, found, "erik")
    erik.open(f"/examinations/{found.id}")
    assert f"/examinations/{found.id}" not in erik.forms()
    assert "No pair of this search waits for you. Look at what waits for you" in erik.text
    edda = Browser(agency, "edda")
    edda.open(f"/examinations/{found.id}")
    assert f"/examinations/{found.id}" in edda.forms()


def test_what_an_opinion_lacks_is_named_and_what_was_filled_in_stays(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = at_the_pair(agency, found)
    told = opinion(erik)
    del told["opinion"], told["component-nose"]
    erik.send(f"/examinations/{found.id}/lock", {**told, "mark": ["probe,0,nose,0.5,0.5", "reference,0,ears,0.1,0.5"]})
    assert erik.page.status_code == 403
    assert len(re.findall(r'value="similar" checked', erik.page.text)) == 9
    assert "low light" in erik.text
    assert "nose: sought, photograph 1" in erik.text
    assert 'name="mark" value="reference,0,ears,0.1,0.5"' in erik.page.text
    assert len(pair_reveals(erik)) == 1
    for bad in ("4", "x", "-9"):
        erik.send(f"/examinations/{found.id}/lock", opinion(erik) | {"opinion": bad})
        assert erik.page.status_code == 403, bad
    erik.send(f"/examinations/{found.id}/lock", opinion(erik, -3))
    assert [(one.opinion, one.state) for one in agency.find(Examination)] == [(-3, ExaminationState.LOCKED)]
    assert erik.send(f"/examinations/{found.id}/lock", told).status_code == 403


def test_who_took_long_keeps_what_was_filled_in_and_is_asked_who_they_are_before_the_photographs(
    agency: Agency,
) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = at_the_pair(agency, found)
    told = opinion(erik)
    del told["component-nose"]
    digest = hashlib.sha256(agency["erik"].session.encode()).hexdigest()
    agency.change(agency.get(Session, digest), fresh_until=agency.clock.at)
    assert erik.open(f"/examinations/{found.id}").status_code == 403
    erik.send(f"/examinations/{found.id}/lock", told)
    assert (erik.page.status_code, strips(erik), pair_reveals(erik)) == (403, [], [])
    assert "session-is-fresh" in erik.text
    assert len(re.findall(r'value="similar" checked', erik.page.text)) == 9
    erik.send(f"/examinations/{found.id}/lock", told | {"component-nose": "similar"})
    assert [one.state for one in agency.find(Examination)] == [ExaminationState.LOCKED]


def test_anothers_examination_and_a_forged_one_are_missing_in_the_same_words(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik, edda = at_the_pair(agency, found), Browser(agency, "edda")
    told = opinion(erik)
    answers = [
        edda.send(f"/examinations/{search}/{act}", told | {"handle": handle})
        for act in ("lock", "describe", "views")
        for search in (found.id, "0" * 32)
        for handle in (told["handle"], "0" * 32, "")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({but_for_the_entry(answer.text) for answer in answers}) == 1
    assert [one.state for one in agency.find(Examination)] == [ExaminationState.OPEN]
    assert Browser(agency, "rosa").open("/examinations/" + "0" * 32).status_code == 404


def test_a_locked_opinion_is_revised_by_its_examiner_once_the_scores_are_open(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = examine(agency, found, "erik")
    at = f"/examinations/{found.id}/opinions"
    assert erik.open(at).status_code == 403  # the other examiner is still to come
    examine(agency, found, "edda")
    erik.open(f"/searches/{found.id}/leads")
    assert f'href="{at}"' in erik.page.text
    erik.open(at)
    [own] = [form for form in erik.forms() if form.startswith(at)]
    assert "strong support for the same person" in erik.text
    assert len(re.findall(r'value="similar" checked', erik.page.text)) == 10, "what was locked is filled in"
    told = {f"component-{name}": "not-comparable" for name in COMPONENTS} | {"limitations": "the ears are hidden"}
    erik.send(own, told)
    assert erik.page.status_code == 403
    assert "opinion-is-complete" in erik.page.text
    assert "the ears are hidden" in erik.text, "what was typed stays"
    assert 'name="opinion" value="3" checked' not in erik.page.text
    erik.send(own, told | {"opinion": "0"})
    assert str(erik.page.url).endswith(f"{at}?done=revised")
    revised = [one for one in agency.find(Examination) if one.supersedes]
    assert [(one.opinion, one.score_revealed, f"{at}/{one.supersedes}") for one in revised] == [(0, True, own)]
    assert [form for form in erik.forms() if form.startswith(at)] == [f"{at}/{revised[0].id}"]


def test_nobody_revises_the_opinion_of_another_or_learns_that_it_is_there(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik, edda = examine(agency, found, "erik"), examine(agency, found, "edda")
    erik.open(f"/examinations/{found.id}/opinions")
    [own] = [form for form in erik.forms() if "/opinions/" in form]
    edda.open(f"/examinations/{found.id}/opinions")
    assert own not in edda.page.text
    foreign = edda.send(own, {"opinion": "0"})
    never = edda.send(f"/examinations/{found.id}/opinions/{'0' * 32}", {"opinion": "0"})
    assert (foreign.status_code, but_for_the_entry(foreign.text)) == (404, but_for_the_entry(never.text))


def test_req_37_each_side_is_shown_and_described_alone_before_both(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    alone = shown(erik)
    assert (len(alone["probes"]), alone["reference"]) == (1, [])
    assert hidden(erik, "of") == "probe"
    assert not re.search(r"taken (in )?\d{4}", erik.text), "no date is told of a side alone"
    describe(erik, found, words="A frontal photograph in even light.")
    other = shown(erik)
    assert (other["probes"], len(other["reference"])) == ([], 1)
    assert hidden(erik, "of") == "reference"
    assert 'name="opinion"' not in erik.page.text
    describe(erik, found)
    assert shown(erik) == {"probes": alone["probes"], "reference": other["reference"]}
    assert 'name="opinion"' in erik.page.text
    [there] = agency.find(Examination)
    assert [(one.of, one.suitable, one.words) for one in there.described] == [
        (Side.PROBE, True, "A frontal photograph in even light."),
        (Side.REFERENCE, True, ""),
    ]


def test_req_37_a_description_that_lacks_something_says_what_and_keeps_what_was_typed(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    describe(erik, found, suitable="", seen=["eyes", "nose"], words="turned away")
    assert erik.page.status_code == 422
    assert "Say whether this side is suitable for a comparison" in erik.text
    assert re.findall(r'name="seen" value="([^"]+)" checked', erik.page.text) == ["eyes", "nose"]
    assert "turned away" in erik.page.text
    describe(erik, found, suitable="no", seen=[], words="too dim")
    assert erik.page.status_code == 403
    assert "description-is-complete" in erik.text
    assert (
        re.search(r'name="suitable" value="no" checked', erik.page.text) is not None,
        agency.find(Examination)[0].described,
    ) == (True, ())
    assert hidden(erik, "of") == "probe"


def test_req_37_what_was_said_of_one_side_or_pair_is_never_laid_into_the_form_of_another(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1, 2)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    twice = {
        "handle": hidden(erik, "handle"),
        "of": "probe",
        "suitable": "yes",
        "seen": list(COMPONENTS),
        "words": "a scar",
    }
    for _ in range(2):
        erik.send(f"/examinations/{found.id}/describe", twice)
    assert (erik.page.status_code, hidden(erik, "of")) == (403, "reference")
    assert "a scar" not in erik.page.text
    assert " checked>" not in erik.page.text
    describe(erik, found)
    locked = opinion(erik) | {"limitations": "of the first pair", "then": "next"}
    for _ in range(2):
        erik.send(f"/examinations/{found.id}/lock", locked)
    assert "of the first pair" not in erik.page.text
    assert " checked>" not in erik.page.text


def test_req_37_what_cannot_be_judged_in_both_can_only_be_not_comparable(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    describe(erik, found, seen=[one for one in COMPONENTS if one != "ears"])
    describe(erik, found, seen=[one for one in COMPONENTS if one != "cheeks"])
    preset = re.findall(r'name="component-([^"]+)" value="not-comparable" checked', erik.page.text)
    assert preset == ["cheeks", "ears"]
    assert len(re.findall(r'name="component-ears" value="[^"]+" disabled', erik.page.text)) == 3
    erik.send(f"/examinations/{found.id}/lock", opinion(erik))
    assert erik.page.status_code == 403
    told = opinion(erik) | {f"component-{name}": "not-comparable" for name in preset}
    erik.send(f"/examinations/{found.id}/lock", told)
    assert [one.state for one in agency.find(Examination)] == [ExaminationState.LOCKED]


def test_req_37_a_side_that_is_not_suitable_leaves_one_conclusion(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    describe(erik, found, suitable="no", seen=[], words="only the back of the head is to be seen")
    describe(erik, found)
    assert re.findall(r'name="opinion" value="([^"]+)"', erik.page.text) == ["9"]
    assert 'name="component-' not in erik.page.text
    erik.send(f"/examinations/{found.id}/lock", {"handle": hidden(erik, "handle"), "opinion": "9", "limitations": ""})
    assert [one.opinion for one in agency.find(Examination)] == [9]


def test_req_37_marks_and_what_was_done_to_the_view_are_kept_with_the_opinion(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = at_the_pair(agency, found)
    views = [
        {"tool": "zoom", "setting": "both x2.10 0 deg", "seconds": 3},
        {"tool": "flicker", "setting": "", "seconds": 9},
    ]
    at = f"/examinations/{found.id}"
    told = opinion(erik)
    noted = erik.send(f"{at}/views", {"handle": told["handle"], "views": json.dumps(views)})
    assert (noted.status_code, noted.json()) == (200, {"noted": 2})
    before = len(agency.leaves())
    assert erik.send(f"{at}/views", {"handle": told["handle"], "views": "[]"}).json() == {"noted": 0}
    assert len(agency.leaves()) == before, "to ask whether somebody is signed in is no act"
    for bad in (
        "{",
        "[1]",
        '[{"tool": "zoom"}]',
        '[{"tool": "paint", "setting": "", "seconds": 1}]',
        "[" * 5000,
        INFINITE,
    ):
        assert erik.send(f"{at}/views", {"handle": told["handle"], "views": bad}).status_code == 422, bad
    for bad in (
        "probe",
        "nobody,0,nose,0.5,0.5",
        "probe,x,nose,0.5,0.5",
        f"probe,{'9' * 4300},nose,0.5,0.5",
        "probe,0,nose,0.5,right",
    ):
        assert erik.send(f"{at}/lock", {**told, "mark": [bad]}).status_code == 422, bad
    erik.send(f"{at}/lock", {**told, "mark": ["probe,0,nose,0.25,0.75"]})
    [locked] = agency.find(Examination)
    assert locked.marks == (Mark(Side.PROBE, 0, "nose", 0.25, 0.75),)
    assert locked.tools == (("zoom", 1), ("flicker", 1))
    assert (locked.scale, locked.state) == (SCALE, ExaminationState.LOCKED)


def test_after_a_lock_the_next_pair_is_there_at_once(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1, 2)
    erik = at_the_pair(agency, found)
    first = hidden(erik, "handle")
    erik.send(f"/examinations/{found.id}/lock", opinion(erik) | {"then": "next"})
    assert "The opinion is locked" in erik.text
    assert (hidden(erik, "handle") != first, hidden(erik, "of"), len(pair_reveals(erik))) == (True, "probe", 1)
    assert len(agency.find(Examination)) == 2
    describe(erik, found)
    describe(erik, found)
    erik.send(f"/examinations/{found.id}/lock", opinion(erik) | {"then": "next"})
    assert "No pair of this search waits for you." in erik.text


def test_the_next_pair_may_be_of_another_search(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    other = agency.search(agency.ready(4, 5, 6).authority)
    for one in (found, other):
        review(agency, one, 1)
    erik = at_the_pair(agency, found)
    erik.send(f"/examinations/{found.id}/lock", opinion(erik))
    assert f"/examinations/{other.id}" in erik.forms(), "offered, and not taken by itself"
    edda = at_the_pair(agency, found, "edda")
    edda.send(f"/examinations/{found.id}/lock", opinion(edda) | {"then": "next"})
    assert str(edda.page.url).split("?")[0].endswith(f"/examinations/{other.id}")
    assert hidden(edda, "of") == "probe"


def test_the_next_pair_of_another_search_is_cut_while_somebody_looks_at_this_one(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, other = (agency.search(agency.ready(*people).authority) for people in ((1, 2, 3), (4, 5, 6)))
    for one in (found, other):
        review(agency, one, 1)
    media, read = agency.system.media, list[int]()
    decode = type(media).decode
    monkeypatch.setattr(type(media), "decode", lambda self, content: read.append(len(content)) or decode(self, content))
    erik = at_the_pair(agency, found)
    assert read != []
    assert [one.search_id for one in agency.find(Examination)] == [found.id], "nothing is taken ahead"
    read.clear()
    erik.send(f"/examinations/{found.id}/lock", opinion(erik) | {"then": "next"})
    assert (str(erik.page.url).split("?")[0].endswith(f"/examinations/{other.id}"), read) == (True, [])


def test_few_pixels_between_the_eyes_are_told_in_words(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    for face in agency.find(ExhibitFace):
        agency.change(face, quality=replace(face.quality, eyes_px=41.4))
    erik.send(f"/examinations/{found.id}")
    assert "Person who is sought, photograph 1: the eyes are 41 pixels apart in the original." in erik.text
    for face in agency.find(ExhibitFace):
        agency.change(face, quality=replace(face.quality, eyes_px=60.0))
    erik.open(f"/examinations/{found.id}")
    assert "pixels apart" not in erik.text


def test_req_38_all_opinions_stand_side_by_side_once_the_last_is_locked_and_two_to_one_is_said_so(
    agency: Agency,
) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    examine(agency, found, "erik")
    [candidate] = {one.candidate_id for one in agency.find(Examination)}
    at = f"/searches/{found.id}/leads/{candidate}/opinions"
    ines = Browser(agency, "ines")
    assert ines.open(at).status_code == 403
    edda = at_the_pair(agency, found, "edda")
    told = opinion(edda, -2) | {"component-nose": "different-unexplained", "limitations": "harsh light"}
    edda.send(f"/examinations/{found.id}/lock", told)
    assert (edda.open(at).status_code, ines.open(at).status_code) == (403, 403), "a third is asked first"
    emil = at_the_pair(agency, found, "emil")
    assert re.search(r"disagree|consult|third", emil.text) is None, "and is not told why"
    emil.send(f"/examinations/{found.id}/lock", opinion(emil, 1))
    for name in ("ines", "sven", "erik", "edda", "emil"):
        reader = Browser(agency, name)
        assert reader.open(at).status_code == 200, name
        assert "The first two disagree" in reader.text
        assert "2 support the same person, 1 supports different persons." in reader.text
        row = re.search(r'<tr class="differs"><th scope="row">nose.*?</tr>', reader.page.text, re.S)
        assert row is not None
        assert re.findall(r"<td>([^<]*)</td>", row.group()) == [
            "similar",
            "different, without an explanation",
            "similar",
        ]
        assert "harsh light" in reader.text
    assert f"/searches/{found.id}/leads#disclose" in ines.open(at).text
    assert "#disclose" not in Browser(agency, "erik").open(at).text
    assert ines.open(f"/searches/{found.id}/leads/{'0' * 32}/opinions").status_code == 404


def test_the_modules_of_the_page_are_one_file_and_what_it_imports_is_there(agency: Agency) -> None:
    whole = contents()["examination.js"].decode()
    imported = re.findall(r'from "([^"]+)"', whole)
    assert sorted(imported) == ["./own.js", "./pair.js"]
    for part in MODULES["examination.js"]:
        told = contents()[part].decode()
        [first] = [line for line in told.splitlines() if line.startswith("// ")][:1]
        assert first in whole, part
    names = re.findall(r"^(?:export )?(?:async )?(?:const|let|function) (\w+)", whole, re.M)
    assert len(names) == len(set(names)), "in one file, a name is given once"
    found = agency.search(agency.ready(1, 2, 3).authority)
    review(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    scripts = re.findall(r'<script nonce="[^"]+" src="([^"]+)"', erik.page.text)
    assert [one.rpartition("/")[2] for one in scripts] == [
        "page.js",
        "own.js",
        "openseadragon.min.js",
        "examination.js",
    ]
    assert all(erik.client.get(one).status_code == 200 for one in scripts)
