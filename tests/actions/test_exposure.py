"""How much somebody looks at: each face seen clear is an act, counted for themselves, and for a supervisor of five together."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from beholden.actions import exhibits, exposure, frames, log, people, unveil
from beholden.errors import Missing
from beholden.records.exposure import LEAST_PEOPLE, REVEALS, SHOWINGS, in_one_go
from beholden.records.limits import DAY_LIMITS
from tests.agency import START, Agency, draw, last, rules_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


def reveal(agency: Agency, name: str = "ines", of: str = "exhibit-face", under: str = "") -> None:
    unveil.reveal_chip(agency.system, agency[name], of=of, id="face-1", under=under or agency.ids["ines"])


def with_rules(agency: Agency, **changes: int) -> Agency:
    return replace(agency, system=replace(agency.system, rules=replace(agency.system.rules, **changes)))


def test_req_143_each_face_that_is_seen_clear_is_one_entry_that_says_which_and_where(agency: Agency) -> None:
    case = agency.case()
    before = len(agency.leaves())
    for _ in range(3):
        reveal(agency, under=case.id)
    new = agency.leaves()[before:]
    assert [(leaf["event"], leaf["operation"], leaf["outcome"]) for leaf in new] == [
        ("chip.revealed", "consultation", "done")
    ] * 3
    told = agency.told(new[-1]["n"])
    assert (told["of"], told["shown"]) == (["exhibit-face"], ["face-1"])
    shown = log.read_entries(agency.system, agency["aude"], event="chip.revealed").shown
    assert len(shown) == 3


@pytest.mark.parametrize(
    ("name", "of", "may"),
    [
        ("ines", "exhibit-face", True),
        ("ines", "probe", False),
        ("ines", "pair", False),
        ("sven", "probe", True),
        ("sven", "exhibit-face", False),
        ("rosa", "pair", True),
        ("rosa", "examination", True),
        ("rosa", "lead", True),
        ("rosa", "exhibit-face", False),
        ("ines", "given", False),
        ("pia", "given", True),
        ("pia", "lead", False),
    ],
)
def test_req_143_a_face_is_given_clear_to_whose_work_it_is(agency: Agency, name: str, of: str, may: bool) -> None:
    refused = [] if may else ["chip-is-for-its-reader"]
    if may:
        reveal(agency, name, of)
    else:
        assert rules_of(agency, partial(reveal, agency, name, of)) == refused
    assert last(agency) == ("chip.revealed", "done" if may else "refused", refused)


@pytest.mark.parametrize("name", ["stella", "aude", "ada"])
def test_nobody_else_sees_a_chip_clear_in_this_way(agency: Agency, name: str) -> None:
    assert "role-reveals-chips" in rules_of(agency, partial(reveal, agency, name, "lead"))


def test_what_was_erased_meanwhile_is_shown_no_more_and_the_failure_is_on_record(agency: Agency) -> None:
    case = agency.case()
    agency.system.keys.destroy([case.id])
    with pytest.raises(Missing, match="held no more"):
        reveal(agency, under=case.id)
    assert last(agency)[:2] == ("chip.revealed", "failed")


def test_req_114_there_is_a_most_of_faces_seen_clear_in_a_day(agency: Agency) -> None:
    few = with_rules(agency, max_chips_revealed_a_day=2)
    reveal(few)
    reveal(few)
    assert rules_of(few, partial(reveal, few)) == ["day-limit"]


def test_req_144_one_sees_how_much_one_looked_at_today_and_nobody_else_does(agency: Agency) -> None:
    ready = agency.ready(1)
    shown = exposure.today(agency.system, agency["ines"])
    assert (shown.revealed, shown.looked_at) == (0, 0)
    for _ in range(3):
        reveal(agency, under=ready.case.id)
    shown = exposure.today(agency.system, agency["ines"])
    assert (shown.revealed, shown.shown, shown.break_due) == (3, 0, False)
    assert shown.by_event == (("chip.revealed", 3),)
    assert exposure.today(agency.system, agency["ivo"]).looked_at == 0


def test_req_144_a_break_is_proposed_after_so_many_without_a_pause_and_no_more_after_one(agency: Agency) -> None:
    few = with_rules(agency, break_after_reveals=3, min_break_minutes=10)
    for minutes in (0, 9, 9):
        agency.clock.pass_by(minutes=minutes)
        reveal(few)
    now = exposure.today(few.system, few["ines"])
    assert (now.in_one_go, now.break_due, now.break_minutes) == (3, True, 10)
    agency.clock.pass_by(minutes=9)
    assert exposure.today(few.system, few["ines"]).break_due
    agency.clock.pass_by(minutes=1)
    assert not exposure.today(few.system, few["ines"]).break_due
    reveal(few)
    now = exposure.today(few.system, few["ines"])
    assert (now.in_one_go, now.break_due) == (1, False)
    reveal(few)  # nothing is stopped by it
    reveal(few)
    assert exposure.today(few.system, few["ines"]).break_due


def test_req_144_whole_photographs_count_towards_a_break_as_faces_do(agency: Agency) -> None:
    few = with_rules(agency, break_after_reveals=3)
    case = few.case()
    exhibit, _ = exhibits.add_exhibit(
        few.system, few["ines"], draw(1), case_id=case.id, file="a.png", origin="synthetic", why="on the disk"
    )
    for number in (1, 2):
        why = f"somebody stands behind the child in picture {number}"
        frames.show_frame(few.system, few["ines"], exhibit_id=exhibit.id, reason=why)
    assert not exposure.today(few.system, few["ines"]).break_due
    reveal(few, under=case.id)
    now = exposure.today(few.system, few["ines"])
    assert (now.in_one_go, now.break_due) == (3, True)


def test_in_one_go_are_those_between_which_there_was_no_pause() -> None:
    assert in_one_go([], NOON, TEN) == 0
    times = [NOON - timedelta(minutes=minutes) for minutes in (1, 5, 14, 24, 25)]
    assert in_one_go(times, NOON, TEN) == 3
    assert in_one_go(times, NOON + timedelta(minutes=9), TEN) == 0


def look_at_one(agency: Agency, *names: str) -> None:
    for name in names:
        of = {"sven": "probe", "ines": "exhibit-face", "ivo": "exhibit-face"}.get(name, "pair")
        reveal(agency, name, of)


def signed_in_again(agency: Agency) -> Agency:
    """The day after: sessions have ended."""
    agency.clock.pass_by(hours=24)
    return replace(agency, officers={name: people.sign_in_as(agency.system, name=name) for name in agency.ids})


def test_req_144_a_supervisor_is_told_of_five_people_together_and_of_nobody_alone(agency: Agency) -> None:
    look_at_one(agency, "ines", "ivo", "rosa", "erik")
    tomorrow = signed_in_again(agency)
    assert exposure.of_group(tomorrow.system, tomorrow["sven"]) == ()
    look_at_one(tomorrow, "ines", "ines", "ivo", "rosa", "erik", "edda")
    assert exposure.of_group(tomorrow.system, tomorrow["sven"]) == ()  # the day is not over
    after = signed_in_again(tomorrow)
    [day] = exposure.of_group(after.system, after["sven"])
    midnight = (START + timedelta(days=1)).replace(hour=0)
    assert day == exposure.DayOfAll(at=midnight, people=5, revealed=6, shown=0)
    assert {one.name for one in fields(exposure.DayOfAll)} == {"at", "people", "revealed", "shown"}
    assert LEAST_PEOPLE == 5


@pytest.mark.parametrize("name", ["ines", "rosa", "pia", "aude", "ada", "stella"])
def test_req_144_nobody_but_a_supervisor_is_told_of_others(agency: Agency, name: str) -> None:
    with pytest.raises(Missing):
        exposure.of_group(agency.system, agency[name])


def test_every_event_that_shows_a_face_is_counted_in_the_day() -> None:
    assert {*REVEALS, *SHOWINGS} <= set(DAY_LIMITS)
    assert {event for event in DAY_LIMITS if event.endswith((".shown", ".revealed", "_shown"))} <= {*REVEALS, *SHOWINGS}
