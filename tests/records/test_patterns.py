"""Weighing uses: what is usual counts little, what is rare counts much, and no more are flagged than can be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from beholden.records.patterns import BUDGET, LEAST_BITS, Doing, Sign, Use, flagged, weigh

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = MONDAY + timedelta(days=90)


def use(number: int, **told: object) -> Use:
    """An ordinary one: by one of four, in one of twenty cases, of a photograph of its case's evidence, on a workday."""
    plain = Use(
        id=f"use {number:04}",
        at=MONDAY + timedelta(days=7 * (number % 8), hours=number % 5),
        by=f"officer {number % 4}",
        case_id=f"case {number // 2 % 20}",
        sought_id=f"sought {number // 2}",
        requested_by=f"officer {number % 4}",
        approved_by=f"supervisor {number % 3}",
        decided_within=timedelta(hours=3),
        photographs=(f"photograph {number // 2}",),
        unmanifested=False,
        added_alone=False,
        disclosed=number % 3 == 0,
        overridden=False,
        planted=False,
    )
    return replace(plain, **told)


def signs(uses: list[Use], which: str, *doings: Doing) -> set[Sign]:
    [found] = [one for one in weigh(uses, doings, LATER) if one.use.id == which]
    return {sign for sign, _ in found.signs}


def many(count: int = 400) -> list[Use]:
    return [use(number) for number in range(count)]


def test_of_a_few_uses_nothing_is_unusual_yet() -> None:
    assert weigh(many(29), [], LATER) == []
    assert len(weigh(many(30), [], LATER)) == 30


def test_each_sign_is_seen_where_it_is_and_nowhere_else() -> None:
    odd = {
        Sign.UNMANIFESTED: {"unmanifested": True},
        Sign.ADDED_ALONE: {"added_alone": True},
        Sign.LOW_QUALITY: {"overridden": True},
        Sign.PLANTED: {"planted": True},
        Sign.HASTY_APPROVAL: {"decided_within": timedelta(seconds=30)},
        Sign.UNUSUAL_HOUR: {"at": MONDAY + timedelta(days=5, hours=13)},
        Sign.OTHER_CASE: {"photographs": ("photograph 1",)},
        Sign.ONCE: {"sought_id": "one alone"},
    }
    plain = signs(many(), "use 0200")
    for sign, told in odd.items():
        uses = many()
        uses[200] = replace(uses[200], **told)
        assert sign not in plain
        assert sign in signs(uses, "use 0200"), sign


def test_a_sought_of_whom_a_lead_left_in_any_use_led_somewhere_and_a_recent_one_still_may() -> None:
    uses = [replace(one, disclosed=one.sought_id not in ("sought 100", "sought 150")) for one in many()]
    assert Sign.LED_NOWHERE in signs(uses, "use 0201")
    uses[200] = replace(uses[200], disclosed=True)  # of the same sought as 201
    assert Sign.LED_NOWHERE in signs(uses, "use 0300")
    assert Sign.LED_NOWHERE not in signs(uses, "use 0201")
    uses[300] = replace(uses[300], at=LATER - timedelta(days=13))
    assert Sign.LED_NOWHERE not in signs(uses, "use 0300")


def test_who_approves_one_person_far_more_than_others_do_is_a_usual_pair() -> None:
    uses = [replace(one, approved_by=f"supervisor {one.id[-1]}") for one in many()]
    assert not any(Sign.USUAL_PAIR in signs(uses, one.id) for one in uses[::40])
    for number in range(0, 200, 4):
        uses[number] = replace(uses[number], approved_by="supervisor 9")
    assert Sign.USUAL_PAIR in signs(uses, "use 0100")
    assert Sign.USUAL_PAIR not in signs(uses, "use 0101")


def test_a_case_with_far_more_people_sought_and_a_day_with_far_more_uses_are_seen() -> None:
    uses = many()
    for number in range(40):
        uses[number] = replace(uses[number], case_id="case of many", sought_id=f"another {number}")
    assert Sign.MANY_SOUGHT in signs(uses, "use 0007")
    assert Sign.MANY_SOUGHT not in signs(uses, "use 0300")
    uses = [replace(one, at=one.at + timedelta(days=int(one.id[-4:]) % 50)) for one in many()]
    for number in range(0, 60, 4):
        uses[number] = replace(uses[number], at=MONDAY + timedelta(days=3), by="officer 0")
    assert Sign.BUSY_DAY in signs(uses, "use 0008")
    assert Sign.BUSY_DAY not in signs(uses, "use 0301")


def test_a_case_in_which_colleagues_do_something_around_it_is_no_lonely_one() -> None:
    uses = many()
    uses[200] = replace(uses[200], case_id="old case")
    assert Sign.ALONE_IN_CASE in signs(uses, "use 0200", Doing("old case", uses[200].by, uses[200].at))
    assert Sign.ALONE_IN_CASE in signs(
        uses, "use 0200", Doing("old case", "officer 1", uses[200].at - timedelta(days=11))
    )
    assert Sign.ALONE_IN_CASE not in signs(
        uses, "use 0200", Doing("old case", "officer 1", uses[200].at - timedelta(days=9))
    )


def test_a_person_with_far_more_uses_of_the_kind_that_looks_up_for_oneself_is_out_of_line() -> None:
    uses = many()
    for number in range(0, 36, 4):
        uses[number] = replace(uses[number], unmanifested=True, disclosed=False, sought_id=f"alone {number}")
    assert Sign.OUT_OF_LINE in signs(uses, "use 0008")
    spread = many()
    for number in range(0, 9 * 41, 41):  # as many, by all four
        spread[number] = replace(spread[number], unmanifested=True, disclosed=False, sought_id=f"alone {number}")
    strongest = {sign: bits for one in weigh(spread, [], LATER) for sign, bits in one.signs if sign is Sign.OUT_OF_LINE}
    assert strongest.get(Sign.OUT_OF_LINE, 0) < 3


def test_no_more_than_one_in_a_hundred_is_flagged_and_none_of_a_month_like_every_other() -> None:
    assert flagged(weigh(many(), [], LATER)) == [] or all(
        one.bits >= LEAST_BITS for one in flagged(weigh(many(), [], LATER))
    )
    uses = [
        replace(one, unmanifested=True, added_alone=True, overridden=True, decided_within=timedelta(seconds=1))
        if int(one.id[-4:]) % 20 == 0
        else one
        for one in many()
    ]
    assert len(flagged(weigh(uses, [], LATER))) == BUDGET * len(uses)


def test_a_planted_reference_is_always_flagged_and_beyond_the_budget_too() -> None:
    uses = [replace(one, planted=int(one.id[-4:]) % 50 == 1) for one in many()]
    found = flagged(weigh(uses, [], LATER))
    assert {one.use.id for one in found} >= {one.id for one in uses if one.planted}
    assert sum(one.planted for one in uses) > BUDGET * len(uses)


def test_the_order_is_the_same_whatever_the_order_they_come_in() -> None:
    uses = many()
    uses[5] = replace(uses[5], unmanifested=True)
    assert [one.use.id for one in weigh(uses, [], LATER)] == [one.use.id for one in weigh(uses[::-1], [], LATER)]
