"""How far the numbers of a pack may go, and what it wants a request to name."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from beholden.policy.packs import read, shipped
from beholden.records.rules import FURTHEST, RETENTION_DAYS, Rules, furthest, loosened, more_is_tighter, rules_of
from tests.contracts.test_packs import edit

NUMBERS = [one.name for one in fields(Rules) if one.name != "retention_days"]


@pytest.mark.parametrize("name", NUMBERS)
def test_req_19_no_number_of_a_pack_is_looser_than_its_limit(name: str) -> None:
    """Every number has one: the default, unless `FURTHEST` says how much further a pack may go."""
    limit = furthest(name)
    assert loosened({name: int(limit)} if limit == int(limit) else {}) == ()
    beyond = int(limit) - 1 if more_is_tighter(name) else int(limit) + 1
    if more_is_tighter(name) and limit != int(limit):
        beyond = int(limit)
    [told] = loosened({name: beyond})
    assert f"the pack loosens {name!r}: {beyond}" in told
    with pytest.raises(ValueError, match=f"the pack loosens '{name}'"):
        rules_of({name: beyond})


def test_every_wider_limit_is_of_a_number_and_no_default_is_beyond_its_limit() -> None:
    assert set(FURTHEST) <= set(NUMBERS)
    for name in NUMBERS:
        default, limit = getattr(Rules(), name), furthest(name)
        assert default >= limit if more_is_tighter(name) else default <= limit


def test_all_numbers_that_are_wrong_are_told_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"sets 'luck'.*loosens 'max_leads': 9, where at most 2.*'notice_days': 1, where at least 14"
    ):
        rules_of({"max_leads": 9, "luck": 1, "notice_days": 1})
    for name in ("luck", "retention_days"):
        with pytest.raises(KeyError):
            furthest(name)


def test_a_pack_keeps_a_class_longer_and_leaves_the_others_as_they_are() -> None:
    terms = rules_of({}, {"log": 1095}).retention_days
    assert terms["log"] == (1095, RETENTION_DAYS["log"][1])
    assert {**terms, "log": RETENTION_DAYS["log"]} == RETENTION_DAYS
    assert rules_of({}) == Rules()


def test_what_a_request_must_name_hangs_on_the_purpose_and_on_who_is_sought(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped("ca-2020"), tmp_path / "ca-2020"))
    edit(
        folder / "pack.toml",
        "[numbers]",
        "[required_fields]\nimminent-threat = ['offence']\n'imminent-threat/other' = ['external_ref', 'offence']\n[numbers]",
    )
    pack = read(folder).pack
    assert pack.required_of("imminent-threat", "victim") == ("offence",)
    assert pack.required_of("imminent-threat", "other") == ("offence", "external_ref")
    assert pack.required_of("victim-id-cse", "victim") == ()
    assert pack.after_refusal == "sequester"
