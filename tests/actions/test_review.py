"""Review: blind, whole, in an order of the reviewer's own, with exactly three outcomes and two potential candidates at most."""

from __future__ import annotations

import io
from dataclasses import asdict, fields
from functools import partial

import pytest
from PIL import Image as Pictures

from beholden.actions import cases, desk, enrol, examine, people, request, review
from beholden.actions.review import CHIP_SIDE, Shown
from beholden.errors import BadInput, Missing
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.faces import Face
from beholden.records.images import Image
from beholden.records.review import Outcome, Pair, Review, ReviewState, shuffled
from beholden.records.searches import Search, SearchState
from tests.agency import Agency, draw, last, rules_of


@pytest.fixture
def found(agency: Agency) -> Search:
    return agency.search(agency.ready(1, 2, 3, 4, 5).authority)


def opened(agency: Agency, found: Search, name: str = "rosa") -> tuple[Review, list[Shown]]:
    return review.open_review(agency.system, agency[name], search_id=found.id)


def decide(agency: Agency, handle: str, outcome: str, name: str = "rosa") -> Pair:
    return review.decide_pair(agency.system, agency[name], handle=handle, outcome=outcome)


def test_req_35_a_reviewer_is_given_two_sides_of_photographs_a_handle_and_a_date_and_nothing_else(
    agency: Agency, found: Search
) -> None:
    _, shown = opened(agency, found)
    assert {one.name for one in fields(Shown)} == {
        "handle",
        "position",
        "probes",
        "reference",
        "reference_captured_at",
        "cautions",
    }
    assert [one.position for one in shown] == [1, 2, 3, 4, 5]
    assert {one.reference_captured_at for one in shown} == {"2019-05-04"}
    known = {
        *(face.id for face in agency.find(Face)),
        *(face.image_id for face in agency.find(Face)),
        *(one.id for one in agency.find(Candidate)),
        found.id,
        found.case_id,
    }
    for one in shown:
        told = asdict(one)
        assert not known & {value for value in told.values() if isinstance(value, str)}
        for chip in (*one.probes, one.reference):
            for secret in (b"example.org", b"person ", b"caption", b"exhibit", b"Exif", b"http"):
                assert secret not in chip
            with Pictures.open(io.BytesIO(chip)) as picture:
                assert (picture.format, picture.size) == ("JPEG", (CHIP_SIDE, CHIP_SIDE))
                assert not picture.getexif()
                assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_req_35_the_order_is_the_seeds_and_the_seed_is_in_the_log(agency: Agency, found: Search) -> None:
    taken, shown = opened(agency, found)
    by_position = {pair.position: pair.candidate_id for pair in agency.find(Pair, review_id=taken.id)}
    assert list(dict(sorted(by_position.items())).values()) == shuffled(
        [one.id for one in agency.find(Candidate)], taken.seed
    )
    assert agency.told(len(agency.leaves()) - 1)["seed"] == [taken.seed]
    assert [one.handle for one in opened(agency, found)[1]] == [one.handle for one in shown]


def test_req_35_two_reviewers_have_other_seeds_other_orders_and_other_handles(agency: Agency) -> None:
    ready = agency.ready(*range(1, 13))
    one, other = agency.search(ready.authority), agency.search(ready.authority)
    (first, shown), (second, shown_too) = opened(agency, one), opened(agency, other, "emil")
    assert first.seed != second.seed
    assert not {x.handle for x in shown} & {x.handle for x in shown_too}
    orders = [
        [
            agency.get(Candidate, pair.candidate_id).face_id
            for pair in agency.find(Pair, review_id=r.id, order="position")
        ]
        for r in (first, second)
    ]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_req_35_leads_are_read_by_nobody_before_the_last_opinion_is_locked(agency: Agency, found: Search) -> None:
    for name in ("ines", "sven", "rosa", "aude"):
        rules = rules_of(agency, examine.read_leads, agency.system, agency[name], search_id=found.id)
        assert "search-is-unsealed" in rules
    agency.review(found, 1)
    for name in ("ines", "sven", "rosa", "aude"):
        rules = rules_of(agency, examine.read_leads, agency.system, agency[name], search_id=found.id)
        assert "search-is-unsealed" in rules


def test_req_35_who_owes_an_opinion_finds_nothing_of_the_search_elsewhere(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    unsealed, found = agency.search(ready.authority), agency.search(ready.authority)
    agency.unsealed(unsealed)
    assert len(examine.read_leads(agency.system, agency["rosa"], search_id=unsealed.id)) == 3
    opened(agency, found)
    assert found.id not in {one.id for one in desk.searches(agency.system, agency["rosa"])}
    with pytest.raises(Missing):
        desk.search(agency.system, agency["rosa"], search_id=found.id)
    with pytest.raises(Missing, match="lock the opinion that you owe"):
        examine.read_leads(agency.system, agency["rosa"], search_id=unsealed.id)
    assert desk.sources(agency.system, agency["rosa"]) == []
    [(own, pairs)] = [one for one in desk.reviews(agency.system, agency["rosa"]) if one[0].search_id == found.id]
    assert {pair.candidate_id for pair in pairs} == {""}
    assert own.state is ReviewState.OPEN


def test_req_35_other_words_in_the_place_of_a_capture_date_are_not_taken_in(agency: Agency) -> None:
    ready = agency.ready()
    for words in ("a name, in May", "2019-13", "2019-05-04T10:00", "２０１９"):
        with pytest.raises(BadInput, match="a year, a month or a day"):
            enrol.enrol_image(
                agency.system,
                agency["stella"],
                draw(3),
                source_id=ready.source.id,
                gallery_id=ready.gallery.id,
                taken_from=enrol.TakenFrom("3.png", captured_at=words),
            )
    assert agency.find(Image) == []
    assert last(agency) == ("image.enrolled", "failed", [])


def test_who_is_assigned_to_the_case_meanwhile_decides_nothing_more(agency: Agency, found: Search) -> None:
    agency.change_roles("rosa", "examiner", "investigator")
    taken, shown = opened(agency, found)
    assign = partial(cases.assign_case, agency.system, agency["sven"], case_id=found.case_id)
    assert rules_of(agency, assign, person_id=agency.ids["rosa"]) == ["assignee-owes-no-opinion"]
    case = agency.get(Case, found.case_id)
    agency.change(case, assigned=(*case.assigned, agency.ids["rosa"]))
    assert rules_of(agency, decide, agency, shown[0].handle, "no") == ["examiner-is-not-assigned"]
    rules = rules_of(agency, review.finish_review, agency.system, agency["rosa"], review_id=taken.id)
    assert "examiner-is-not-assigned" in rules


def test_who_owes_an_opinion_looks_up_no_reference(agency: Agency, found: Search) -> None:
    opened(agency, found)
    agency.change_roles("rosa", "privacy_officer")
    with pytest.raises(Missing, match="lock the opinion"):
        request.find_references(agency.system, agency["rosa"], person_ref="person 3")


@pytest.mark.parametrize("outcome", ["pending", "match", "yes", "identified", "", "POTENTIAL"])
def test_req_36_there_are_three_outcomes_and_no_other(agency: Agency, found: Search, outcome: str) -> None:
    _, shown = opened(agency, found)
    with pytest.raises(BadInput, match="must be potential, no or inconclusive"):
        decide(agency, shown[0].handle, outcome)
    assert {pair.outcome for pair in agency.find(Pair)} == {Outcome.PENDING}
    assert last(agency) == ("review.decided", "failed", [])


def test_req_36_a_third_potential_candidate_does_not_go_to_examination_and_can_be_taken_back(
    agency: Agency, found: Search
) -> None:
    taken, shown = opened(agency, found)
    for one in shown:
        decide(agency, one.handle, "potential" if one.position <= 3 else "inconclusive")
    finish = partial(review.finish_review, agency.system, agency["rosa"], review_id=taken.id)
    assert rules_of(agency, finish) == ["potential-candidates-are-few"]
    assert agency.get(Search, found.id).state is SearchState.LISTED
    decide(agency, shown[0].handle, "no")
    assert finish().state is SearchState.REVIEWED
    outcomes = [pair.outcome for pair in agency.find(Pair, order="position")]
    assert outcomes == [Outcome.NO, Outcome.POTENTIAL, Outcome.POTENTIAL, Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE]


def test_req_36_every_pair_is_decided_before_a_review_is_finished(agency: Agency, found: Search) -> None:
    taken, shown = opened(agency, found)
    for one in shown[:-1]:
        decide(agency, one.handle, "no")
    finish = partial(review.finish_review, agency.system, agency["rosa"], review_id=taken.id)
    assert rules_of(agency, finish) == ["every-pair-is-decided"]


def test_req_36_one_reviewer_for_one_list(agency: Agency, found: Search) -> None:
    taken, shown = opened(agency, found)
    assert rules_of(agency, opened, agency, found, "emil") == ["list-has-one-reviewer"]
    assert rules_of(agency, decide, agency, shown[0].handle, "no", "emil") == ["review-is-your-own"]
    finish = partial(review.finish_review, agency.system, agency["emil"], review_id=taken.id)
    assert rules_of(agency, finish) == ["review-is-your-own", "every-pair-is-decided"]


def test_req_39_what_a_finished_review_decided_stays(agency: Agency, found: Search) -> None:
    agency.review(found, 1)
    pair = agency.find(Pair, outcome=Outcome.POTENTIAL)[0]
    assert rules_of(agency, decide, agency, pair.handle, "no") == ["review-is-open", "pair-is-undecided"]
    assert agency.get(Pair, pair.handle) == pair
    assert rules_of(agency, opened, agency, found) == ["list-waits-for-review"]


@pytest.mark.parametrize("name", ["ines", "sven", "stella", "pia", "ada", "aude"])
def test_nobody_who_had_a_part_in_the_search_or_is_no_examiner_reviews_it(
    agency: Agency, found: Search, name: str
) -> None:
    assert "role-examiner-reviews" in rules_of(agency, opened, agency, found, name)
    assert agency.find(Review) == []


def test_an_examiner_with_another_role_does_not_review_what_they_had_a_part_in(agency: Agency, found: Search) -> None:
    agency.change_roles("ines", "investigator", "examiner")
    agency.change_roles("sven", "supervisor", "examiner")
    assert rules_of(agency, opened, agency, found, "ines") == [
        "examiner-is-not-requester",
        "examiner-is-not-searcher",
        "examiner-is-not-assigned",
    ]
    assert rules_of(agency, opened, agency, found, "sven") == ["examiner-is-not-approver"]


def test_a_review_without_a_potential_candidate_unseals_the_search(agency: Agency, found: Search) -> None:
    assert agency.review(found).state is SearchState.UNSEALED
    assert [one["event"] for one in agency.leaves()[-2:]] == ["search.unsealed", "review.finished"]
    leads = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    assert [(lead.rank, lead.outcome, lead.examinations) for lead in leads] == [
        (rank, Outcome.NO, ()) for rank in range(1, 6)
    ]
    assert [lead.score for lead in leads] == sorted((lead.score for lead in leads), reverse=True)


def test_a_candidate_erased_during_the_review_is_no_longer_shown_and_need_not_be_decided(
    agency: Agency, found: Search
) -> None:
    taken, shown = opened(agency, found)
    pairs = agency.find(Pair, order="position")
    gone = agency.get(Candidate, pairs[0].candidate_id)
    agency.erase(gone.face_id)
    assert [one.handle for one in opened(agency, found)[1]] == [one.handle for one in shown[1:]]
    for one in shown[1:]:
        decide(agency, one.handle, "no")
    assert review.finish_review(agency.system, agency["rosa"], review_id=taken.id).state is SearchState.UNSEALED


def test_whose_place_is_taken_leaves_the_open_review_to_the_successor(agency: Agency, found: Search) -> None:
    _, shown = opened(agency, found)
    decide(agency, shown[0].handle, "no")
    person, token = people.replace_person(agency.system, agency["ada"], person_id=agency.ids["rosa"], name="ruth")
    ruth = people.accept(agency.system, name="ruth", token=token, passphrase="a long passphrase")
    agency.certify(person.id, "examiner")
    taken, again = review.open_review(agency.system, ruth, search_id=found.id)
    assert taken.reviewer == person.id
    assert [one.handle for one in again] == [one.handle for one in shown]
    for one in again:
        review.decide_pair(agency.system, ruth, handle=one.handle, outcome="no")
    assert review.finish_review(agency.system, ruth, review_id=taken.id).state is SearchState.UNSEALED


def test_a_handle_or_a_review_that_nobody_has_is_missing(agency: Agency, found: Search) -> None:
    with pytest.raises(Missing):
        decide(agency, "0" * 32, "no")
    with pytest.raises(Missing):
        review.finish_review(agency.system, agency["rosa"], review_id="0" * 32)
    with pytest.raises(Missing):
        review.open_review(agency.system, agency["rosa"], search_id="0" * 32)
