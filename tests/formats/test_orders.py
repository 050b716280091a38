"""The text of an order: one canonical form, and everything that is wrong is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beholden.errors import Untrusted
from beholden.formats.notes import sign_note, vkey
from beholden.formats.orders import ORDER, read_order, write_order
from beholden.records.audit import canonical
from beholden.records.orders import Ordered, OrderKind, wrong_in
from tests.oversight_body import signer

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STOP = Ordered("beholden/synthetic/memory", 7, OrderKind.STOP, ("system",), AT, None, "under inquiry: « abc »\nline")


def test_an_order_is_read_as_it_was_written() -> None:
    body = signer()
    key = vkey(body.name, body.public)
    for one in (
        STOP,
        replace(STOP, kind=OrderKind.GO_ON, scope=("person:Zoë B.", "person:x"), until=AT + timedelta(days=7)),
        replace(STOP, kind=OrderKind.DESTROY, scope=("sequestration:ab12",)),
        replace(STOP, kind=OrderKind.LIFT, scope=("person:a", "person:b")),
        replace(STOP, scope=("purpose:victim-id-cse",), until=AT + timedelta(seconds=1)),
    ):
        assert read_order(write_order(one, body.name, body.public, body.sign), key) == one


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": 0}, "number"),
        ({"number": 2**53}, "number"),
        ({"reason": "  short  "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"scope": ()}, "nothing is no scope"),
        ({"scope": ("system", "purpose:a")}, "no scope"),
        ({"scope": ("everything",)}, "no scope"),
        ({"scope": ("person:a",)}, "no scope"),
        ({"kind": OrderKind.GO_ON, "until": AT + timedelta(days=1)}, "no scope"),
        ({"kind": OrderKind.DESTROY}, "no scope"),
        ({"kind": OrderKind.DESTROY, "scope": ("sequestration:a",), "until": AT + timedelta(days=1)}, "has no end"),
        ({"kind": OrderKind.LIFT, "until": AT + timedelta(days=1)}, "has no end"),
        ({"kind": OrderKind.GO_ON, "scope": ("person:a",)}, "within 7 days"),
        ({"kind": OrderKind.GO_ON, "scope": ("person:a",), "until": AT + timedelta(days=8)}, "within 7 days"),
        ({"kind": OrderKind.GO_ON, "scope": ("person:a",) * 21, "until": AT + timedelta(days=1)}, "no scope"),
        ({"until": AT}, "ends before"),
    ],
)
def test_what_is_wrong_in_an_order_is_said_before_it_is_signed(changes: dict[str, object], words: str) -> None:
    wrong = replace(STOP, **changes)  # type: ignore[arg-type]
    assert words in "; ".join(wrong_in(wrong))
    body = signer()
    with pytest.raises(ValueError, match=words):
        write_order(wrong, body.name, body.public, body.sign)


def test_a_long_order_is_not_written_and_not_read() -> None:
    body = signer()
    with pytest.raises(ValueError, match="more than the 4,000"):
        write_order(replace(STOP, reason="\u0001" * 1000), body.name, body.public, body.sign)
    with pytest.raises(Untrusted, match="at most 4,000"):
        read_order(b"x" * 4001, vkey(body.name, body.public))


CONTENT: dict[str, object] = {
    "origin": "o/p/q",
    "number": 1,
    "kind": "stop",
    "scope": ["system"],
    "given_at": "2026-11-22T09:00:00.000Z",
    "until": None,
    "reason": "long enough a reason",
}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        "[]",
        "{",
        json.dumps(CONTENT),
        *(
            canonical({**CONTENT, **changes}).decode()
            for changes in (
                {"more": "x"},
                {"number": "1"},
                {"number": True},
                {"kind": "stopp"},
                {"scope": "system"},
                {"scope": [1]},
                {"scope": None},
                {"given_at": "2026-11-22"},
                {"given_at": "2026-11-22T09:00:00"},
                {"given_at": "soon"},
                {"until": 7},
                {"reason": None},
                {"reason": "short"},
            )
        ),
        canonical({name: CONTENT[name] for name in CONTENT if name != "until"}).decode(),
    ],
)
def test_a_signed_text_that_is_no_order_is_not_taken_for_one(line: str) -> None:
    body = signer()
    key = vkey(body.name, body.public)
    note = sign_note(f"{ORDER}\n{line}\n", body.name, body.public, body.sign)
    with pytest.raises(Untrusted, match="is no order"):
        read_order(note, key)


def test_the_good_text_is_one_and_under_another_head_it_is_none() -> None:
    body = signer()
    key = vkey(body.name, body.public)
    line = canonical(CONTENT).decode()
    assert read_order(sign_note(f"{ORDER}\n{line}\n", body.name, body.public, body.sign), key).number == 1
    with pytest.raises(Untrusted, match="begins with"):
        read_order(sign_note(f"beholden/pack/v1\n{line}\n", body.name, body.public, body.sign), key)
