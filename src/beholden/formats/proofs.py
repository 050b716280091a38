"""Offline proofs of one entry (c2sp.org/tlog-proof): its place in the log, and the checkpoint with all who signed it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from beholden.errors import Untrusted
from beholden.formats.signatures import unbase64
from beholden.records.tree import HASH_BYTES

HEADER = "c2sp.org/tlog-proof@v1"
MAX_STEPS = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """What a `.tlog-proof` file says. `extra` is authenticated by nothing: its reader hashes it against the entry."""

    n: int
    steps: tuple[bytes, ...]  # hashes of 32 bytes, nearest the leaf first
    checkpoint: bytes  # a signed note
    extra: bytes = b""


def written(proof: Proof) -> bytes:
    extra = [f"extra {base64.b64encode(proof.extra).decode()}"] if proof.extra else []
    lines = [HEADER, *extra, f"index {proof.n}", *(base64.b64encode(step).decode() for step in proof.steps), ""]
    return "".join(f"{line}\n" for line in lines).encode() + proof.checkpoint


def read(content: bytes) -> Proof:
    """Raises `Untrusted` for what is no such file. Nothing is verified."""
    head, parted, checkpoint = content.partition(b"\n\n")
    try:
        header, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as wrong:
        raise _broken("it holds what is no ASCII") from wrong
    if header != HEADER or not parted:
        raise _broken(f"it does not begin with {HEADER} and end in a checkpoint")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = unbase64(lines.pop(0).removeprefix("extra "))
        if not extra:
            raise _broken("its extra line is no base64")
    n = re.fullmatch(r"index (0|[1-9][0-9]{0,17})", lines[0]) if lines else None
    steps = _steps(lines[1:])
    if n is None or steps is None:
        raise _broken("it does not say an index and the hashes of a path")
    return Proof(int(n[1]), steps, checkpoint, extra)


def _steps(lines: Sequence[str]) -> tuple[bytes, ...] | None:
    steps = tuple(unbase64(line) for line in lines)
    return steps if len(steps) <= MAX_STEPS and all(len(step) == HASH_BYTES for step in steps) else None


def _broken(how: str) -> Untrusted:
    return Untrusted(f"this is no proof of an entry: {how}; get it again from where it came")
