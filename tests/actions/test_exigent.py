"""Search before approval: one person alone, everybody told at once, a review by somebody else, and what follows where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.actions import compare, exigent, exigent_review, people, probe, register, search
from beholden.actions.exigent_figures import Figures, exigent_figures
from beholden.errors import Changed, Missing, Sequestered
from beholden.ports.policy import Asker, Decision, Fact, Pack, Policy
from beholden.records.authority import Authority, AuthorityState, Urgency
from beholden.records.disclosures import CENTRAL_OFFICE, OVERSIGHT, Notice
from beholden.records.exigent import UNREVIEWED, Exigent, ExigentState
from beholden.records.searches import Search, SearchState
from beholden.records.sequestration import Sequestration, SequestrationState
from beholden.testing.drawn import draw
from tests.actions.test_orders import give
from tests.actions.test_sessions import stale
from tests.agency import Agency, Ready, last, rules_of, small_agency

REASON = "a child of four is with the man of the photograph, who left the town an hour ago"
REVIEWED = "the message of the mother and the time of it were looked at"


@pytest.fixture
def agency() -> Agency:
    return small_agency()


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def begin(agency: Agency, ready: Ready, **changes: object) -> Exigent:
    told: dict[str, object] = {
        "case_id": ready.case.id,
        "sought_id": ready.sought.id,
        "ground": "child-in-danger",
        "reason": REASON,
        "place": "unknown",
        "time": "within hours",
    }
    return exigent.begin_exigent(agency.system, agency["ines"], **(told | changes))  # type: ignore[arg-type]


def search_under(agency: Agency, begun: Exigent, officer: str = "ines") -> Search:
    authority = agency.get(Authority, begun.authority_id)
    return search.run_search(agency.system, agency[officer], authority_id=authority.id, sought_id=authority.sought_id)


def uphold(agency: Agency, begun: Exigent, officer: str = "sven", *, looks: bool = True) -> Exigent:
    if looks:
        probe.show_probe(agency.system, agency[officer], authority_id=begun.authority_id)
    return exigent_review.uphold_exigent(agency.system, agency[officer], exigent_id=begun.id, reason=REVIEWED)


def refuse(agency: Agency, begun: Exigent, officer: str = "sven") -> Exigent:
    return exigent_review.refuse_exigent(agency.system, agency[officer], exigent_id=begun.id, reason=REVIEWED)


def close(agency: Agency, begun: Exigent, officer: str = "sven") -> Exigent:
    return exigent_review.close_lapse(agency.system, agency[officer], exigent_id=begun.id, reason=REVIEWED)


def again(agency: Agency, *names: str) -> None:
    """Signed in anew, after a time in which every session ended."""
    for name in names:
        agency.officers[name] = people.sign_in_as(agency.system, name=name)


def test_req_20_one_person_searches_alone_at_once_and_it_is_on_record_why(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    authority = agency.get(Authority, begun.authority_id)
    assert (authority.urgency, authority.state, authority.decided_by) == (Urgency.EXIGENT, AuthorityState.ACTIVE, "")
    assert authority.gallery_ids == (ready.gallery.id,), "every gallery that is fit, where none is named"
    assert authority.ends_at == begun.review_due == agency.clock.at + timedelta(hours=24)
    assert (begun.begun_by, begun.state, begun.passed) == (agency.ids["ines"], ExigentState.OPEN, ())
    found = search_under(agency, begun)
    assert found.people == 3
    entry = next(leaf["n"] for leaf in agency.leaves() if leaf["event"] == "exigent.begun")
    told = agency.told(entry)
    assert (told["ground"], told["reason"], told["place"], told["time"]) == (
        ["child-in-danger"],
        [REASON],
        ["unknown"],
        ["within hours"],
    )
    assert told["incident"] == [begun.id]


def test_req_21_approver_and_oversight_are_told_before_there_is_any_list(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    about = [one for one in agency.find(Notice) if one.about == begun.id]
    assert sorted(one.recipient for one in about) == sorted([agency.ids["sven"], OVERSIGHT])
    assert agency.find(Search) == []
    assert all("2026-117" in one.words and "until 2026-11-23 09:00 UTC" in one.words for one in about)


def test_req_21_without_a_supervisor_outside_the_case_the_central_office_is_told(agency: Agency, ready: Ready) -> None:
    people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["sven"])
    begun = begin(agency, ready)
    told = {one.recipient for one in agency.find(Notice) if one.about == begun.id}
    assert told == {CENTRAL_OFFICE, OVERSIGHT}


def test_req_21_every_list_and_score_is_headed_until_it_is_upheld(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    found = search_under(agency, begun)
    assert found.statements[0] == UNREVIEWED
    agency.unsealed(found)
    again(agency, "sven")
    uphold(agency, begun)
    after = agency.get(Search, found.id)
    assert after.statements == found.statements[1:]
    assert agency.get(Authority, begun.authority_id).decided_by == agency.ids["sven"]
    assert UNREVIEWED not in search_under(agency, begun).statements, "nor is a later list of it"


def test_req_21_a_comparison_is_headed_by_how_it_stands_when_it_is_read(agency: Agency, ready: Ready) -> None:
    from beholden.records.faces import Face

    begun = begin(agency, ready)
    face = agency.find(Face)[0]
    made = compare.compare(
        agency.system,
        agency["ines"],
        authority_id=begun.authority_id,
        sought_id=ready.sought.id,
        face_id=face.id,
    )
    read = lambda: compare.read_comparison(agency.system, agency["ines"], comparison_id=made.comparison.id)  # noqa: E731
    assert made.statements[0] == read().statements[0] == UNREVIEWED
    uphold(agency, begun)
    assert UNREVIEWED not in read().statements
    assert made.statements[1:] == read().statements


def test_req_22_the_review_is_by_another_person_who_is_not_of_the_case(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    probe.show_probe(agency.system, agency["sven"], authority_id=begun.authority_id)
    agency.change(ready.case, assigned=(*agency.get(type(ready.case), ready.case.id).assigned, agency.ids["sven"]))
    assert rules_of(agency, uphold, agency, begun, looks=False) == ["exigent-reviewer-is-not-assigned"]
    assert rules_of(agency, refuse, agency, begun) == ["exigent-reviewer-is-not-assigned"]
    agency.change(agency.get(type(ready.case), ready.case.id), assigned=(agency.ids["ines"],))
    assert rules_of(agency, uphold, agency, begun, "ines")[0] != ""
    assert agency.get(Exigent, begun.id).state is ExigentState.OPEN
    assert uphold(agency, begun).state is ExigentState.UPHELD
    assert rules_of(agency, uphold, agency, begun) == ["exigent-waits-for-review"]
    assert rules_of(agency, refuse, agency, begun) == ["exigent-waits-for-review"]


def test_req_22_who_gave_an_opinion_on_its_list_does_not_say_whether_it_had_to_be(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    found = search_under(agency, begun)
    agency.change_roles("rosa", "examiner", "supervisor")
    agency.review(found)
    assert rules_of(agency, uphold, agency, begun, "rosa") == ["exigent-reviewer-gave-no-opinion"]


def test_req_23_a_refusal_ends_its_use_at_once_and_a_running_search_makes_no_list(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    found = search_under(agency, begun)
    refused = refuse(agency, begun)
    assert (refused.state, refused.reviewed_by, refused.decision) == (
        ExigentState.REFUSED,
        agency.ids["sven"],
        REVIEWED,
    )
    assert agency.get(Authority, begun.authority_id).state is AuthorityState.REVOKED
    assert rules_of(agency, search_under, agency, begun) == ["exigent-stands", "authority-is-active"]
    told = [one.recipient for one in agency.find(Notice) if one.about == begun.id]
    assert told.count(OVERSIGHT) == 2
    assert agency.ids["ines"] in told
    del found


def test_req_22_nobody_else_searches_under_it(agency: Agency, ready: Ready) -> None:
    from beholden.actions import cases

    begun = begin(agency, ready)
    cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["ivo"])
    assert rules_of(agency, search_under, agency, begun, "ivo") == ["exigent-is-ones-own"]


def test_req_22_a_lapse_freezes_what_can_wait_at_the_very_moment_and_until_the_late_review(
    agency: Agency, ready: Ready
) -> None:
    begun = begin(agency, ready)
    waiting = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, hours=72))
    agency.clock.pass_by(hours=24, milliseconds=-1)
    again(agency, "ines", "sven")
    agency.search(waiting)
    agency.clock.pass_by(milliseconds=1)
    assert rules_of(agency, agency.search, waiting) == ["routine-is-not-frozen"], "before any upkeep came"
    assert rules_of(agency, search_under, agency, begun) == [
        "exigent-is-cosigned",
        "exigent-stands",
        "authority-is-active",
        "window-has-not-ended",
    ]
    assert (exigent_review.lapse_overdue(agency.system), exigent_review.lapse_overdue(agency.system)) == (1, 0)
    lapsed = agency.get(Exigent, begun.id)
    assert (lapsed.state, lapsed.reviewed_by) == (ExigentState.LAPSED, "")
    assert last(agency) == ("exigent.lapsed", "done", [])
    assert agency.get(Authority, begun.authority_id).state is AuthorityState.REVOKED
    told = [one.recipient for one in agency.find(Notice) if one.about == begun.id]
    assert sorted(told) == sorted([agency.ids["sven"], OVERSIGHT, agency.ids["sven"], CENTRAL_OFFICE, OVERSIGHT])
    assert rules_of(agency, agency.search, waiting) == ["routine-is-not-frozen"]
    assert rules_of(agency, uphold, agency, begun) == ["exigent-waits-for-review"]
    closed = close(agency, begun)
    assert (closed.state, closed.reviewed_by) == (ExigentState.LAPSED, agency.ids["sven"])
    assert agency.search(waiting).people == 3
    assert rules_of(agency, close, agency, begun) == ["exigent-lapse-is-open"]


@pytest.mark.parametrize("how", ["lapsed", "refused"])
def test_req_23_what_was_found_is_nobodys_here_from_the_moment_of_the_refusal_or_the_lapse(
    agency: Agency, ready: Ready, how: str
) -> None:
    begun = begin(agency, ready)
    found = search_under(agency, begun)
    if how == "lapsed":
        agency.clock.pass_by(hours=24)
        exigent_review.lapse_overdue(agency.system)
    else:
        refuse(agency, begun)
    assert agency.find(Search, id=found.id) == []
    with pytest.raises(Sequestered):
        agency.get(Search, found.id)
    [taken] = agency.find(Sequestration)
    assert taken.state is {"lapsed": SequestrationState.TAKEN, "refused": SequestrationState.SEALED}[how]


def test_req_24_incidents_are_counted_and_not_searches(agency: Agency, ready: Ready) -> None:
    for _ in range(3):
        begun = begin(agency, ready)
        for _ in range(4):
            search_under(agency, begun)
    assert rules_of(agency, begin, agency, ready) == ["exigent-incidents-are-few"]
    another = agency.sought(ready.case, draw(5, seed=1))
    more = begin(agency, ready, sought_id=another.id, incident_id=begun.id)
    assert more.incident_id == begun.id
    agency.clock.pass_by(hours=23, minutes=59)
    again(agency, "ines", "sven")
    for one in agency.find(Exigent):
        uphold(agency, one)
    assert rules_of(agency, begin, agency, ready) == ["exigent-incidents-are-few"]
    agency.clock.pass_by(minutes=1, milliseconds=1)
    assert begin(agency, ready)


def test_req_24_persons_of_one_incident_are_few(agency: Agency, ready: Ready) -> None:
    first = begin(agency, ready)
    for _ in range(4):
        begin(agency, ready, incident_id=first.id)
    assert rules_of(agency, begin, agency, ready, incident_id=first.id) == ["exigent-persons-are-few"]
    other = agency.case()
    with pytest.raises(Missing):
        begin(agency, replace(ready, case=other), incident_id=first.id)
    with pytest.raises(Missing):
        begin(agency, ready, incident_id="0" * 32)


def test_req_20_a_session_that_is_not_fresh_is_asked_again_and_an_incomplete_ground_is_told_whole(
    agency: Agency, ready: Ready
) -> None:
    assert rules_of(agency, begin, agency, ready, ground="hunch", reason="no", place=" ", time="") == [
        "exigent-ground-of-pack",
        "exigent-reason-is-written",
        "exigent-place-is-told",
        "exigent-time-is-told",
    ]
    stale(agency, "ines")
    assert rules_of(agency, begin, agency, ready) == ["session-is-fresh"]
    assert agency.find(Exigent) == []


def test_req_24_a_search_that_runs_while_the_review_refuses_makes_no_list(agency: Agency, ready: Ready) -> None:
    from tests.parts import CountedIndex

    begun = begin(agency, ready)
    index = CountedIndex(agency.system.index, before=lambda: refuse(agency, begun))
    with pytest.raises(Changed):
        search_under(agency.with_parts(index=index), begun)
    assert [one.people for one in agency.find(Search)] == []


def test_req_21_a_supervisor_sees_what_to_review_with_numbers_and_nobody_else_does(
    agency: Agency, ready: Ready
) -> None:
    begun = begin(agency, ready)
    search_under(agency, begun)
    seen = exigent.exigent(agency.system, agency["sven"], exigent_id=begun.id)
    assert (seen.searches, seen.listed, seen.comparisons) == (1, 3, 0)
    assert (seen.exigent.reason, seen.exigent.place) == (REASON, "unknown")
    assert [one.exigent.id for one in exigent.exigents(agency.system, agency["ines"])] == [begun.id]
    for name in ("ivo", "rosa", "pia", "stella"):
        assert exigent.exigents(agency.system, agency[name]) == []
    with pytest.raises(Missing):
        exigent.exigent(agency.system, agency["ivo"], exigent_id=begun.id)
    agency.clock.pass_by(hours=24)
    again(agency, "sven")
    assert exigent.exigent(agency.system, agency["sven"], exigent_id=begun.id).exigent.state is ExigentState.LAPSED


def test_req_24_the_figures_are_a_recount_of_the_log(agency: Agency, ready: Ready) -> None:
    first, second, third = (begin(agency, ready) for _ in range(3))
    begin(agency, ready, incident_id=first.id)
    assert rules_of(agency, begin, agency, ready) == ["exigent-incidents-are-few"]
    uphold(agency, first)
    refuse(agency, second)
    agency.clock.pass_by(hours=24)
    exigent_review.lapse_overdue(agency.system)
    again(agency, "aude", "sven", "pia", "rosa")
    close(agency, third)
    told = {"begins_at": agency.clock.at - timedelta(hours=24), "ends_at": agency.clock.at + timedelta(seconds=1)}
    figures = exigent_figures(agency.system, agency["aude"], **told)
    assert figures == [
        Figures("imminent-threat"),
        Figures("victim-id-cse", incidents=3, persons=4, upheld=1, refused=1, lapsed=2),
    ]
    assert [one.upheld_percent for one in figures] == [None, 25]
    recounted = [leaf["event"] for leaf in agency.leaves() if leaf["outcome"] == "done"]
    names = ("exigent.begun", "exigent.upheld", "exigent.refused", "exigent.lapsed")
    assert [recounted.count(name) for name in names] == [4, 1, 1, 2]
    later = told | {"begins_at": agency.clock.at}
    assert exigent_figures(agency.system, agency["pia"], **later)[1] == Figures("victim-id-cse", lapsed=2)
    with pytest.raises(Missing):
        exigent_figures(agency.system, agency["rosa"], **told)


def test_req_22_exigent_use_goes_on_under_a_signed_order_of_the_oversight_body(agency: Agency, ready: Ready) -> None:
    begin(agency, ready)
    other = agency.sought(ready.case, draw(5, seed=1))
    agency.clock.pass_by(hours=24)
    again(agency, "ines", "sven")
    assert rules_of(agency, begin, agency, ready, sought_id=other.id) == ["exigent-is-cosigned"]
    give(agency, "go_on", "person:ines", until=agency.clock.at + timedelta(hours=6))
    begun = begin(agency, ready, sought_id=other.id)
    assert search_under(agency, begun).people == 3
    waiting = agency.approve(agency.request(ready.case, ready.sought, ready.gallery))
    assert rules_of(agency, agency.search, waiting) == ["routine-is-not-frozen"]
    agency.clock.pass_by(hours=6)
    again(agency, "ines")
    assert rules_of(agency, search_under, agency, begun) == ["exigent-is-cosigned"]


def test_req_20_a_pack_without_grounds_has_no_search_before_approval(agency: Agency, ready: Ready) -> None:
    policy = NoGrounds(agency.system.policy)
    assert rules_of(agency.with_parts(policy=policy), begin, agency.with_parts(policy=policy), ready) == [
        "exigent-path-is-open",
        "exigent-ground-of-pack",
    ]
    assert agency.find(Exigent) == []


class NoGrounds:
    """The real policy with a pack that has no exigent path, as a state may want it."""

    def __init__(self, real: Policy) -> None:
        self.real = real

    @property
    def pack(self) -> Pack:
        return replace(self.real.pack, exigent_grounds=())

    def decide(self, act: str, asker: Asker, facts: Mapping[str, Fact]) -> Decision:
        return self.real.decide(act, asker, facts)


def test_req_20_galleries_may_be_named_and_one_that_is_not_fit_is_refused(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3, galleries=2)
    assert len(agency.get(Authority, begin(agency, ready).authority_id).gallery_ids) == 2
    named = begin(agency, ready, gallery_ids=[ready.gallery.id, ready.gallery.id])
    assert agency.get(Authority, named.authority_id).gallery_ids == (ready.gallery.id,)
    assert search_under(agency, named).coverage.galleries == 1
    register.close_gallery(agency.system, agency["pia"], gallery_id=ready.gallery.id)
    assert rules_of(agency, begin, agency, ready, gallery_ids=[ready.gallery.id]) == ["galleries-are-fit"]
    assert rules_of(agency, begin, agency, ready, gallery_ids=[]) == ["gallery-is-named"]
    assert len(agency.get(Authority, begin(agency, ready).authority_id).gallery_ids) == 1


def test_req_22_a_search_that_made_no_list_has_no_heading_to_change(agency: Agency, ready: Ready) -> None:
    begun = begin(agency, ready)
    found = search_under(agency, begun)
    agency.change(found, state=SearchState.FAILED, statements=())
    uphold(agency, begun)
    assert agency.get(Search, found.id).statements == ()


def test_req_21_who_works_on_another_case_sees_none_of_this_one(agency: Agency, ready: Ready) -> None:
    begin(agency, ready)
    agency.case("ivo")
    assert exigent.exigents(agency.system, agency["ivo"]) == []


def test_each_search_before_approval_is_shown_by_its_own_id(agency: Agency, ready: Ready) -> None:
    first = begin(agency, ready)
    another = agency.sought(ready.case, draw(4, seed=2))
    second = begin(agency, ready, sought_id=another.id, incident_id=first.id)
    for one in (first, second):
        assert exigent.exigent(agency.system, agency["ines"], exigent_id=one.id).exigent == one
