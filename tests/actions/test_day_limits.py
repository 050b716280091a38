"""What one person does in a day is counted, whatever door or session it comes by; beyond the limit it is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beholden.actions import cases, enrol, examine, exhibits, people, waiting
from beholden.errors import Missing, Refused
from beholden.opening import open_folder
from beholden.policy.files import FLOOR
from beholden.records.audit import OPERATIONS
from beholden.records.authority import Authority
from beholden.records.disclosures import Notice
from beholden.records.exhibits import Exhibit
from beholden.records.limits import DAY_LIMITS, NEAR, DayCount, DayState, day_of, most_in_day, state_of
from beholden.records.rules import Rules
from beholden.records.rules import rules_of as rules_with
from tests.actions.test_sessions import stale
from tests.agency import Agency, agency_on_disk, last, rules_of, small_agency


def limited(agency: Agency, **rules: int) -> Agency:
    return replace(agency, system=replace(agency.system, rules=replace(agency.system.rules, **rules)))


def show(agency: Agency, name: str = "ines") -> object:
    return exhibits.show_faces(agency.system, agency[name], exhibit_id=agency.find(Exhibit)[0].id)


@pytest.fixture
def few(agency: Agency) -> Agency:
    agency.ready(1, 2, 3)
    return limited(agency, max_pictures_shown_a_day=5)


def test_req_114_what_was_done_as_often_as_one_may_in_a_day_is_refused_until_the_next(few: Agency) -> None:
    for _ in range(5):
        assert show(few)
    assert rules_of(few, show, few) == ["day-limit"]
    few.officers["ines"] = people.sign_in_as(few.system, name="ines")
    assert rules_of(few, show, few) == ["day-limit"], "another session gains nothing"
    by_rest = replace(few, system=replace(few.system, client="rest"))
    assert rules_of(by_rest, show, by_rest) == ["day-limit"], "nor does another door"
    few.clock.at = datetime(2026, 11, 22, 23, 59, 59, 999000, tzinfo=UTC)
    few.officers["ines"] = people.sign_in_as(few.system, name="ines")
    assert rules_of(few, show, few) == ["day-limit"]
    few.clock.pass_by(milliseconds=1)
    assert show(few)


def test_req_114_the_day_of_one_person_takes_nothing_from_another_or_from_another_act(few: Agency) -> None:
    cases.assign_case(few.system, few["sven"], case_id=few.find(Exhibit)[0].case_id, person_id=few.ids["ivo"])
    for _ in range(5):
        show(few)
    assert show(few, "ivo")
    assert few.search(few.find(Authority)[0])


def test_req_114_a_refusal_says_how_to_go_on(few: Agency) -> None:
    for _ in range(5):
        show(few)
    with pytest.raises(Refused) as caught:
        show(few)
    [reason] = caught.value.reasons
    assert "tomorrow" in reason.how_to_proceed
    assert "supervisor" in reason.how_to_proceed


def test_req_114_oversight_is_told_at_four_fifths_and_at_the_limit_and_once_each(few: Agency) -> None:
    told = []
    for _ in range(5):
        show(few)
        told.append([one.words for one in few.find(Notice, recipient="oversight") if "exhibit.shown" in one.words])
    assert [len(one) for one in told] == [0, 0, 0, 1, 2]
    for _ in range(3):
        rules_of(few, show, few)
    words = [one for one in few.find(Notice, recipient="oversight") if "exhibit.shown" in one.words]
    assert {one.about for one in words} == {few.ids["ines"]}
    assert sorted(one.words for one in words) == [
        "ines came to 4 of 5 of exhibit.shown on 2026-11-22 UTC, 0 of them refused or failed",
        "ines came to 5 of 5 of exhibit.shown on 2026-11-22 UTC, 0 of them refused or failed",
    ]


def test_req_114_what_is_refused_or_fails_counts_for_the_notice_but_uses_nothing_up(few: Agency) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            show(few, "ivo")
    with pytest.raises(Missing):
        exhibits.show_faces(few.system, few["ivo"], exhibit_id="0" * 32)
    [count] = few.find(DayCount, person_id=few.ids["ivo"])
    assert (count.done, count.stopped, count.state) == (0, 4, DayState.NEAR)
    assert [one.about for one in few.find(Notice, recipient="oversight") if "exhibit.shown" in one.words] == [
        few.ids["ivo"]
    ]


def test_to_be_asked_who_one_is_counts_for_nothing(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.clock.pass_by(minutes=10)
    stale(agency, "ines")
    assert rules_of(agency, agency.search, ready.authority) == ["session-is-fresh"]
    assert agency.find(DayCount, person_id=agency.ids["ines"], event="search.started") == []


def test_req_114_a_supervisor_sees_who_came_near_and_oneself_is_not_among_them(few: Agency) -> None:
    assert waiting.waits_for(few.system, few["sven"]).unusual == ()
    for _ in range(4):
        show(few)
    [(person, count)] = waiting.waits_for(few.system, few["sven"]).unusual
    assert (person.name, count.event, count.done, count.state) == ("ines", "exhibit.shown", 4, DayState.NEAR)
    for name in ("ines", "stella", "rosa", "ada"):
        assert waiting.waits_for(few.system, few[name]).unusual == ()
    few.clock.pass_by(days=8)
    few.officers["sven"] = people.sign_in_as(few.system, name="sven")
    assert waiting.waits_for(few.system, few["sven"]).unusual == ()


def test_req_114_the_count_outlives_a_restart(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    agency.ready(1, 2, 3)
    few = limited(agency, max_pictures_shown_a_day=2)
    show(few)
    show(few)
    agency.system.close()
    opened = open_folder(tmp_path / "data")
    try:
        again = limited(replace(agency, system=replace(opened, clock=agency.clock)), max_pictures_shown_a_day=2)
        assert rules_of(again, show, again) == ["day-limit"]
    finally:
        opened.close()


def test_taking_images_in_is_not_counted(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    before = agency.find(DayCount)
    for seed in range(3):
        agency.enrol(source, gallery, 1, seed=seed)
    assert agency.find(DayCount) == before
    assert "image.enrolled" not in DAY_LIMITS
    assert enrol.PICTURE


def test_req_114_the_policy_counts_exactly_the_acts_that_are_counted() -> None:
    text = (FLOOR / "schema.cedarschema").read_text()
    blocks = re.findall(r"^action (.+?) appliesTo \{.*?context: \{(.*?)\} \};", text, re.M | re.S)
    counted = {act for acts, facts in blocks if '"done_today"' in facts for act in re.findall(r'"([^"]+)"', acts)}
    assert counted == set(DAY_LIMITS)
    assert counted <= set(OPERATIONS)
    assert {"search.started", "search.read", "picture.revealed", "disclosure.made", "log.exported"} <= counted


def test_every_limit_is_a_rule_that_a_pack_may_only_tighten() -> None:
    for event, name in DAY_LIMITS.items():
        hard = most_in_day(Rules(), event)
        assert most_in_day(rules_with({name: hard - 1}), event) == hard - 1
        with pytest.raises(ValueError, match=name):
            rules_with({name: hard + 1})


@pytest.mark.parametrize(
    ("tries", "most", "state"),
    [
        (0, 1, DayState.USUAL),
        (1, 1, DayState.REACHED),
        (7, 10, DayState.USUAL),
        (8, 10, DayState.NEAR),
        (9, 10, DayState.NEAR),
        (10, 10, DayState.REACHED),
        (79, 100, DayState.USUAL),
        (80, 100, DayState.NEAR),
    ],
)
def test_four_fifths_is_near_and_the_limit_is_reached(tries: int, most: int, state: DayState) -> None:
    assert (NEAR, state_of(tries, most)) == (80, state)


def test_a_day_begins_at_midnight_utc() -> None:
    assert day_of(datetime.fromisoformat("2026-11-22T23:30:00-02:00")) == "2026-11-23"


class TestReadingLeads:
    def test_req_114_the_first_reading_of_a_list_asks_who_one_is_and_the_next_does_not(self, agency: Agency) -> None:
        found = agency.search(agency.ready(1, 2, 3).authority)
        agency.unsealed(found, 1)
        agency.officers["sven"] = people.sign_in_as(agency.system, name="sven")
        for name in ("ines", "sven"):
            stale(agency, name)

        def read(name: str) -> object:
            return examine.read_leads(agency.system, agency[name], search_id=found.id)

        assert read("ines"), "she read it when it was unsealed"
        assert rules_of(agency, read, "sven") == ["session-is-fresh-for-leads"]
        assert last(agency) == ("search.read", "refused", ["session-is-fresh-for-leads"])
        assert rules_of(agency, read, "sven") == ["session-is-fresh-for-leads"], "being refused is no reading"
        agency.officers["sven"] = people.sign_in_as(agency.system, name="sven")
        assert read("sven")
        stale(agency, "sven")
        assert read("sven")


def test_the_agency_of_tests_is_limited_as_any_other() -> None:
    assert small_agency().system.rules.max_searches_a_day == Rules().max_searches_a_day
