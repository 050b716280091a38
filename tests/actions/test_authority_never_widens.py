"""No sequence of acts on authorities reaches a use outside what one person asked for and another approved."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from beholden.actions import authorise, expire, people, probe, search
from beholden.errors import BeholdenError
from beholden.records.authority import Authority
from beholden.records.searches import Search
from tests.agency import Agency, necessity, small_agency

HOUR = timedelta(hours=1)
NAMES = ("ines", "ivo", "sven", "stella")
REQUESTER, APPROVER = (
    st.sampled_from((name,) * 6 + NAMES) for name in ("ines", "sven")
)  # mostly, and sometimes others
WHICH = st.integers(0, 3)
NUMBERS, HOURS = st.sampled_from((1, 2, 3, 0, 4)), st.sampled_from((0, 2, 5, 9, -3))
GALLERIES = st.sampled_from(((0,), (0, 1), (1,), (0, 2), ()))


class Lives(RuleBasedStateMachine):
    """Anybody tries anything at any time; what came of it is held against what was asked and approved first."""

    agency: Agency
    granted: dict[str, tuple[frozenset[str], datetime, datetime, int]]  # by authority, as it was first approved
    asked: dict[str, tuple[frozenset[str], datetime, datetime, int]]  # as it was last asked for

    @initialize()
    def begin(self) -> None:
        self.agency = small_agency()
        ready = self.agency.ready(1, 3, galleries=2)
        self.ready, self.number = ready, 500
        self.galleries = [*ready.authority.gallery_ids, self.agency.gallery("not named").id]
        self.granted, self.asked = {}, {}
        self.asked[ready.authority.id] = self.granted[ready.authority.id] = _bounds(ready.authority)

    def some(self, which: int) -> str:
        ids = sorted(one.id for one in self.agency.find(Authority))
        return ids[which % len(ids)]

    def tried(self, act: object, who: str, **told: object) -> None:
        with suppress(BeholdenError):
            act(self.agency.system, self.agency[who], **told)  # type: ignore[operator]

    @rule(who=REQUESTER, galleries=GALLERIES, begins=HOURS, lasts=HOURS, searches=NUMBERS, draft=st.booleans())
    def ask(self, who: str, galleries: tuple[int, ...], begins: int, lasts: int, searches: int, draft: bool) -> None:
        self.number += 1
        at = self.agency.clock.at + begins * HOUR
        self.tried(
            authorise.draft_authority if draft else authorise.request_authority,
            who,
            case_id=self.ready.case.id,
            sought_id=self.ready.sought.id,
            gallery_ids=[self.galleries[one] for one in galleries],
            necessity=necessity(self.number),
            starts_at=at,
            ends_at=at + lasts * HOUR,
            searches=searches,
            follows=self.ready.authority.id,
        )

    @rule(galleries=st.sampled_from(((0,), (0, 1))), searches=st.integers(1, 3), draft=st.booleans())
    def ask_and_give_as_usual(self, galleries: tuple[int, ...], searches: int, draft: bool) -> None:
        before = {one.id for one in self.agency.find(Authority)}
        self.ask("ines", galleries, 0, 3, searches, draft)
        for id in {one.id for one in self.agency.find(Authority)} - before:
            self.tried(authorise.submit_request, "ines", authority_id=id)
            self.every_use_lies_within_what_was_asked_and_given()  # notes what was asked for
            self.tried(probe.show_probe, "sven", authority_id=id)
            self.tried(authorise.approve_authority, "sven", authority_id=id)

    @rule(who=REQUESTER, which=WHICH, galleries=GALLERIES, lasts=HOURS, searches=NUMBERS)
    def edit(self, who: str, which: int, galleries: tuple[int, ...], lasts: int, searches: int) -> None:
        named = [self.galleries[one] for one in galleries]
        ends_at = self.agency.clock.at + lasts * HOUR
        id = self.some(which)
        self.tried(authorise.edit_draft, who, authority_id=id, gallery_ids=named, ends_at=ends_at, searches=searches)

    @rule(who=REQUESTER, which=WHICH)
    def submit(self, who: str, which: int) -> None:
        self.tried(authorise.submit_request, who, authority_id=self.some(which), answer="as it was asked")

    @rule(who=APPROVER, which=WHICH)
    def give_back(self, who: str, which: int) -> None:
        self.tried(authorise.return_request, who, authority_id=self.some(which), questions="which school was asked?")

    @rule(
        who=APPROVER,
        which=WHICH,
        looks=st.sampled_from((True, True, True, False)),
        more=st.booleans(),
        galleries=GALLERIES,
        searches=NUMBERS,
    )
    def approve(self, who: str, which: int, looks: bool, more: bool, galleries: tuple[int, ...], searches: int) -> None:
        id = self.some(which)
        if looks:
            self.tried(probe.show_probe, who, authority_id=id)
        told = {"gallery_ids": [self.galleries[one] for one in galleries], "searches": searches} if more else {}
        self.tried(authorise.approve_authority, who, authority_id=id, **told)

    @rule(who=APPROVER, which=WHICH, how=st.sampled_from(("refuse", "revoke", "withdraw")))
    def end(self, who: str, which: int, how: str) -> None:
        id = self.some(which)
        if how == "withdraw":
            self.tried(authorise.withdraw_request, who, authority_id=id)
        else:
            act = authorise.refuse_authority if how == "refuse" else authorise.revoke_authority
            self.tried(act, who, authority_id=id, reason="the child was found")

    @rule(who=REQUESTER, which=WHICH)
    def use(self, who: str, which: int) -> None:
        self.tried(search.run_search, who, authority_id=self.some(which), sought_id=self.ready.sought.id)

    @rule(hours=st.integers(1, 3), upkeep=st.booleans())
    def pass_by(self, hours: int, upkeep: bool) -> None:
        self.agency.clock.at += hours * HOUR
        for name in NAMES:  # the sessions of before are over
            self.agency.officers[name] = people.sign_in_as(self.agency.system, name=name)
        if upkeep:
            expire.expire_authorities(self.agency.system)

    @invariant()
    def every_use_lies_within_what_was_asked_and_given(self) -> None:
        if not hasattr(self, "asked"):
            return
        there = {one.id: one for one in self.agency.find(Authority)}
        for id, one in there.items():
            if one.state in ("draft", "requested", "returned"):
                self.asked[id] = _bounds(one)
                assert one.used == 0
            elif one.decided_by and one.state != "refused":
                given = self.granted.setdefault(id, _bounds(one))
                assert _bounds(one) == given  # what was approved changes no more
                galleries, begins, ends, searches = self.asked[id]
                assert given[0] <= galleries
                assert begins <= given[1] < given[2] <= ends
                assert 1 <= given[3] <= searches
                assert one.decided_by not in (one.requested_by, *self.ready.case.assigned)
                assert one.used <= given[3]
        for use in self.agency.find(Search):
            galleries, begins, ends, searches = self.granted[use.authority_id]
            assert begins <= use.started_at < ends
            assert use.coverage.galleries <= len(galleries)
            assert sum(one.authority_id == use.authority_id for one in self.agency.find(Search)) <= searches


def _bounds(one: Authority) -> tuple[frozenset[str], datetime, datetime, int]:
    return frozenset(one.gallery_ids), one.starts_at, one.ends_at, one.searches


def test_req_16_no_sequence_of_acts_reaches_a_use_outside_what_was_asked_and_given() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
