"""Reasons for which an auditor is given a picture: what counts of them, and when two are one."""

from __future__ import annotations

import pytest

from beholden.records.reveals import is_same_reason, length_of_reason

WHY = "the list is said to show another one"
UNSEEN = [
    "\u200b",
    "\u00ad",
    "\u2060",
    "\u3164",
    "\uffa0",
    "\u115f",
    "\u2800",
    "\u034f",
    "\ufe0f",
    "\u180e",
    "\u00a0",
    "\t",
]


@pytest.mark.parametrize("unseen", [*UNSEEN, ".", "\u0301", "\ud800"])
def test_what_is_no_letter_and_no_digit_makes_no_reason_longer_and_none_another(unseen: str) -> None:
    assert length_of_reason(unseen * 50) == 0
    assert length_of_reason(f"ab{unseen}1") == 3
    assert is_same_reason(WHY.replace("s", f"s{unseen}"), WHY)
    assert is_same_reason(unseen + WHY, WHY + unseen)


@pytest.mark.parametrize(
    ("one", "other"), [("STRASSE 5", "straße 5"), ("été", "E\u0301te\u0301"), ("Ｆａｃｅ ２", "face 2"), ("a b", "ab")]
)
def test_case_width_and_accents_make_no_other_reason(one: str, other: str) -> None:
    assert is_same_reason(one, other)


@pytest.mark.parametrize(("one", "other"), [("", ""), ("...", "\u200b"), ("face 1", "face 2"), (WHY, "")])
def test_other_letters_are_another_reason_and_none_is_as_none(one: str, other: str) -> None:
    assert not is_same_reason(one, other)
