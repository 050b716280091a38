"""Step by step: each side alone, what can be judged in it, then the pair; and an opinion that lacks nothing (REQ 37)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from PIL import Image as Picture

from beholden.actions import describe, edit, examine, lay, people, sought, views
from beholden.errors import BadInput, Refused
from beholden.records.candidates import Candidate
from beholden.records.examination import (
    COMPONENTS,
    FURTHEST_APART,
    MOST_MARKS,
    SCALE,
    Description,
    Examination,
    ExaminationState,
    Mark,
    Opinion,
    Side,
    Stage,
    stage_of,
)
from beholden.records.exhibits import ExhibitFace
from beholden.records.faces import Face, FaceState
from beholden.records.searches import Search, SearchState
from beholden.records.views import MOST_VIEWS, TOOLS, View, Viewed
from tests.agency import ALIKE, Agency, last, rules_of

NOSE = Mark(Side.REFERENCE, 0, "nose", 0.5, 0.62)


@pytest.fixture
def found(agency: Agency) -> Search:
    """Reviewed, with one potential candidate: the sought person."""
    return agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)


def opened(agency: Agency, found: Search, name: str = "erik") -> lay.Laid:
    return examine.open_examination(agency.system, agency[name], search_id=found.id)


def say(agency: Agency, handle: str, of: str, name: str = "erik", **changes: Any) -> Examination:
    given = {"suitable": True, "seen": COMPONENTS, "words": ""} | changes
    return describe.describe_side(agency.system, agency[name], handle=handle, of=of, **given)


def lock(agency: Agency, handle: str, opinion: int = 3, name: str = "erik", **changes: Any) -> Examination:
    given = {"components": ALIKE, "limitations": ""} | changes
    return examine.lock_examination(agency.system, agency[name], handle=handle, opinion=opinion, **given)


def lacks(act: Callable[..., object], *arguments: Any, **more: Any) -> tuple[str, ...]:
    """What a refused act names as missing."""
    with pytest.raises(Refused) as refused:
        act(*arguments, **more)
    [reason] = refused.value.reasons
    assert refused.value.problem()["reasons"][0]["lacks"] == list(reason.lacks)  # type: ignore[index]
    return reason.lacks


def test_req_37_each_side_lies_there_alone_before_the_pair_does(agency: Agency, found: Search) -> None:
    first = opened(agency, found)
    assert (first.stage, len(first.probes), first.reference) == (Stage.PROBE, 1, b"")
    assert (first.reference_captured_at, first.cautions) == ("", "")
    assert "shown" not in agency.told(agency.leaves()[-1]["n"])
    say(agency, first.handle, "probe")
    second = opened(agency, found)
    assert (second.stage, second.probes, second.reference_captured_at, second.cautions) == (Stage.REFERENCE, (), "", "")
    told = agency.told(agency.leaves()[-1]["n"])
    assert (agency.leaves()[-1]["event"], told["stage"], len(told["shown"])) == ("examination.shown", ["reference"], 1)
    say(agency, first.handle, "reference")
    both = opened(agency, found)
    assert (both.stage, both.probes, both.reference) == (Stage.PAIR, first.probes, second.reference)
    assert both.cautions
    assert both.eyes == (*first.eyes, *second.eyes)
    for chip in (*both.probes, both.reference):
        assert Picture.open(io.BytesIO(chip)).size == (lay.SIDE, lay.SIDE)
    assert {one.name for one in fields(lay.Laid)} == (
        {"handle", "stage", "probes", "reference", "reference_captured_at", "cautions", "eyes"}
    )


def test_the_eyes_of_each_photograph_are_measured_in_the_original(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    [face] = agency.find(ExhibitFace)
    about = {"exhibit_id": face.exhibit_id, "position": 1}
    edited = edit.edit_face(agency.system, agency["ines"], **about, edits=["contrast=1"], why="there was haze")
    agency.change(edited, quality=replace(edited.quality, eyes_px=9 * face.quality.eyes_px))  # as in one enlarged
    declared = sought.declare_sought(
        agency.system,
        agency["ines"],
        case_id=ready.case.id,
        face_ids=[edited.id],
        subject_role="victim",
        why="seen better without the haze",
    )
    authority = agency.approve(agency.request(ready.case, declared, ready.gallery))
    found = agency.review(agency.search(authority), 1)
    handle = opened(agency, found).handle
    agency.describe(handle, "erik")
    both = opened(agency, found)
    reference = next(one for one in agency.find(Face) if one.quality.eyes_px > 0)
    eyes = round(face.quality.eyes_px)
    assert (len(both.probes), both.eyes) == (2, (eyes, eyes, round(reference.quality.eyes_px)))


def test_req_37_a_side_is_described_once_in_its_turn_and_stays(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    assert rules_of(agency, say, agency, handle, "reference") == ["sides-are-described-in-order"]
    described = say(agency, handle, "probe", seen=("nose", "ears"), words=" low light ")
    assert described.described == (Description(Side.PROBE, True, ("nose", "ears"), "low light"),)
    assert last(agency) == ("examination.described", "done", [])
    assert rules_of(agency, say, agency, handle, "probe") == ["sides-are-described-in-order"]
    say(agency, handle, "reference")
    assert rules_of(agency, say, agency, handle, "reference") == ["sides-are-described-in-order"]
    locked = lock(agency, handle, components=seen_only("nose", "ears"))
    assert stage_of(locked) is Stage.LOCKED
    assert rules_of(agency, say, agency, handle, "reference") == ["examination-is-open"]
    assert agency.get(Examination, handle) == locked


def test_nobody_describes_anothers_pair_or_a_side_that_there_is_not(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    assert rules_of(agency, say, agency, handle, "probe", "edda") == ["examination-is-your-own"]
    with pytest.raises(BadInput, match="must be probe or reference"):
        say(agency, handle, "left")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"seen": ()}, "a component that can be judged"),
        ({"seen": ("nose", "nose")}, "each component once"),
        ({"seen": ("nose", "beard")}, "no such component: beard"),
        ({"suitable": False, "seen": (), "words": "dark 12345678"}, "why it is not suitable, in at least 10 letters"),
        ({"words": "x" * 2001}, "words of at most 2,000 characters"),
    ],
)
def test_a_description_that_lacks_something_does_not_stand(
    agency: Agency, found: Search, given: dict[str, object], named: str
) -> None:
    handle = opened(agency, found).handle
    assert lacks(say, agency, handle, "probe", **given) == (named,)
    assert last(agency) == ("examination.described", "refused", ["description-is-complete"])
    assert agency.get(Examination, handle).described == ()


def seen_only(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "similar" if name in names else "not-comparable") for name in COMPONENTS)


def test_req_37_what_is_incomplete_is_not_locked_and_everything_missing_is_named(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    both = ("description of the probe", "description of the reference")
    assert lacks(lock, agency, handle) == both
    assert lacks(lock, agency, handle, 7, components=ALIKE[2:]) == (*both, *COMPONENTS[:2], "opinion")
    say(agency, handle, "probe")
    assert lacks(lock, agency, handle) == both[1:]
    say(agency, handle, "reference", seen=COMPONENTS[1:])
    assert lacks(lock, agency, handle) == ("face-shape: not-comparable",)
    assert lacks(lock, agency, handle, components=[("beard", "similar"), *ALIKE[1:], ALIKE[-1]]) == (
        *("each component once", "face-shape", "no such component: beard"),
    )
    locked = lock(agency, handle, components=seen_only(*COMPONENTS[1:]))
    assert (locked.state, locked.scale, locked.apart) == (ExaminationState.LOCKED, SCALE, FURTHEST_APART)


@pytest.mark.parametrize("of", [*Side])
def test_req_37_where_a_side_is_not_suitable_the_one_conclusion_is_that_they_cannot_be_compared(
    agency: Agency, found: Search, of: Side
) -> None:
    handle = opened(agency, found).handle
    for side in Side:
        say(agency, handle, side, suitable=side is not of, seen=("nose",), words="far too dark to see anything")
    assert opened(agency, found).stage is Stage.PAIR  # the other side is described and the pair seen all the same
    cannot = f"opinion: {Opinion.CANNOT_COMPARE.words}"
    assert lacks(lock, agency, handle, 1, components=()) == (cannot,)
    assert lacks(lock, agency, handle, 1, components=[("nose", "similar")]) == ("nose: not-comparable", cannot)
    assert lock(agency, handle, Opinion.CANNOT_COMPARE, components=()).components == ()


@pytest.mark.parametrize(
    ("mark", "named"),
    [
        (replace(NOSE, component="beard"), "mark 2: no such component"),
        (replace(NOSE, x=1.01), "mark 2: a place in the photograph"),
        (replace(NOSE, y=float("nan")), "mark 2: a place in the photograph"),
        (replace(NOSE, photograph=1), "mark 2: a photograph that was shown"),
        (replace(NOSE, on=Side.PROBE, photograph=-1), "mark 2: a photograph that was shown"),
    ],
)
def test_a_mark_lies_in_a_photograph_that_was_shown_and_names_a_component(
    agency: Agency, found: Search, mark: Mark, named: str
) -> None:
    handle = opened(agency, found).handle
    agency.describe(handle, "erik")
    assert lacks(lock, agency, handle, marks=[NOSE, mark]) == (named,)
    assert lacks(lock, agency, handle, marks=[NOSE] * (MOST_MARKS + 1)) == (f"at most {MOST_MARKS} marks",)
    assert lock(agency, handle, marks=[NOSE]).marks == (NOSE,)


def test_req_37_what_was_done_to_the_picture_is_on_record_and_counted_with_the_opinion(
    agency: Agency, found: Search
) -> None:
    handle = opened(agency, found).handle
    note = views.note_views
    first = [View("zoom", "2.5", 4), View("flicker", "350 ms", 6)]
    note(agency.system, agency["erik"], handle=handle, views=first)
    agency.describe(handle, "erik")
    note(agency.system, agency["erik"], handle=handle, views=[View("zoom", "4", 1)])
    assert last(agency) == ("examination.viewed", "done", [])
    assert agency.told(agency.leaves()[-1]["n"])["views"] == [1]
    assert {one.views for one in agency.find(Viewed)} == {tuple(first), (View("zoom", "4", 1),)}
    assert lock(agency, handle).tools == (("zoom", 2), ("flicker", 1))
    refused = rules_of(agency, note, agency.system, agency["erik"], handle=handle, views=first)
    assert refused == ["examination-is-open"]
    assert rules_of(agency, note, agency.system, agency["edda"], handle=handle, views=first) == (
        ["examination-is-your-own", "examination-is-open"]
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], "at least one view"),
        ([View("blur", "", 1)], f"view 1: one of {', '.join(TOOLS)}"),
        ([View("zoom", "Her name is Anna", 1)], "view 1: a setting"),
        ([View("zoom", "1" * 61, 1)], "view 1: a setting"),
        ([View("zoom", "1", -1)], "view 1: seconds"),
        ([View("zoom", "1", 90_000)], "view 1: seconds"),
        ([View("zoom", "1", 1)] * (MOST_VIEWS + 1), f"at most {MOST_VIEWS} views"),
    ],
)
def test_what_is_no_view_is_not_noted(agency: Agency, found: Search, wrong: list[View], words: str) -> None:
    handle = opened(agency, found).handle
    with pytest.raises(BadInput, match=words):
        views.note_views(agency.system, agency["erik"], handle=handle, views=wrong)
    assert agency.find(Viewed) == []


def test_req_37_an_erasure_takes_what_was_said_pointed_at_and_done_along(agency: Agency, found: Search) -> None:
    first, second = opened(agency, found).handle, opened(agency, found, "edda").handle
    for handle, name in ((first, "erik"), (second, "edda")):
        views.note_views(agency.system, agency[name], handle=handle, views=[View("grid", "on", 2)])
    agency.describe(first, "erik")
    say(agency, second, "probe", "edda", words="a scar under the left eye")
    lock(agency, first, marks=[NOSE], limitations="blurred")
    with agency.system.database.look() as look:
        [lead, *_] = examine.leads_of(agency.system, look, found)
    agency.erase(lead.candidate.face_id)
    locked, void = agency.get(Examination, first), agency.get(Examination, second)
    assert (locked.opinion, locked.described, locked.marks, locked.tools, locked.limitations) == (3, (), (), (), "")
    assert (void.state, void.described) == (ExaminationState.VOID, ())
    assert agency.find(Viewed) == []
    assert rules_of(agency, say, agency, second, "reference", "edda") == ["examination-is-open"]


def test_who_takes_over_an_open_examination_looks_for_themselves(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    agency.describe(handle, "erik")
    views.note_views(agency.system, agency["erik"], handle=handle, views=[View("mirror", "on", 2)])
    people.replace_person(agency.system, agency["ada"], person_id=agency.ids["erik"], name="elsa")
    assert (stage_of(agency.get(Examination, handle)), agency.find(Viewed)) == (Stage.PROBE, [])


def test_req_37_whoever_came_to_have_a_part_describes_and_views_nothing(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    authority = agency.get(Search, found.id)
    agency.change(authority, searched_by=agency.ids["erik"])
    assert rules_of(agency, say, agency, handle, "probe") == ["examiner-is-not-searcher"]
    noted = views.note_views
    seen = [View("zoom", "2", 1)]
    assert rules_of(agency, noted, agency.system, agency["erik"], handle=handle, views=seen) == (
        ["examiner-is-not-searcher"]
    )


def test_req_37_a_revision_keeps_what_was_described_and_must_fit_it(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    for side in Side:
        say(agency, handle, side, seen=("nose",))
    first = lock(agency, handle, components=seen_only("nose"), marks=[NOSE])
    agency.examine(found, "edda", 2)
    given = {"handle": handle, "limitations": "", "opinion": -1}
    refused = lacks(examine.revise_examination, agency.system, agency["erik"], components=ALIKE, **given)
    assert refused == tuple(f"{name}: not-comparable" for name in COMPONENTS if name != "nose")
    revised = examine.revise_examination(agency.system, agency["erik"], components=seen_only("nose"), **given)
    assert (revised.described, revised.marks, revised.scale) == (first.described, first.marks, SCALE)


def test_req_38_a_pack_may_ask_that_opinions_far_apart_on_one_side_disagree(agency: Agency, found: Search) -> None:
    strict = agency.with_parts(rules=replace(agency.system.rules, max_steps_apart=1))
    strict.examine(found, "erik", 3)
    strict.examine(found, "edda", 1)
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    strict.examine(found, "emil", 2)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    # What was locked under the older pack is judged by it: a search that was open to all is not closed again.
    assert {one.apart for one in agency.find(Examination)} == {1}


def test_req_37_what_leaves_tells_how_the_pair_was_examined(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    views.note_views(agency.system, agency["erik"], handle=handle, views=[View("swipe", "0.5", 3)])
    say(agency, handle, "probe", words="a frame of a video")
    say(agency, handle, "reference")
    lock(agency, handle, marks=[NOSE])
    agency.examine(found, "edda", 2)
    [lead, *_] = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    [told] = json.loads(agency.disclose(found, lead).files["disclosure.json"])["leads"]
    by_part = {one["part"]: one for one in told["opinions"]}
    assert (by_part["first"]["scale"], by_part["first"]["tools"]) == (SCALE, {"swipe": 1})
    alone = sorted(told["sides_alone"], key=lambda one: (one["part"], one["side"]))
    assert [(one["part"], one["side"], one["suitable"]) for one in alone] == [
        ("first", "probe", True),
        ("first", "reference", True),
        ("second", "probe", True),
        ("second", "reference", True),
    ]
    assert alone[0]["said"] == "a frame of a video"
    assert told["marks"] == [
        {
            "part": "first",
            "side": "reference",
            "photograph": 1,
            "component": "nose",
            "place_of": "0.5000 from the left, 0.6200 from the top",
        }
    ]


def test_nothing_is_said_of_a_pair_whose_reference_is_being_erased(agency: Agency, found: Search) -> None:
    handle = opened(agency, found).handle
    with agency.system.database.begin() as tx:  # as in the moment before the erasure has come to the examinations
        candidate = tx.get(Candidate, tx.get(Examination, handle).candidate_id)
        tx.change(tx.get(Face, candidate.face_id), state=FaceState.ERASING)
    assert rules_of(agency, say, agency, handle, "probe", seen=()) == ["examination-is-open"]
    noted = views.note_views
    seen = [View("zoom", "2", 1)]
    assert rules_of(agency, noted, agency.system, agency["erik"], handle=handle, views=seen) == ["examination-is-open"]
    assert lock(agency, handle).state is ExaminationState.VOID
