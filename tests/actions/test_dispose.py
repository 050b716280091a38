"""Disposal runs: what is past its most time goes, is counted in the log by its id, and nothing goes before its least."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from beholden.actions import asides, audit, dispose, log
from beholden.actions.dispose import DISPOSED, STAYS, Disposal
from beholden.actions.people import sign_in_as
from beholden.actions.recover import recover
from beholden.database.tables import RECORDS
from beholden.errors import Missing, Refused
from beholden.records.audit import Item
from beholden.records.authenticators import Link, Spent
from beholden.records.disclosures import CENTRAL_OFFICE, OVERSIGHT, Notice
from beholden.records.images import Aside, AsideState
from beholden.records.limits import DayCount, DayState
from beholden.records.people import Session
from beholden.records.requests import Photograph, PhotographState
from tests.actions.test_given_photograph import asked
from tests.agency import Agency, small_agency


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def past(agency: Agency, record: Any, **changes: Any) -> Any:
    """The record with its terms over, as after years."""
    kept = replace(record.kept, keep_until=agency.clock.at, dispose_after=agency.clock.at)
    return agency.change(record, kept=kept, **changes)


def line(lines: tuple[Disposal, ...], kind: str) -> Disposal:
    [found] = [one for one in lines if one.kind == kind]
    return found


def put_aside(agency: Agency, person: int) -> Aside:
    source, gallery = agency.source(name=f"site {person}"), agency.gallery(f"gallery {person}")
    [face] = agency.enrol(source, gallery, person).faces
    agency.erase(face.id)
    agency.enrol(source, gallery, person)
    return max(agency.find(Aside), key=lambda one: one.id)


def counted_again(agency: Agency) -> tuple[Counter[str], Counter[str]]:
    """Of every run that is done: the totals that the log tells, and the ids that it names, by kind."""
    totals, ids = Counter[str](), Counter[str]()
    done = {leaf["n"] for leaf in agency.leaves() if (leaf["event"], leaf["outcome"]) == ("disposal.run", "done")}
    with agency.system.database.look() as look:
        for one in log.opened_items(agency.system, look):
            if one.n in done and one.name.startswith("disposed_"):
                assert isinstance(one.value, int)
                totals[one.name.removeprefix("disposed_")] += one.value
            if one.n in done and one.name.startswith("ids_"):
                assert isinstance(one.value, list)
                ids[one.name.removeprefix("ids_")] += len(set(one.value))
    return totals, ids


def a_notice(agency: Agency, recipient: str, *, sent: bool) -> Notice:
    kept = audit.kept(agency.system, "notice", audit.SYSTEM, agency.clock.at)
    notice = Notice(agency.clock.new_id(), 0, kept, recipient, "0" * 32, "tell them", sent)
    with agency.system.database.begin() as tx:
        tx.add(notice)
    return past(agency, notice)


def some_of_each(agency: Agency) -> None:
    """One of every kind that goes, past its time."""
    sign_in_as(agency.system, name="ivo")
    elsewhere = max(agency.find(Session), key=lambda one: one.person_id == agency.ids["ivo"])
    past(agency, elsewhere, ended=True)
    kept = elsewhere.kept
    over = replace(kept, keep_until=agency.clock.at, dispose_after=agency.clock.at)
    with agency.system.database.begin() as tx:
        tx.add(
            Link("a" * 64, 0, over, agency.ids["ivo"], agency.clock.at, used=True),
            Spent("b" * 64, agency.clock.at - timedelta(seconds=1)),
        )
    past(agency, put_aside(agency, 5))
    a_notice(agency, CENTRAL_OFFICE, sent=True)
    with agency.system.database.begin() as tx:
        tx.add(
            DayCount(
                "somebody/search.started/2016", 0, over, "somebody", "search.started", "2016", 1, 0, DayState.USUAL
            )
        )


def test_every_kind_with_a_term_is_disposed_of_or_said_to_stay() -> None:
    with_a_term = {kind for kind in RECORDS if "kept" in {field.name for field in fields(kind)}}
    assert set(DISPOSED) | set(STAYS) == with_a_term
    assert not set(DISPOSED) & set(STAYS)
    assert {kind: way.name for kind, way in DISPOSED.items()} == {kind: RECORDS[kind] for kind in DISPOSED}
    assert {kind: name for kind, (name, _) in STAYS.items()} == {kind: RECORDS[kind] for kind in STAYS}


def test_req_65_a_run_removes_what_is_due_and_its_totals_equal_a_recount_from_the_log(agency: Agency) -> None:
    some_of_each(agency)
    [aside] = agency.find(Aside)
    before = {kind: len(agency.find(kind)) for kind in (*DISPOSED, Spent)}
    told = dispose.due(agency.system, agency["aude"])
    assert {kind: len(agency.find(kind)) for kind in before} == before, "a dry run removes nothing"

    done = dispose.dispose(agency.system, agency["pia"])
    taken = {one.kind: one.taken for one in done if one.taken}
    assert taken == {"sessions": 1, "links": 1, "asides": 1, "notices": 1, "day_counts": 1, "spent": 1}
    assert taken == {one.kind: one.taken for one in told if one.taken}, "a dry run says what the run does"
    for kind, way in DISPOSED.items():
        assert len(agency.find(kind)) == before[kind] - taken.get(way.name, 0), kind
    assert not agency.find(Spent)
    assert aside.id not in agency.system.keys.names()
    assert not agency.find(Item, record_id=aside.id)
    totals, ids = counted_again(agency)
    assert totals == ids == Counter(taken)
    assert not [one for one in dispose.dispose(agency.system, agency["pia"]) if one.taken], "there is nothing more"
    assert counted_again(agency) == (totals, ids)
    leaf = agency.leaves()[-1]
    assert (leaf["event"], leaf["operation"], leaf["role"]) == ("disposal.run", "erasure", "privacy_officer")
    recover(agency.system)
    with agency.system.database.look() as look:
        log.check_log(agency.system, look)


def test_req_65_what_is_on_hold_and_what_stays_is_counted_and_not_removed(agency: Agency) -> None:
    ready = agency.ready(1)
    past(agency, ready.case)
    aside = past(agency, put_aside(agency, 5))
    aside = agency.change(aside, kept=replace(aside.kept, legal_hold=True))
    unsent = a_notice(agency, CENTRAL_OFFICE, sent=False)
    flagged = a_notice(agency, OVERSIGHT, sent=True)
    done = dispose.dispose(agency.system, agency["pia"])
    assert (line(done, "asides").taken, line(done, "asides").due, line(done, "asides").on_hold) == (0, 0, 1)
    assert (line(done, "notices").due, line(done, "notices").taken) == (2, 0)
    assert "not sent" in line(done, "notices").why
    assert (line(done, "cases").due, line(done, "cases").taken) == (1, 0)
    assert line(done, "cases").why
    assert agency.get(type(ready.case), ready.case.id)
    assert agency.get(Aside, aside.id).state is AsideState.WAITING
    assert {unsent.id, flagged.id} <= {one.id for one in agency.find(Notice)}
    told = agency.told(agency.leaves()[-1]["n"])
    assert told["due_and_kept_cases"] == [1]
    assert told["due_and_kept_notices"] == [2]
    assert told["on_hold_asides"] == [1]


def test_req_63_what_is_not_past_its_time_stays(agency: Agency) -> None:
    some_of_each(agency)
    [aside] = agency.find(Aside)
    agency.change(aside, kept=replace(aside.kept, dispose_after=agency.clock.at + timedelta(milliseconds=1)))
    assert line(dispose.due(agency.system, agency["pia"]), "asides").taken == 0
    agency.clock.pass_by(milliseconds=1)
    assert line(dispose.due(agency.system, agency["pia"]), "asides").taken == 1


def tomorrow(agency: Agency) -> datetime:
    return agency.clock.at + timedelta(days=1)


def test_req_63_a_run_that_would_take_something_before_its_least_time_is_refused_whole(agency: Agency) -> None:
    aside = put_aside(agency, 5)
    sign_in_as(agency.system, name="ivo")
    ended = max(agency.find(Session), key=lambda one: one.person_id == agency.ids["ivo"])
    agency.change(ended, ended=True)
    assert not [one for one in dispose.due(agency.system, agency["pia"]) if one.taken]
    told = dispose.due(agency.system, agency["pia"], made_before=tomorrow(agency))
    assert (line(told, "sessions").too_early, line(told, "asides").too_early) == (1, 0)
    asides.judge_aside(agency.system, agency["pia"], aside_id=aside.id)
    with pytest.raises(Refused) as caught:
        dispose.dispose(agency.system, agency["pia"], made_before=tomorrow(agency))
    assert [reason.rule_id for reason in caught.value.reasons] == ["disposal-not-before-least-time"]
    assert agency.get(Aside, aside.id)
    assert agency.get(Session, ended.id)

    old = replace(ended.kept, keep_until=agency.clock.at)
    agency.change(agency.get(Session, ended.id), kept=old)
    done = dispose.dispose(agency.system, agency["pia"], made_before=tomorrow(agency))
    assert {one.kind: one.taken for one in done if one.taken} == {"sessions": 1, "asides": 1}
    assert not agency.find(Session, id=ended.id)
    assert not agency.find(Aside)


def test_req_65_an_early_run_leaves_what_is_not_over_and_what_is_on_hold(agency: Agency) -> None:
    aside = put_aside(agency, 5)  # still waits
    lasting = len(agency.find(Session))
    a_day_on = tomorrow(agency)
    done = dispose.dispose(agency.system, agency["pia"], made_before=a_day_on)
    assert not [one for one in done if one.taken]
    judged = asides.judge_aside(agency.system, agency["pia"], aside_id=aside.id)
    agency.change(judged, kept=replace(judged.kept, legal_hold=True))
    assert not [one for one in dispose.dispose(agency.system, agency["pia"], made_before=a_day_on) if one.taken]
    assert (len(agency.find(Session)), len(agency.find(Aside))) == (lasting, 1)


def test_req_65_a_photograph_past_its_time_is_destroyed_with_its_receipt_and_one_on_hold_is_not(agency: Agency) -> None:
    [given] = agency.find(Photograph, request_id=asked(agency))
    held = past(agency, given)
    held = agency.change(held, kept=replace(held.kept, legal_hold=True))
    done = dispose.dispose(agency.system, agency["pia"])
    assert (line(done, "photographs").taken, line(done, "photographs").on_hold) == (0, 1)
    assert agency.get(Photograph, given.id).state is PhotographState.HELD
    agency.change(held, kept=replace(held.kept, legal_hold=False))
    assert line(dispose.dispose(agency.system, agency["pia"]), "photographs").taken == 1
    gone = agency.get(Photograph, given.id)
    assert (gone.state, bool(gone.receipt), gone.blob) == (PhotographState.DESTROYED, True, "")
    assert given.blob not in set(agency.system.blobs.addresses())
    assert counted_again(agency) == (Counter(photographs=1), Counter(photographs=1))
    assert line(dispose.due(agency.system, agency["pia"]), "photographs").due == 0, "what stays is the receipt"


def test_req_65_a_run_takes_so_many_and_says_that_more_is_due(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispose, "MOST", 3)
    monkeypatch.setattr(dispose, "NAMED", 2)
    kept = replace(agency.find(Session)[0].kept, keep_until=agency.clock.at, dispose_after=agency.clock.at)
    with agency.system.database.begin() as tx:
        tx.add(*(Link(f"{i:064x}", 0, kept, agency.ids["ivo"], agency.clock.at, used=True) for i in range(5)))
    first = line(dispose.dispose(agency.system, agency["pia"]), "links")
    assert (first.due, first.taken, "run it again" in first.why) == (5, 3, True)
    assert line(dispose.dispose(agency.system, agency["pia"]), "links").taken == 2
    assert not agency.find(Link)
    assert counted_again(agency) == (Counter(links=5), Counter(links=5))


def test_req_65_only_a_privacy_officer_runs_it_with_a_fresh_session(agency: Agency) -> None:
    for name in ("ines", "aude", "stella", "sven"):
        with pytest.raises(Refused) as caught:
            dispose.dispose(agency.system, agency[name])
        assert "role-privacy-officer-disposes" in [reason.rule_id for reason in caught.value.reasons]
    with pytest.raises(Missing):
        dispose.due(agency.system, agency["ines"])
    for session in agency.find(Session, person_id=agency.ids["pia"]):
        agency.change(session, fresh_until=agency.clock.at)
    with pytest.raises(Refused) as stale:
        dispose.dispose(agency.system, agency["pia"])
    assert [reason.rule_id for reason in stale.value.reasons] == ["session-is-fresh"]


def test_a_run_that_dies_before_the_keys_go_is_finished_by_the_next_start(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = past(agency, put_aside(agency, 5))

    def dies(names: object) -> list[bytes]:
        raise OSError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(type(agency.system.keys), "destroy", lambda self, names: dies(names))
        with pytest.raises(OSError, match="power"):
            dispose.dispose(agency.system, agency["pia"])
    assert not agency.find(Aside)
    assert aside.id in agency.system.keys.names()
    recover(agency.system)
    assert aside.id not in agency.system.keys.names()
