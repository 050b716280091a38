"""The packet and the opinion of a travelling examination are read in one form alone, and anything else is turned away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from beholden.errors import Untrusted
from beholden.formats import travel
from beholden.records.audit import canonical
from beholden.records.examination import COMPONENTS, Description, Side
from beholden.records.travel import BLIND, OutsideOpinion, Packet
from beholden.testing.sealed_log import Signer

OLGA = Signer("olga.example")
AT = datetime(2026, 11, 22, 20, 41, tzinfo=UTC)
PACKET = Packet("example.org/log", "a1" * 32, AT, "eight years lie between them", (b"\xff\xd8\xff1",), b"\xff\xd8\xff2")
OPINION = OutsideOpinion(
    "example.org/log",
    "a1" * 32,
    "0" * 64,
    tuple((name, "similar") for name in COMPONENTS),
    "one is blurred",
    -2,
    AT,
    tuple(Description(side, True, COMPONENTS, "sharp") for side in Side),
)


def signed(given: OutsideOpinion = OPINION) -> bytes:
    return travel.write_opinion(given, OLGA.name, OLGA.public, OLGA.sign)


def altered(**changes: Any) -> bytes:
    """An opinion with other fields, signed by the right key."""
    told = json.loads(signed().decode().split("\n")[1]) | changes
    return OLGA.note(f"{travel.OPINION}\n{canonical({k: v for k, v in told.items() if v is not None}).decode()}\n")


def test_a_packet_and_an_opinion_are_read_as_they_were_written() -> None:
    assert travel.read_packet(travel.write_packet(PACKET)) == PACKET
    assert travel.read_opinion(signed(), OLGA.vkey) == OPINION
    assert travel.nonce_of(signed()) == OPINION.nonce
    assert BLIND in signed().decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "beholden/examination/v3"},
        {"score": 1},
        {"origin": 1},
        {"nonce": "a1"},
        {"due_at": "2026-11-22"},
        {"due_at": "2026-11-22T20:41:00+00:00"},
        {"probes": []},
        {"probes": ["AAAA"]},
        {"probes": 1},
        {"reference": "not base64"},
    ],
)
def test_what_is_no_packet_is_turned_away(changes: dict[str, object]) -> None:
    told = json.loads(travel.write_packet(PACKET)) | changes
    with pytest.raises(Untrusted, match="no packet of an examination"):
        travel.read_packet(json.dumps(told).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_no_packet(content: bytes) -> None:
    with pytest.raises(Untrusted):
        travel.read_packet(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"statement": "I looked"},
        {"nonce": "A1" * 32},
        {"opinion": True},
        {"opinion": "3"},
        {"components": ["nose"]},
        {"limitations": 1},
        {"answered_at": "yesterday"},
        {"answered_at": "2026-11-22T20:41:00"},
        {"name": "Olga"},
        {"origin": None},
        {"described": None},
        {"described": {"left": {}}},
        {"described": ["probe"]},
        {"described": {"probe": {"suitable": 1, "seen": [], "words": ""}}},
        {"described": {"probe": {"suitable": True, "seen": "nose", "words": ""}}},
        {"described": {"probe": {"suitable": True, "seen": []}}},
    ],
)
def test_a_signed_note_that_is_no_opinion_is_turned_away(changes: dict[str, object]) -> None:
    with pytest.raises(Untrusted, match="no opinion"):
        travel.read_opinion(altered(**changes), OLGA.vkey)


def test_an_opinion_has_one_form_one_header_and_a_length() -> None:
    told = json.loads(signed().decode().split("\n")[1])
    for text in (f"{travel.OPINION}\n{json.dumps(told)}\n", f"beholden/order/v1\n{canonical(told).decode()}\n"):
        with pytest.raises(Untrusted, match="no opinion"):
            travel.read_opinion(OLGA.note(text), OLGA.vkey)
    with pytest.raises(Untrusted, match="at most 12,000 bytes"):
        travel.nonce_of(b"x" * 12_001)


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"opinion": 4}, "opinion"),
        ({"components": OPINION.components[1:]}, "face-shape"),
        ({"components": (*OPINION.components, ("beard", "similar"))}, "no such component: beard"),
        ({"limitations": "x" * 1001}, "limitations of at most"),
        ({"limitations": "two\nlines"}, "limitations of at most"),
        ({"described": OPINION.described[:1]}, "description of the reference"),
        ({"described": ()}, "description of the probe"),
        (
            {"described": (Description(Side.PROBE, False, (), "too dark to see"), OPINION.described[1])},
            "the photographs cannot be compared",
        ),
        ({"described": (Description(Side.PROBE, True, (), ""), OPINION.described[1])}, "probe: a component"),
        ({"described": (replace(OPINION.described[0], words="x" * 501), OPINION.described[1])}, "500 characters"),
        ({"described": (replace(OPINION.described[0], seen=COMPONENTS[1:]), OPINION.described[1])}, "face-shape: not"),
    ],
)
def test_an_opinion_that_lacks_something_is_not_signed(changes: dict[str, Any], lacks: str) -> None:
    with pytest.raises(ValueError, match=lacks):
        signed(replace(OPINION, **changes))


def test_an_incomplete_opinion_that_somebody_signed_all_the_same_is_read_and_named_incomplete() -> None:
    note = altered(components={"beard": "similar", "nose": "similar"}, opinion=4)
    given = travel.read_opinion(note, OLGA.vkey)
    assert given.components == (("nose", "similar"), ("beard", "similar"))
    assert {"opinion", "eyes", "no such component: beard"} <= set(travel.wrong_in_opinion(given))


def test_the_longest_opinion_that_can_be_signed_can_be_read() -> None:
    longest = replace(
        OPINION,
        limitations="\U0001f600" * 1000,
        components=tuple((name, "different-unexplained") for name in COMPONENTS),
        described=tuple(replace(one, words="\U0001f600" * 500) for one in OPINION.described),
    )
    assert travel.read_opinion(signed(longest), OLGA.vkey) == longest


def test_req_37_the_first_edition_is_read_still_and_answers_no_packet_of_the_second() -> None:
    told = json.loads(travel.write_packet(PACKET)) | {"format": "beholden/examination/v1"}
    assert travel.read_packet(canonical(told)) == replace(PACKET, edition=1)
    first = replace(OPINION, described=(), edition=1)
    note = signed(first)
    assert note.startswith(b"beholden/opinion/v1\n") and b"described" not in note
    given = travel.read_opinion(note, OLGA.vkey)
    assert given == first
    assert travel.wrong_in_opinion(given, 1) == ()
    assert travel.wrong_in_opinion(given, 2) == ("description of the probe", "description of the reference")
