"""One to one: a use of an authority like a search, a score with what it can tell, and no way round anything."""

from __future__ import annotations

import io
import json
import re

import pytest
from PIL import Image as Pictures

from beholden.actions import authorise, cases, examine, exhibits, register, review, search, sought
from beholden.actions.compare import RESULT, compare, read_comparison
from beholden.actions.leads import show_lead
from beholden.errors import BadInput, KeyDestroyed, Missing, Refused
from beholden.records.authority import Authority
from beholden.records.comparisons import DECIDES_NOTHING, NO_CHANCE_OF_ONE_PERSON, Comparison
from beholden.records.disclosures import DisclosedReference
from beholden.records.exhibits import Exhibit
from beholden.records.faces import Face
from beholden.records.limits import DayCount
from beholden.records.sought import Sought
from beholden.records.years import gap_words
from tests.actions.test_day_limits import stale
from tests.agency import ALIKE, Agency, Ready, draw, last, rules_of, small_agency


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def face_of(agency: Agency, person: int) -> Face:
    """The reference of a drawn person, in the order in which they were enrolled."""
    return agency.find(Face, order="face_no")[person - 1]


def compared(agency: Agency, ready: Ready, face: Face, officer: str = "ines"):  # noqa: ANN201
    return compare(
        agency.system, agency[officer], authority_id=ready.authority.id, sought_id=ready.sought.id, face_id=face.id
    )


def refused(agency: Agency, ready: Ready, face_id: str, officer: str = "ines", **other: str) -> list[str]:
    named = {"authority_id": ready.authority.id, "sought_id": ready.sought.id, "face_id": face_id} | other
    before = agency.get(Authority, ready.authority.id).used
    rules = rules_of(agency, compare, agency.system, agency[officer], **named)
    assert agency.get(Authority, ready.authority.id).used == before
    return rules


def test_it_gives_the_score_that_a_search_gives_and_consumes_a_use_like_one(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    told = {person: compared(agency, ready, face_of(agency, person)) for person in (3, 1)}
    assert agency.get(Authority, ready.authority.id).used == 2
    leads = agency.unsealed(agency.search(ready.authority), 1)
    by_face = {lead.candidate.face_id: lead.score for lead in leads}
    for one in told.values():
        assert one.score == pytest.approx(by_face[one.comparison.face_id], abs=1e-4)
    assert told[3].score > told[1].score
    assert last(agency)[:2] == ("search.read", "done")


def test_req_32_what_is_told_is_the_measured_statement_and_neither_yes_nor_no(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    one = compared(agency, ready, face_of(agency, 3))
    said = one.statements
    assert said[0] == DECIDES_NOTHING
    assert NO_CHANCE_OF_ONE_PERSON in said
    assert any(line.startswith("Quality, of 100: ") for line in said)
    assert any(
        "how often photographs of two people score as high" in line for line in said
    )  # the drawn model has no figures
    assert not re.search(r"\b(match|matches|identif\w+|likelihood|probability|same person)\b", " ".join(said), re.I)
    entry = agency.told(agency.leaves()[-1]["n"])
    assert entry["reference"] == [one.comparison.face_id]
    assert entry["use"] == [1]
    assert f"{one.score:.4f}" not in str(entry)


def test_who_reads_it_again_is_told_the_same_and_is_on_record(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    one = compared(agency, ready, face_of(agency, 3))
    for name in ("ines", "sven", "aude"):
        assert read_comparison(agency.system, agency[name], comparison_id=one.comparison.id) == one
        assert last(agency) == ("comparison.read", "done", [])
    for name, rule in (
        ("ivo", "comparison-reader-is-assigned"),
        ("erik", "role-reads-comparisons"),
        ("pia", "role-reads-comparisons"),
        ("stella", "role-reads-comparisons"),
        ("ada", "role-reads-comparisons"),
    ):
        assert rule in rules_of(agency, read_comparison, agency.system, agency[name], comparison_id=one.comparison.id)


def test_req_13_a_loop_of_comparisons_is_stopped_and_another_case_does_not_begin_the_count_anew(agency: Agency) -> None:
    ready = agency.ready(*range(1, 8))
    wide = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=20))
    again = Ready(ready.source, ready.gallery, ready.case, ready.sought, wide)
    for person in range(1, 6):
        compared(agency, again, face_of(agency, person))
    assert refused(agency, again, face_of(agency, 6).id) == ["comparisons-of-image-are-few"]
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=ready.sought.id, reason="anew")
    anew = sought.declare_sought(
        agency.system,
        agency["ines"],
        case_id=ready.case.id,
        face_ids=ready.sought.face_ids,
        subject_role="victim",
        why="anew",
    )
    authority = agency.approve(agency.request(ready.case, anew, ready.gallery))
    assert refused(agency, Ready(ready.source, ready.gallery, ready.case, anew, authority), face_of(agency, 6).id) == [
        "comparisons-of-image-are-few"
    ]
    case = agency.case()
    elsewhere = agency.sought(case, draw(3, seed=7))
    authority = agency.approve(agency.request(case, elsewhere, ready.gallery))
    there = Ready(ready.source, ready.gallery, case, elsewhere, authority)
    assert refused(agency, there, face_of(agency, 7).id) == ["comparisons-of-image-are-few"]
    other = agency.sought(case, draw(3, seed=8))
    authority = agency.approve(agency.request(case, other, ready.gallery))
    assert compared(agency, Ready(ready.source, ready.gallery, case, other, authority), face_of(agency, 7))


def saved_anew(content: bytes) -> bytes:
    kept = io.BytesIO()
    with Pictures.open(io.BytesIO(content)) as picture:
        picture.convert("RGB").save(kept, "JPEG", quality=92)
    return kept.getvalue()


def test_req_13_a_copy_that_is_saved_anew_opens_no_sealed_score_and_begins_no_count_anew(agency: Agency) -> None:
    ready = agency.ready(*range(1, 8))
    case, other = agency.case(), agency.case()
    authorities = []
    crowd = draw(3, 1, 2, 4, seed=7)
    for place, content in ((case, crowd), (other, saved_anew(crowd))):
        declared = agency.sought(place, content)
        authorities.append((declared, agency.approve(agency.request(place, declared, ready.gallery, searches=20))))
    (one, first), (copied, second) = authorities
    there = Ready(ready.source, ready.gallery, other, copied, second)
    shown = [one for one in agency.find(Exhibit) if one.case_id in (case.id, other.id)]
    assert (len({one.pixel_mark for one in shown}), len({one.copy_of_id for one in shown})) == (2, 1)
    found = agency.search(first)
    assert refused(agency, there, face_of(agency, 3).id) == ["comparison-waits-for-opinions"]
    agency.unsealed(found)
    for person in range(1, 6):
        compared(agency, Ready(ready.source, ready.gallery, case, one, first), face_of(agency, person))
    assert refused(agency, there, face_of(agency, 6).id) == ["comparisons-of-image-are-few"]


def test_uses_that_are_spent_by_comparing_are_spent(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    for person in (1, 2, 3):
        compared(agency, ready, face_of(agency, person))
    assert refused(agency, ready, face_of(agency, 1).id) == ["authority-is-active", "a-search-is-left"]
    named = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    assert rules_of(agency, search.run_search, agency.system, agency["ines"], **named) == [
        "authority-is-active",
        "a-search-is-left",
    ]


def test_req_11_what_a_search_needs_a_comparison_needs(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    face = face_of(agency, 3)
    assert refused(agency, ready, face.id, officer="ivo") == ["investigator-is-assigned"]
    for name in ("pia", "stella", "sven", "erik", "aude", "ada"):
        assert "role-investigator-works-on-the-case" in refused(agency, ready, face.id, officer=name)
    other = agency.sought(ready.case, draw(2, seed=5))
    assert refused(agency, ready, face.id, sought_id=other.id) == ["authority-names-sought"]
    case = agency.case()
    foreign = agency.sought(case, draw(2, seed=6))
    assert refused(agency, ready, face.id, sought_id=foreign.id) == ["authority-is-of-case", "authority-names-sought"]
    waiting = agency.request(ready.case, ready.sought, ready.gallery)
    assert "authority-is-active" in refused(agency, ready, face.id, authority_id=waiting.id)
    agency.change(ready.authority, ends_at=agency.clock.at)
    assert refused(agency, ready, face.id) == ["authority-is-active", "window-has-not-ended"]


def test_a_reference_of_another_gallery_is_refused_like_one_that_is_nowhere(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    foreign = agency.enrol(ready.source, agency.gallery("elsewhere"), 5)
    assert refused(agency, ready, foreign.faces[0].id) == ["comparison-gallery-is-named"]
    assert refused(agency, ready, "0" * 32) == ["comparison-gallery-is-named"]


def test_a_suspended_source_a_closed_gallery_a_withdrawn_sought_and_a_closed_case_are_refused_all_at_once(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)
    face = face_of(agency, 3)
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="order")
    assert refused(agency, ready, face.id) == ["comparison-source-is-searchable"]
    register.close_gallery(agency.system, agency["pia"], gallery_id=ready.gallery.id)
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=ready.sought.id, reason="another child")
    cases.close_case(agency.system, agency["ines"], case_id=ready.case.id, outcome="safe")
    assert set(refused(agency, ready, face.id)) == {
        "case-is-open",
        "comparison-source-is-searchable",
        "galleries-are-fit",
        "sought-is-declared",
    }


def test_a_revoked_authority_compares_nothing(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    authorise.revoke_authority(agency.system, agency["pia"], authority_id=ready.authority.id, reason="order")
    assert refused(agency, ready, face_of(agency, 3).id) == ["authority-is-active"]


def test_a_removed_exhibit_is_compared_no_more(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    [exhibit] = agency.find(exhibits.Exhibit, case_id=ready.case.id)
    agency.change(exhibit, state=exhibits.ExhibitState.REMOVED)
    assert refused(agency, ready, face_of(agency, 3).id) == ["sought-exhibits-are-held"]


def test_a_reference_without_a_template_of_this_model_waits(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    face = agency.change(face_of(agency, 3), space_id="another")
    assert refused(agency, ready, face.id) == ["comparison-reference-has-template"]


def test_req_35_a_comparison_opens_no_score_that_a_list_still_seals(agency: Agency) -> None:
    """Whoever the list shows: a refusal for its own references alone would tell who is on it."""
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority, limit=1)
    for person in (1, 3):
        assert refused(agency, ready, face_of(agency, person).id) == ["comparison-waits-for-opinions"]
    case = agency.case()
    elsewhere = agency.sought(case, draw(3, seed=7))
    authority = agency.approve(agency.request(case, elsewhere, ready.gallery))
    there = Ready(ready.source, ready.gallery, case, elsewhere, authority)
    assert refused(agency, there, face_of(agency, 3).id) == ["comparison-waits-for-opinions"]
    agency.unsealed(found, 1)
    assert compared(agency, ready, face_of(agency, 3))


def test_req_39_who_owes_a_blind_opinion_is_told_nothing_and_spends_nothing(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    made = compared(agency, ready, face_of(agency, 3))
    other = agency.case()
    own = agency.sought(other, draw(2, seed=9))
    found = agency.search(agency.approve(agency.request(other, own, ready.gallery)))
    review.open_review(agency.system, agency["edda"], search_id=found.id)
    agency.change_roles("edda", "examiner", "investigator")
    cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["edda"])
    with pytest.raises(Missing, match="lock it first"):
        read_comparison(agency.system, agency["edda"], comparison_id=made.comparison.id)
    assert last(agency)[:2] == ("comparison.read", "failed")
    with pytest.raises(Missing, match="lock it first"):
        compared(agency, ready, face_of(agency, 3), officer="edda")
    assert last(agency)[:2] == ("comparison.made", "failed")
    assert agency.get(Authority, ready.authority.id).used == 1


def test_req_39_an_examiner_who_could_know_the_score_of_a_comparison_is_on_record_as_that(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    compared(agency, ready, face_of(agency, 3))
    agency.change_roles("erik", "examiner", "supervisor")
    found = agency.search(ready.authority)
    agency.review(found, 1)
    for name in ("erik", "edda"):
        agency.examine(found, name, 3)
    [lead] = [one for one in examine.read_leads(agency.system, agency["ines"], search_id=found.id) if one.examinations]
    known = {one.examiner: one.score_revealed for one in lead.examinations}
    assert known == {agency.ids["erik"]: True, agency.ids["edda"]: False}


def test_req_39_a_reviewer_who_could_know_a_score_of_the_list_is_on_record_as_that(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    compared(agency, ready, face_of(agency, 3))
    found = agency.search(ready.authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    assert agency.told(agency.leaves()[-1]["n"])["score_revealed"] == [False]
    agency.change_roles("rosa", "examiner", "supervisor")  # now they may read it, and go on with the review
    leads = agency.unsealed(found, 1)
    assert {lead.reviewer_could_know for lead in leads} == {True}
    [finished] = [leaf["n"] for leaf in agency.leaves() if leaf["event"] == "review.finished"]
    assert agency.told(finished)["score_revealed"] == [True]
    packet = json.loads(agency.disclose(found, leads[0]).files["disclosure.json"])
    assert packet["search"]["review_score_was_known"] is True
    other = agency.case()
    own = agency.sought(other, draw(2, seed=9))
    others = agency.unsealed(agency.search(agency.approve(agency.request(other, own, ready.gallery))), 1)
    assert {lead.reviewer_could_know for lead in others} == {False}


def test_req_39_who_takes_a_list_knowing_one_of_its_scores_is_recorded_when_they_take_it(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    compared(agency, ready, face_of(agency, 3))
    agency.change_roles("rosa", "examiner", "supervisor")
    taken, _ = review.open_review(agency.system, agency["rosa"], search_id=agency.search(ready.authority).id)
    assert taken.score_revealed
    assert agency.told(agency.leaves()[-1]["n"])["score_revealed"] == [True]


def test_req_114_comparing_asks_for_who_just_confirmed_and_is_counted_by_the_day(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    made = compared(agency, ready, face_of(agency, 3)).comparison
    stale(agency, "ines")
    stale(agency, "sven")
    assert refused(agency, ready, face_of(agency, 3).id) == ["session-is-fresh"]
    [count] = agency.find(DayCount, person_id=agency.ids["ines"], event="comparison.made")
    assert (count.done, count.stopped) == (1, 0)
    assert read_comparison(agency.system, agency["ines"], comparison_id=made.id).comparison == made, "who was told it"
    assert rules_of(agency, read_comparison, agency.system, agency["sven"], comparison_id=made.id) == [
        "session-is-fresh-for-leads"
    ]


def test_an_erased_reference_takes_the_score_along_and_its_comparison_stays_counted(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    made = compared(agency, ready, face_of(agency, 3)).comparison
    assert made.result
    agency.erase(made.face_id)
    kept = agency.get(Comparison, made.id)
    assert kept.result == b""
    with pytest.raises((KeyDestroyed, Missing)):
        agency.system.keys.open(made.face_id, made.result, RESULT)
    with pytest.raises(Missing):
        read_comparison(agency.system, agency["ines"], comparison_id=made.id)
    assert refused(agency, ready, made.face_id) == ["comparison-gallery-is-named"]
    assert agency.find(Comparison, sought_id=ready.sought.id) == [kept]


def test_what_is_refused_or_fails_tells_no_score_and_makes_no_record(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    with pytest.raises(Refused):
        compared(agency, ready, face_of(agency, 3), officer="ivo")
    assert agency.find(Comparison) == []
    assert agency.get(Sought, ready.sought.id) == ready.sought


def test_req_40_a_disclosure_tells_of_every_comparison_and_its_score_goes_with_the_reference(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    wide = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=5))
    under = Ready(ready.source, ready.gallery, ready.case, ready.sought, wide)
    found = agency.search(wide)
    [lead, *others] = agency.unsealed(found, 1)
    made = [compared(agency, under, agency.get(Face, one.candidate.face_id)) for one in (lead, others[0])]
    packet = agency.disclose(found, lead)
    told = json.loads(packet.files["disclosure.json"])
    assert {one["comparison"] for one in told["comparisons"]} == {one.comparison.id for one in made}
    [kept] = told["leads"][0]["reference"]["compared_one_to_one"]
    assert (kept["score"], kept["statements"]) == (f"{made[0].score:.4f}", list(made[0].statements))
    assert f"{made[1].score:.4f}" not in json.dumps(told["comparisons"])
    [stored] = agency.find(DisclosedReference)
    agency.erase(lead.candidate.face_id)
    assert agency.get(DisclosedReference, stored.id).reference == b""


def test_req_142_who_compares_is_told_of_the_years_between_the_photographs(agency: Agency) -> None:
    """In a review, an examination, a lead and a comparison alike: the references are of 2019-05-04."""
    source, gallery, case = agency.source(), agency.gallery(), agency.case()
    for person in (1, 2, 3):
        agency.enrol(source, gallery, person)
    _, faces = exhibits.add_exhibit(
        agency.system,
        agency["ines"],
        draw(3, seed=7),
        case_id=case.id,
        file="frame.png",
        origin="synthetic",
        why="found on the seized disk",
        captured_at="2024-06",
    )
    declared = sought.declare_sought(
        agency.system, agency["ines"], case_id=case.id, face_ids=[faces[0].id], subject_role="victim", why="one face"
    )
    ready = Ready(source, gallery, case, declared, agency.approve(agency.request(case, declared, gallery)))
    years = gap_words(["2024-06"], "2019-05-04")
    assert years.startswith("Between the photographs lie 5 years.")
    assert years in compared(agency, ready, face_of(agency, 3)).statements
    found = agency.search(ready.authority)
    _, pairs = review.open_review(agency.system, agency["rosa"], search_id=found.id)
    assert {pair.cautions for pair in pairs} == {years}
    agency.review(found, 1)
    laid = examine.open_examination(agency.system, agency["erik"], search_id=found.id)
    assert laid.cautions == "", "nothing is said of the one who is held before the one who is sought was described"
    agency.describe(laid.handle, "erik")
    assert examine.open_examination(agency.system, agency["erik"], search_id=found.id).cautions == years
    examine.lock_examination(
        agency.system, agency["erik"], handle=laid.handle, components=ALIKE, limitations="", opinion=3
    )
    agency.examine(found, "edda", 3)
    [lead] = [one for one in examine.read_leads(agency.system, agency["ines"], search_id=found.id) if one.examinations]
    shown = show_lead(agency.system, agency["ines"], search_id=found.id, candidate_id=lead.candidate.id)
    assert shown.cautions == years


def test_a_date_that_is_none_is_not_taken_for_an_exhibit(agency: Agency) -> None:
    case = agency.case()
    for words in ("2024-13", "last summer", "2024-06-31", "24"):
        with pytest.raises(BadInput, match="is no capture date"):
            exhibits.add_exhibit(
                agency.system,
                agency["ines"],
                draw(3),
                case_id=case.id,
                file="frame.png",
                origin="synthetic",
                why="found on the seized disk",
                captured_at=words,
            )
