"""The one question to a witness (`add-checkpoint` of c2sp.org/tlog-witness): an old size, a proof, and the checkpoint."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from beholden.errors import Untrusted
from beholden.formats.signatures import unbase64
from beholden.records.tree import HASH_BYTES

MAX_STEPS = 63  # hashes of a proof, as C2SP bounds it
MAX_BODY = 128 * 1024
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Asked:
    old: int  # entries that the witness is taken to have seen
    steps: tuple[bytes, ...]  # the proof that the checkpoint continues them
    note: bytes


def question(old: int, steps: tuple[bytes, ...], note: bytes) -> bytes:
    """The body that asks a witness to cosign."""
    lines = [f"old {old}", *(base64.b64encode(step).decode() for step in steps), ""]
    return "".join(f"{line}\n" for line in lines).encode() + note


def asked(body: bytes) -> Asked:
    """Raises `Untrusted` for what is no such body. The note is not looked at."""
    head, parted, note = body.partition(b"\n\n")
    first, *lines = head.decode("ascii", errors="replace").split("\n")
    old = re.fullmatch(r"old (0|[1-9][0-9]{0,17})", first)
    steps = tuple(unbase64(line) for line in lines)
    if not old or not parted or len(body) > MAX_BODY or len(steps) > MAX_STEPS:
        raise Untrusted("the question is no old size, proof and checkpoint")
    if any(len(step) != HASH_BYTES for step in steps):
        raise Untrusted("a line of the proof is no hash")
    return Asked(int(old[1]), steps, note)


def size_in(body: bytes) -> int:
    """The size that a witness says it saw. Raises `Untrusted` for what is no number."""
    told = re.fullmatch(rb"(0|[1-9][0-9]{0,17})\n", body)
    if told is None:
        raise Untrusted("the witness answered with what is no size")
    return int(told[1])
