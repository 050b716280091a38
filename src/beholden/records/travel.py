"""An examination that travels: one pair, sent to an examiner of another agency, who signs an opinion with a key known before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.examination import Description, Part
from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Written

EDITION = 2  # of what leaves and comes back; the first asked for no descriptions
MOST_LIMITATIONS = 1000  # characters of what limits a comparison
MOST_DESCRIPTION = 500  # characters of what is said of one side

TASK = (
    "Look at the sought photographs alone first, and say whether they can be compared at all and which components can be judged in "
    "them. Then look at the reference alone, and say the same of it. Only then compare them: observe each component, and give one "
    "step of the scale. Ask nobody who is sought or why."
)
BLIND = (
    "I was shown these photographs and this task alone. I was told no name, no score, no rank and no source, and not whether "
    "somebody examined the pair before."
)


class SentState(StrEnum):
    SENT = "sent"
    TAKEN_BACK = "taken_back"  # the signed opinion came in time, and counts
    LAPSED = "lapsed"  # no opinion came in time, or the reference was erased: none is taken any more


@dataclass(frozen=True, slots=True)
class OutsideExaminer:
    """An examiner of another agency: no account and no access here, only a key that signs and one that a packet is for."""

    id: str
    version: int
    kept: Kept
    name: Noted
    agency: Noted
    vkey: str  # of the Ed25519 key that signs the opinions
    recipient: str  # age recipient: `age1…`


@dataclass(frozen=True, slots=True)
class SentExamination:
    """One packet that left. The opinion that is awaited is an open examination, as of anybody here."""

    id: str
    version: int
    kept: Kept
    search_id: str
    candidate_id: str
    examination_id: str
    examiner_id: str  # of an OutsideExaminer
    part: Part
    nonce: str  # 64 hexadecimal digits, random: the one thing by which the packet is known outside
    packet_sha256: str  # of the packet's content; the opinion names it
    due_at: datetime
    note: Written  # the signed opinion; empty until it is taken back, and once the reference is erased
    state: SentState
    edition: int = EDITION  # of the packet: an opinion on one that asked for descriptions has them


@dataclass(frozen=True, slots=True)
class Packet:
    """What an outside examiner gets. There is nothing else in it."""

    origin: str  # of the log of the system that asks
    nonce: str
    due_at: datetime
    cautions: str  # the years between the photographs, and which was edited and how
    probes: tuple[bytes, ...]  # JPEG
    reference: bytes  # JPEG
    edition: int = EDITION


@dataclass(frozen=True, slots=True)
class OutsideOpinion:
    """What they sign."""

    origin: str
    nonce: str
    packet_sha256: str
    components: tuple[tuple[str, str], ...]  # (name of COMPONENTS, Observation)
    limitations: str
    opinion: int  # an Opinion
    answered_at: datetime  # by their own clock; whether it is in time, the asking system's says
    described: tuple[Description, ...] = ()  # the probe's side and the reference's; none in the first edition
    edition: int = EDITION
