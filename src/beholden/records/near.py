"""Which pictures are one picture in two files: fingerprints, how far apart they are, and which faces in them are one face."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from beholden.records.faces import SAME_PLACE, Face, overlap
from beholden.records.retention import Kept

BITS_BYTES = 32  # 256 bits
# PDQ's own recommendation (Facebook, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", 2019). Of
# 19.7 million pairs of LFW photographs one of two people is nearer, at 10, and it is one photograph under two names; there
# is no other within 48 (docs/performance.md).
NEAR = 31
# PDQ's own recommendation: below it a picture is too plain for its bits to say anything.
SURE = 50
# How far two scores against one probe may be apart and still be of one face in two files: of 42 LFW photographs
# compressed harder, halved, made grey, brighter or cropped a little the most was 0.14; a quarter as wide, the face is another
# to the model. It costs nothing to look, and a person whose photograph is framed like another's is not hidden behind them.
SAME_SCORE = 0.15


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a picture looks like in 256 bits (PDQ): alike for a file and a smaller or harder compressed copy of it."""

    bits: bytes  # 32
    quality: int  # 0–100: how much there is to tell by; below `SURE` nothing is told


NOTHING_TO_TELL = Fingerprint(bytes(BITS_BYTES), 0)


@dataclass(frozen=True, slots=True)
class ToldApart:
    """Somebody looked and says that two images, near as their fingerprints are, are not one picture. Lists keep to it."""

    id: str
    version: int
    kept: Kept
    image_id: str  # the lesser id of the two
    other_image_id: str
    told_by: str


@dataclass(frozen=True, slots=True)
class Alike:
    """For each image that looks like others of a list, the others; without those that were told apart."""

    others: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def one_face(self, one: Face, score: float, other: Face, other_score: float) -> bool:
        """Whether two references are one face in two files of one picture. Two faces of one image never are."""
        return (
            other.image_id in self.others.get(one.image_id, ())
            and abs(score - other_score) <= SAME_SCORE
            and overlap(one.box, other.box) >= SAME_PLACE
        )


def alike(prints: Mapping[str, Fingerprint], apart: Iterable[ToldApart]) -> Alike:
    """Compare each image of a list with each other one [1,500 of them: 0.1 s]."""
    told = {frozenset((one.image_id, one.other_image_id)) for one in apart}
    known = [(id, int.from_bytes(one.bits)) for id, one in prints.items() if one.quality >= SURE]
    others: dict[str, set[str]] = {}
    for place, (id, bits) in enumerate(known):
        for near in [other for other, its in known[place + 1 :] if (bits ^ its).bit_count() <= NEAR]:
            if frozenset((id, near)) not in told:
                others.setdefault(id, set()).add(near)
                others.setdefault(near, set()).add(id)
    return Alike({id: frozenset(near) for id, near in others.items()})


def packed(fingerprint: Fingerprint) -> bytes:
    """33 bytes to be sealed."""
    return fingerprint.bits + bytes([fingerprint.quality])


def unpacked(plain: bytes) -> Fingerprint:
    """Raises ValueError for what is no packed fingerprint."""
    if len(plain) != BITS_BYTES + 1:
        raise ValueError(f"a fingerprint has {BITS_BYTES + 1} bytes, not {len(plain)}")
    return Fingerprint(plain[:BITS_BYTES], plain[BITS_BYTES])


def distance(one: bytes, other: bytes) -> int:
    """How many of the 256 bits differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def are_near(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two pictures are one in two files. Nothing is claimed of a picture too plain to tell."""
    return min(one.quality, other.quality) >= SURE and distance(one.bits, other.bits) <= NEAR
