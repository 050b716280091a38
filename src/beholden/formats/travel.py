"""The packet of a travelling examination, `beholden/examination/v2`, and the signed opinion on it, `beholden/opinion/v2`.

Those of the first edition, which asked for no description of each side alone, are read too: one may be out still. The packet is
canonical JSON with the JPEG chips in base64; it travels as the content of an age file. The opinion is one line of canonical JSON
in a signed note.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from beholden.errors import Untrusted
from beholden.formats import notes
from beholden.records.audit import canonical, instant
from beholden.records.examination import (
    COMPONENTS,
    Description,
    Observation,
    Opinion,
    Side,
    missing,
    undescribed,
    wrong_in,
)
from beholden.records.travel import BLIND, MOST_DESCRIPTION, MOST_LIMITATIONS, TASK, OutsideOpinion, Packet

PACKET = "beholden/examination/v2"
OPINION = "beholden/opinion/v2"
PACKETS = {"beholden/examination/v1": 1, PACKET: 2}  # name of the format → edition
OPINIONS = {"beholden/opinion/v1": 1, OPINION: 2}
MOST_NOTE = 12_000  # bytes of a signed opinion: its longest texts in any script, and no more
PACKET_FIELDS = (
    "format",
    "origin",
    "nonce",
    "due_at",
    "task",
    "scale",
    "components",
    "observations",
    "cautions",
    "probes",
    "reference",
)
OPINION_FIELDS = (
    "origin",
    "nonce",
    "packet_sha256",
    "statement",
    "components",
    "limitations",
    "opinion",
    "answered_at",
)
DESCRIPTION_FIELDS = ("suitable", "seen", "words")

_NONCE = re.compile(r"[0-9a-f]{64}")
_JPEG = b"\xff\xd8\xff"


def write_packet(packet: Packet) -> bytes:
    """The content of the age file, of the newest edition. Who has it knows the pair, the task, and where the opinion goes."""
    return canonical(
        {
            "format": PACKET,
            "origin": packet.origin,
            "nonce": packet.nonce,
            "due_at": instant(packet.due_at),
            "task": TASK,
            "scale": [{"step": int(one), "words": one.words} for one in Opinion],
            "components": list(COMPONENTS),
            "observations": [str(one) for one in Observation],
            "cautions": packet.cautions,
            "probes": [base64.b64encode(one).decode() for one in packet.probes],
            "reference": base64.b64encode(packet.reference).decode(),
        }
    )


def digest_of(packet: bytes) -> str:
    """SHA-256 of a packet's content, in hex: by it an opinion says which photographs it is about."""
    return hashlib.sha256(packet).hexdigest()


def read_packet(content: bytes) -> Packet:
    """What `write_packet` wrote. Raises `Untrusted` for anything else."""
    try:
        told = _exactly(json.loads(content), PACKET_FIELDS)
        if told["format"] not in PACKETS:
            raise ValueError(f"it is of the format {told['format']!r}")
        _strings(told, "origin", "nonce", "due_at", "cautions", "reference")
        chips = [base64.b64decode(one, validate=True) for one in (*told["probes"], told["reference"])]
        if len(chips) < 2 or not all(one.startswith(_JPEG) for one in chips):
            raise ValueError("it has not a sought and a reference that are JPEG")
        return Packet(
            origin=told["origin"],
            nonce=_nonce(told),
            due_at=_time(told["due_at"]),
            cautions=told["cautions"],
            probes=tuple(chips[:-1]),
            reference=chips[-1],
            edition=PACKETS[told["format"]],
        )
    except (ValueError, TypeError, RecursionError) as wrong:
        raise Untrusted(f"this is no packet of an examination ({wrong}): ask for it again") from wrong


def write_opinion(given: OutsideOpinion, name: str, public: bytes, sign: notes.Sign) -> bytes:
    """The signed note. Raises ValueError, with everything that it lacks, for an opinion that no system would take."""
    if lacks := wrong_in_opinion(given):
        raise ValueError("; ".join(lacks))
    content: dict[str, Any] = {
        "origin": given.origin,
        "nonce": given.nonce,
        "packet_sha256": given.packet_sha256,
        "statement": BLIND,
        "components": dict(given.components),
        "limitations": given.limitations,
        "opinion": given.opinion,
        "answered_at": instant(given.answered_at),
    }
    if given.edition > 1:
        content["described"] = {
            str(one.of): {"suitable": one.suitable, "seen": list(one.seen), "words": one.words}
            for one in given.described
        }
    header = next(name for name, edition in OPINIONS.items() if edition == given.edition)
    return notes.sign_note(f"{header}\n{canonical(content).decode()}\n", name, public, sign)


def wrong_in_opinion(given: OutsideOpinion, edition: int = 1) -> tuple[str, ...]:
    """What it lacks, by the same list as an opinion that is locked here, as an answer to a packet of this edition."""
    lacks = missing(given.components, given.opinion, given.described)
    if max(given.edition, edition) > 1:
        lacks += undescribed(given.described)
    for one in given.described:
        lacks += tuple(f"{one.of}: {lack}" for lack in wrong_in(one))
        if len(one.words) > MOST_DESCRIPTION or any(letter < " " for letter in one.words):
            lacks += (f"{one.of}: words of at most {MOST_DESCRIPTION} characters, in one line",)
    if len(given.limitations) > MOST_LIMITATIONS or any(one < " " for one in given.limitations):
        lacks += (f"limitations of at most {MOST_LIMITATIONS:,} characters, in one line",)
    return lacks


def read_opinion(note: bytes, vkey: str) -> OutsideOpinion:
    """The opinion in a note that this key signed. Raises `Untrusted` for any other, and for one that is none."""
    _check_length(note)
    return _opinion_of(notes.open_note(note, [vkey])[0])


def nonce_of(note: bytes) -> str:
    """The packet that a note says it answers; nothing of it is believed yet. Raises `Untrusted` for what is no opinion."""
    _check_length(note)
    return _opinion_of(notes.text_of(note)).nonce


def _check_length(note: bytes) -> None:
    if len(note) > MOST_NOTE:
        raise Untrusted(f"an opinion has at most {MOST_NOTE:,} bytes, and this has {len(note):,}: check what you gave")


def _opinion_of(text: str) -> OutsideOpinion:
    header, _, line = text.partition("\n")
    try:
        if header not in OPINIONS:
            raise ValueError(f"it begins with {header!r}")
        edition = OPINIONS[header]
        told = _exactly(json.loads(line), OPINION_FIELDS if edition == 1 else (*OPINION_FIELDS, "described"))
        if canonical(told).decode() + "\n" != line:  # one text has one meaning, for every reader
            raise ValueError("it is not written in the one canonical form")
        _strings(told, "origin", "nonce", "packet_sha256", "statement", "limitations", "answered_at")
        if told["statement"] != BLIND:
            raise ValueError("it does not say that it was given blind, in the words for that")
        if type(told["opinion"]) is not int or not isinstance(told["components"], dict):
            raise ValueError("a field is of another type than it must be")
        given = OutsideOpinion(
            origin=told["origin"],
            nonce=_nonce(told),
            packet_sha256=told["packet_sha256"],
            components=_in_order(told["components"]),
            limitations=told["limitations"],
            opinion=told["opinion"],
            answered_at=_time(told["answered_at"]),
            described=_described(told["described"]) if edition > 1 else (),
            edition=edition,
        )
    except (ValueError, TypeError, RecursionError) as wrong:
        raise Untrusted(f"the note is no opinion ({wrong}): check what file you gave") from wrong
    return given


def _exactly(told: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(told, dict) or set(told) != set(fields):
        raise ValueError(f"it does not have exactly the fields {', '.join(fields)}")
    return told


def _described(told: Any) -> tuple[Description, ...]:
    """In the order of the sides, whichever of them are there: what is missing, `wrong_in_opinion` says."""
    if not isinstance(told, dict) or not set(told) <= set(Side):
        raise ValueError("it describes other sides than the probe and the reference")
    described = []
    for side in Side:
        if side in told:
            one = _exactly(told[side], DESCRIPTION_FIELDS)
            _strings(one, "words")
            if type(one["suitable"]) is not bool or not isinstance(one["seen"], list):
                raise ValueError("a field is of another type than it must be")
            described.append(Description(side, one["suitable"], tuple(map(str, one["seen"])), one["words"]))
    return tuple(described)


def _in_order(components: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """From the top of the face down, as opinions here have them; what is no component comes last."""
    names = sorted(components, key=lambda name: COMPONENTS.index(name) if name in COMPONENTS else len(COMPONENTS))
    return tuple((name, str(components[name])) for name in names)


def _strings(told: dict[str, Any], *names: str) -> None:
    if not all(isinstance(told[name], str) for name in names):
        raise ValueError("a field is of another type than it must be")


def _nonce(told: dict[str, Any]) -> str:
    nonce = str(told["nonce"])
    if not _NONCE.fullmatch(nonce):
        raise ValueError("its nonce has not 64 hexadecimal digits")
    return nonce


def _time(told: str) -> datetime:
    at = datetime.fromisoformat(told)
    if at.tzinfo is None or instant(at) != told:
        raise ValueError(f"{told!r} is not written as a time is here")
    return at.astimezone(UTC)
