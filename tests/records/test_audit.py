"""An entry's leaf and its commitments: one form only, no floats, nothing of a person."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from beholden.records import audit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
AT = datetime(2026, 11, 22, 20, 41, 0, 123_000, tzinfo=UTC)


@given(VALUES)
def test_the_canonical_form_is_that_of_rfc_8785(value: object) -> None:
    assert audit.canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.0, [0.5], {"a": float("nan")}, {"a": [{"b": 1e300}]}, b"bytes", {1, 2}])
def test_what_has_more_than_one_form_has_no_place_in_the_log(value: object) -> None:
    with pytest.raises(TypeError, match="has no place in the log"):
        audit.canonical(value)


def test_a_tuple_is_written_as_a_list() -> None:
    assert audit.canonical(("b", ("a", 1))) == b'["b",["a",1]]'


def test_a_commitment_is_the_digest_of_salt_and_value() -> None:
    salt = bytes(range(32))
    assert audit.commit(salt, "x") == hashlib.sha256(salt + b'"x"').hexdigest()
    assert audit.commit(salt, "x") != audit.commit(bytes(32), "x")
    assert audit.commit(salt, 1) != audit.commit(salt, "1")
    assert audit.commit(salt, True) != audit.commit(salt, 1)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (AT, "2026-11-22T20:41:00.123Z"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
        (AT.astimezone(timezone(timedelta(hours=-5))), "2026-11-22T20:41:00.123Z"),
        (AT.replace(microsecond=999_999), "2026-11-22T20:41:00.999Z"),
    ],
)
def test_a_time_is_written_in_utc_to_the_millisecond(at: datetime, words: str) -> None:
    assert audit.instant(at) == words


def leaf(items: int = 1, rules: tuple[str, ...] = ()) -> bytes:
    return audit.leaf(
        n=7,
        at=AT,
        event="search.started",
        operation=audit.OPERATIONS["search.started"],
        role="investigator",
        purpose="victim-id-cse",
        outcome="refused",
        rules=rules,
        items=[audit.Commitment("case", "0" * 64)] * items,
    )


def test_a_leaf_says_what_was_done_and_commits_to_the_rest() -> None:
    assert json.loads(leaf(rules=("a-search-is-left",))) == {
        "n": 7,
        "at": "2026-11-22T20:41:00.123Z",
        "event": "search.started",
        "operation": "combination",
        "role": "investigator",
        "purpose": "victim-id-cse",
        "outcome": "refused",
        "rules": ["a-search-is-left"],
        "items": [{"name": "case", "commitment": "0" * 64}],
    }


def test_a_leaf_that_the_log_cannot_hold_is_not_made() -> None:
    assert len(leaf(400)) <= audit.MAX_LEAF_BYTES
    with pytest.raises(ValueError, match="tell it in several entries"):
        leaf(700)


def test_req_92_every_event_is_noun_dot_verb_and_has_one_of_the_operations() -> None:
    operations = {
        "collection",
        "alteration",
        "consultation",
        "disclosure",
        "combination",
        "erasure",
        "administration",
        "authorisation",
    }
    assert set(audit.OPERATIONS.values()) == operations
    for event in audit.OPERATIONS:
        noun, verb = event.split(".")
        assert noun.replace("_", "").isalpha()
        assert verb.replace("_", "").isalpha()
