"""What happens while a search runs: somebody revokes, erases, suspends, closes, enrols; and the list follows the records."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from beholden.actions import authorise, embed, enrol, erase, follow, index, people, register, search, sought
from beholden.errors import BeholdenError, Changed, Fault, IndexIncomplete, SignInRefused
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.searches import Search, SearchState
from beholden.records.sources import Source, SourceState
from tests.agency import Agency, Ready, draw, last
from tests.parts import CountedIndex


def meanwhile(agency: Agency, done: Callable[[], object]) -> Agency:
    """The same agency; `done` happens once, while the index compares."""
    waiting = [done]
    return agency.with_parts(index=CountedIndex(agency.system.index, lambda: waiting and waiting.pop()()))


def revoke(agency: Agency, ready: Ready) -> None:
    authorise.revoke_authority(agency.system, agency["sven"], authority_id=ready.authority.id, reason="found otherwise")


def withdraw(agency: Agency, ready: Ready) -> None:
    authorise.withdraw_request(agency.system, agency["ines"], authority_id=ready.authority.id)


def unseek(agency: Agency, ready: Ready) -> None:
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=ready.sought.id, reason="not one child")


@pytest.mark.parametrize("end", [revoke, withdraw, unseek])
def test_a_search_whose_ground_falls_away_makes_no_list_and_its_use_stays_consumed(
    agency: Agency, end: Callable[[Agency, Ready], None]
) -> None:
    ready = agency.ready(1, 2, 3)
    with pytest.raises(Changed, match="no list was made"):
        meanwhile(agency, lambda: end(agency, ready)).search(ready.authority)
    assert agency.find(Search)[0].state is SearchState.FAILED
    assert agency.find(Candidate) == []
    assert agency.get(Authority, ready.authority.id).used == 1
    assert last(agency) == ("search.finished", "failed", [])


def test_a_searcher_who_is_suspended_meanwhile_gets_no_list(agency: Agency) -> None:
    ready = agency.ready(1)
    running = meanwhile(
        agency, lambda: people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["ines"])
    )
    with pytest.raises(SignInRefused):
        running.search(ready.authority)
    assert agency.find(Search)[0].state is SearchState.FAILED
    assert agency.find(Candidate) == []


def test_req_75_what_is_erased_while_a_search_runs_is_not_on_its_list(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    gone = agency.find(Face, order="face_no")[2]
    request_id = agency.granted(gone.id)
    running = meanwhile(agency, lambda: erase.erase(agency.system, agency["stella"], request_id=request_id))
    found = running.search(ready.authority)
    assert found.state is SearchState.LISTED
    assert sorted(agency.ranks_by_person(found)) == [1, 2]
    assert gone.id not in {one.face_id for one in agency.find(Candidate)}


def test_req_04_a_source_suspended_or_a_gallery_closed_while_a_search_runs_is_not_on_its_list(agency: Agency) -> None:
    ready = agency.ready(1, 2, galleries=2)
    second = agency.source(name="second")
    agency.enrol(second, ready.gallery, 9)

    def suspend() -> None:
        register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="court order")

    assert agency.ranks_by_person(meanwhile(agency, suspend).search(ready.authority)) == [9]
    register.resume_source(agency.system, agency["pia"], source_id=ready.source.id)

    def close() -> None:
        register.close_gallery(agency.system, agency["pia"], gallery_id=ready.gallery.id)

    found = meanwhile(agency, close).search(ready.authority)
    galleries = {agency.get(Face, one.face_id).gallery_id for one in agency.find(Candidate, search_id=found.id)}
    assert galleries == set(ready.authority.gallery_ids) - {ready.gallery.id}


def two_nearest(agency: Agency) -> tuple[str, Authority]:
    """The id of a source with the two references nearest to what is sought, before seven of another source."""
    first, other, gallery = agency.source(), agency.source(name="another"), agency.gallery()
    agency.enrol(first, gallery, 3)
    agency.enrol(first, gallery, 3, seed=1, ref="another")
    for person in (1, 2, 4, 5, 6, 7, 8):
        agency.enrol(other, gallery, person)
    case = agency.case()
    return first.id, agency.approve(agency.request(case, agency.sought(case, draw(3, seed=7)), gallery))


def test_req_04_the_place_of_what_was_suspended_while_a_search_ran_is_the_next_person_s(agency: Agency) -> None:
    first, authority = two_nearest(agency)

    def suspend() -> None:
        register.suspend_source(agency.system, agency["pia"], source_id=first, reason="court order")

    found = meanwhile(agency, suspend).search(authority, limit=1)
    assert (found.state, found.people, found.coverage.references) == (SearchState.LISTED, 1, 7)
    assert agency.ranks_by_person(found) == agency.ranks_by_person(agency.search(authority, limit=1))
    [ended] = [n for n, leaf in enumerate(agency.leaves()) if leaf["event"] == "search.finished"][:1]
    told = agency.told(ended)
    assert (told["search"], told["people"], told["engine_calls"]) == ([found.id], [1], [2])
    assert agency.get(Authority, authority.id).used == 2


def test_req_75_the_place_of_what_was_erased_before_the_list_was_made_is_the_next_person_s(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, authority = two_nearest(agency)
    gone = [agency.granted(face.id) for face in agency.find(Face, source_id=first)]
    compare = search._compare

    def compare_and_erase(*given: Any) -> Any:
        found = compare(*given)
        while gone:
            erase.erase(agency.system, agency["stella"], request_id=gone.pop())
        return found

    monkeypatch.setattr(search, "_compare", compare_and_erase)
    found = agency.search(authority, limit=1)
    assert (found.people, found.coverage.references) == (1, 7)
    [listed] = agency.find(Candidate)
    assert agency.get(Face, listed.face_id).state is FaceState.LIVE


def test_a_search_whose_references_are_closed_each_time_it_compares_makes_no_list(agency: Agency) -> None:
    first, authority = two_nearest(agency)
    [other] = {face.source_id for face in agency.find(Face)} - {first}
    agency.enrol(agency.get(Source, first), agency.find(Gallery)[0], 9)
    closed = [other]

    def swap() -> None:
        """The source that is compared with is closed, and the other is opened."""
        now = first if closed[0] == other else other
        register.suspend_source(agency.system, agency["pia"], source_id=now, reason="court order")
        if agency.get(Source, closed[0]).state is SourceState.SUSPENDED:
            register.resume_source(agency.system, agency["pia"], source_id=closed[0])
        closed[0] = now

    running = agency.with_parts(index=CountedIndex(agency.system.index, swap))
    with pytest.raises(Changed, match="each of 5 times that they were compared; nothing was listed; search again"):
        running.search(authority, limit=1)
    assert agency.find(Search)[0].state is SearchState.FAILED
    assert agency.find(Candidate) == []
    assert set(agency.told(len(agency.leaves()) - 1)["engine_calls"]) == {5}  # one that fails late tells twice


def test_what_is_enrolled_while_a_search_runs_is_compared_by_the_next_one(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    running = meanwhile(agency, lambda: agency.enrol(ready.source, ready.gallery, 3))
    assert running.search(ready.authority).coverage.words().startswith("all 2 references of 1 gallery")
    assert agency.search(ready.authority).coverage.references == 3


def test_an_index_that_changes_under_a_search_is_compared_again_until_it_stands_still(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    index = agency.system.index

    def disturb() -> None:
        agency.enrol(ready.source, ready.gallery, 3)
        with agency.system.database.look() as look:
            follow.follow(agency.system, look)

    found = meanwhile(agency, disturb).search(ready.authority)
    assert (found.coverage.references, found.coverage.proven) == (3, True)
    assert sorted(agency.ranks_by_person(found)) == [1, 2, 3]
    assert index.applied == 2


def test_an_index_that_never_agrees_with_the_records_gives_no_list(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    agency.search(ready.authority)
    agency.system.index.drop([0])
    with pytest.raises(IndexIncomplete, match="holds 1 references of a shelf for which the records have 2"):
        agency.search(ready.authority)
    assert [one.state for one in agency.find(Search, order="started_at")].count(SearchState.FAILED) == 1
    assert index.rebuild(agency.system, agency["ada"]) == 2
    assert agency.search(ready.authority).people == 2


def test_a_face_that_only_the_index_holds_keeps_the_search_from_claiming_anything(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    agency.search(ready.authority)
    face = agency.find(Face, order="face_no")[0]
    agency.change(face, state=FaceState.ERASED)  # and no change number, as if an update had been lost
    with pytest.raises(IndexIncomplete):
        agency.search(ready.authority)


def test_an_older_moment_that_is_applied_late_does_not_bring_back_what_is_gone(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    gone = agency.find(Face, order="face_no")[2]
    with agency.system.database.look() as before:
        agency.erase(gone.id)
        with agency.system.database.look() as after:
            follow.follow(agency.system, after)
        follow.follow(agency.system, before)
    assert agency.system.index.rows([follow.shelf_of(gone)]) == 2
    assert sorted(agency.ranks_by_person(agency.search(ready.authority))) == [1, 2]


def test_a_search_that_breaks_in_an_unknown_way_is_on_record_and_has_no_list(agency: Agency) -> None:
    ready = agency.ready(1)

    def broken() -> None:
        raise ZeroDivisionError("in the engine")

    with pytest.raises(ZeroDivisionError):
        meanwhile(agency, broken).search(ready.authority)
    assert last(agency) == ("search.finished", "failed", [])
    assert agency.told(len(agency.leaves()) - 1)["error"] == ["ZeroDivisionError"]
    assert agency.find(Search)[0].state is SearchState.FAILED


def test_a_failed_search_that_cannot_even_be_marked_still_raises_what_happened(agency: Agency) -> None:
    ready = agency.ready(1)

    def broken() -> None:
        found = agency.find(Search)[0]
        with agency.system.database.begin() as tx:
            tx.remove(found)
        raise Fault("the engine stopped")

    with pytest.raises(Fault, match="the engine stopped"):
        meanwhile(agency, broken).search(ready.authority)


def test_searching_enrolling_and_erasing_at_once_never_shows_what_the_records_do_not_have(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=20))
    extra = [agency.enrol(ready.source, ready.gallery, person).faces[0].id for person in range(50, 54)]
    requests = [agency.granted(face_id) for face_id in extra]

    def searching() -> list[Search]:
        return [agency.search(authority) for _ in range(6)]

    def enrolling() -> list[Face]:
        return [agency.enrol(ready.source, ready.gallery, person).faces[0] for person in range(20, 32)]

    def erasing() -> None:
        for request_id in requests:
            erase.erase(agency.system, agency["stella"], request_id=request_id)

    with ThreadPoolExecutor(4) as pool:
        one, other = pool.submit(searching), pool.submit(searching)
        enrolled, erased = pool.submit(enrolling), pool.submit(erasing)
        searched = [*one.result(timeout=60), *other.result(timeout=60)]
        assert len(enrolled.result(timeout=60)) == 12
        erased.result(timeout=60)
    for found in searched:
        assert found.coverage.proven
        assert found.state is SearchState.LISTED
    final = agency.search(authority)
    assert final.coverage.references == 3 + 12
    assert final.coverage.words() == (
        "all 15 references of 1 gallery compared, proven exhaustive: no other of them is nearer"
    )
    assert agency.get(Authority, authority.id).used == 13


def test_req_75_of_those_who_are_erased_while_others_search_none_is_on_a_list_that_ends_later(agency: Agency) -> None:
    """By the order of the log: threads search and erase at once, and no list that was made after an erasure began shows
    who it erases."""
    ready = agency.ready(1, 2, 3)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=20))
    extra = [
        agency.enrol(ready.source, ready.gallery, 3, seed=seed, ref=str(seed)).faces[0].id for seed in range(20, 28)
    ]
    requests = [agency.granted(face_id) for face_id in extra]

    def erasing(some: list[str]) -> None:
        for request_id in some:
            erase.erase(agency.system, agency["stella"], request_id=request_id)

    with ThreadPoolExecutor(4) as pool:
        erased = [pool.submit(erasing, requests[half::2]) for half in (0, 1)]
        searched = [pool.submit(lambda: [agency.search(authority) for _ in range(8)]) for _ in (0, 1)]
        for one in erased:
            one.result(timeout=60)
        found = {search.id for part in searched for search in part.result(timeout=60)}
    begun, ended = {}, {}
    for leaf in agency.leaves():
        told = agency.told(leaf["n"])
        if leaf["event"] == "erasure.started" and leaf["outcome"] == "done":
            begun |= dict.fromkeys(told["face"], leaf["n"])
        elif leaf["event"] == "search.finished" and leaf["outcome"] == "done":
            ended[told["search"][0]] = leaf["n"]
    assert set(begun) == set(extra)
    assert set(ended) == found
    # A lead of whoever is erased stays as a place, without rank and score: what was listed before is not rewritten.
    late = [one for one in agency.find(Candidate) if begun.get(one.face_id, math.inf) < ended[one.search_id]]
    assert late == []
    assert agency.search(authority).coverage.references == 3


def test_of_two_who_take_the_last_use_at_once_one_gets_it(agency: Agency) -> None:
    ready = agency.ready(1)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=1))

    def attempt() -> str:
        try:
            return str(agency.search(authority).state)
        except BeholdenError as error:
            return type(error).__name__

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(job.result(timeout=60) for job in [pool.submit(attempt) for _ in range(4)])
    assert outcomes == ["Refused", "Refused", "Refused", "listed"]


def test_faces_that_wait_for_their_template_are_counted_and_compared_once_they_have_it(agency: Agency) -> None:
    ready = agency.ready(1)
    enrolled = enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(3),
        source_id=ready.source.id,
        gallery_id=ready.gallery.id,
        taken_from=enrol.TakenFrom(file="3.png", page_url="https://example.org/3"),
        embed_now=False,
    )
    assert [(face.state, face.template) for face in enrolled.faces] == [(FaceState.WAITING, b"")]
    found = agency.search(ready.authority)
    assert (found.coverage.references, found.coverage.waiting, found.people) == (1, 1, 1)
    assert embed.embed_waiting(agency.system) == 1
    assert embed.embed_waiting(agency.system) == 0
    found = agency.search(ready.authority)
    assert (found.coverage.references, found.coverage.waiting) == (2, 0)
    assert agency.ranks_by_person(found)[0] == 3
