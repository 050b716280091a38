"""The text of an order of the oversight body, `beholden/order/v1`: one line of canonical JSON in a signed note."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from beholden.errors import Untrusted
from beholden.formats import notes
from beholden.records.audit import canonical, instant
from beholden.records.orders import Ordered, OrderKind, wrong_in

ORDER = "beholden/order/v1"
MOST_BYTES = 4000  # of the whole note: an entry of the log says it in one value
FIELDS = ("origin", "number", "kind", "scope", "given_at", "until", "reason")


def write_order(ordered: Ordered, name: str, public: bytes, sign: notes.Sign) -> bytes:
    """The signed note. Raises ValueError, with everything that is wrong, for an order that no system would carry out."""
    if wrong := wrong_in(ordered):
        raise ValueError("; ".join(wrong))
    content = {
        "origin": ordered.origin,
        "number": ordered.number,
        "kind": str(ordered.kind),
        "scope": list(ordered.scope),
        "given_at": instant(ordered.given_at),
        "until": None if ordered.until is None else instant(ordered.until),
        "reason": ordered.reason,
    }
    note = notes.sign_note(f"{ORDER}\n{canonical(content).decode()}\n", name, public, sign)
    if len(note) > MOST_BYTES:
        raise ValueError(f"the order has {len(note):,} bytes, more than the {MOST_BYTES:,} that are taken")
    return note


def read_order(note: bytes, vkey: str) -> Ordered:
    """The order in a note that this key signed. Raises `Untrusted` for any other, and for one that is none."""
    if len(note) > MOST_BYTES:
        raise Untrusted(f"an order has at most {MOST_BYTES:,} bytes, and this has {len(note):,}: check what you gave")
    return ordered_of(notes.open_note(note, [vkey])[0])


def ordered_of(text: str) -> Ordered:
    """The order that the text of a note tells. Raises `Untrusted`."""
    header, _, line = text.partition("\n")
    try:
        if header != ORDER:
            raise ValueError(f"it begins with {header!r}")
        content = json.loads(line)
        if not isinstance(content, dict) or set(content) != set(FIELDS):
            raise ValueError(f"it does not have exactly the fields {', '.join(FIELDS)}")
        if canonical(content).decode() + "\n" != line:  # one text has one meaning, for every reader
            raise ValueError("it is not written in the one canonical form")
        strings = [content[name] for name in ("origin", "kind", "given_at", "reason")]
        if not all(isinstance(one, str) for one in [*strings, *content["scope"]]) or type(content["number"]) is not int:
            raise ValueError("a field is of another type than it must be")
        ordered = Ordered(
            origin=content["origin"],
            number=content["number"],
            kind=OrderKind(content["kind"]),
            scope=tuple(content["scope"]),
            given_at=_time(content["given_at"]),
            until=None if content["until"] is None else _time(content["until"]),
            reason=content["reason"],
        )
        if wrong := wrong_in(ordered):
            raise ValueError("; ".join(wrong))
    except (ValueError, TypeError, AttributeError, RecursionError) as wrong_text:
        raise Untrusted(f"the note is no order ({wrong_text}): check what file you gave") from wrong_text
    return ordered


def _time(told: str) -> datetime:
    at = datetime.fromisoformat(told)
    if at.tzinfo is None or instant(at) != told:
        raise ValueError(f"{told!r} is not written as a time is here")
    return at.astimezone(UTC)
