"""Receipts and manifests: signed notes that a person takes away, and that anybody can check without us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beholden.errors import NotProven, Untrusted
from beholden.formats import notes, tiles
from beholden.records import tree
from beholden.records.audit import canonical

RECEIPT = "beholden/receipt/v1"
MANIFEST = "beholden/manifest/v1"

Payload = Mapping[str, object]  # what `records.audit.canonical` takes: no floats


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf is entry `n` of the log which `checkpoint`, a note signed by the log's key, tells of."""

    n: int
    size: int
    inclusion: tuple[bytes, ...]
    leaf: bytes
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    payload: Payload
    proof: Proof
    signers: tuple[str, ...]


def prove(read: tiles.Read, n: int, checkpoint: bytes) -> Proof:
    """The proof for entry `n`, from the published log and one of its checkpoints. Raises `Missing` if it is not in there."""
    size = tiles.read_head(notes.text_of(checkpoint)).size
    return Proof(n, size, tuple(tiles.inclusion(read, n, size)), tiles.leaf(read, n, size), checkpoint)


def make_receipt(payload: Payload, proof: Proof, name: str, public: bytes, sign: notes.Sign) -> bytes:
    """A signed note: the format, and one line of canonical JSON with the payload and the proof.

    Raises ValueError if the payload has a `proof` of its own, TypeError for a float in it.
    """
    if "proof" in payload:
        raise ValueError("`proof` is the receipt's own field: name the payload's otherwise")
    content = {
        **payload,
        "proof": {
            "n": proof.n,
            "size": proof.size,
            "inclusion": [step.hex() for step in proof.inclusion],
            "leaf": proof.leaf.decode(),
            "checkpoint": proof.checkpoint.decode(),
        },
    }
    return notes.sign_note(f"{RECEIPT}\n{canonical(content).decode()}\n", name, public, sign)


def read_receipt(note: bytes, vkeys: Sequence[str]) -> Receipt:
    """The receipt, checked whole: its signature, the checkpoint's by the log's key, and that the leaf is in that log.

    Raises `Untrusted` for a signature or a form that does not hold, `NotProven` if the leaf is not in the log.
    """
    text, signers = notes.open_note(note, vkeys)
    header, _, line = text.partition("\n")
    try:
        if header != RECEIPT:
            raise ValueError(f"it begins with {header!r}")
        content = json.loads(line)
        stated = content.pop("proof")
        proof = Proof(
            n=int(stated["n"]),
            size=int(stated["size"]),
            inclusion=tuple(bytes.fromhex(step) for step in stated["inclusion"]),
            leaf=stated["leaf"].encode(),
            checkpoint=stated["checkpoint"].encode(),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Untrusted(f"the note is no receipt ({wrong}): check what file you gave") from wrong
    head = tiles.open_head(proof.checkpoint, vkeys)
    if head.size != proof.size:
        raise NotProven(
            f"the receipt's checkpoint is of {head.size} entries, not {proof.size}: ask for the receipt again"
        )
    if not tree.inclusion_holds(tree.leaf_hash(proof.leaf), proof.n, proof.size, proof.inclusion, head.root):
        raise NotProven(f"the receipt does not show that its entry {proof.n} is in the log: ask for it again")
    return Receipt(content, proof, tuple(signers))


def make_manifest(digests: Mapping[str, str], name: str, public: bytes, sign: notes.Sign) -> bytes:
    """A signed note with a line `SHA-256  file name` for each file of a folder, sorted by name.

    Raises ValueError if there is none, or for a name or digest that cannot stand in a line.
    """
    wrong = [
        file for file, digest in digests.items() if not _is_file(file) or not re.fullmatch(r"[0-9a-f]{64}", digest)
    ]
    if wrong or not digests:
        raise ValueError(
            f"a manifest lists files below its folder by their SHA-256 in hex: {wrong or 'none was given'}"
        )
    lines = "".join(f"{digests[file]}  {file}\n" for file in sorted(digests))
    return notes.sign_note(f"{MANIFEST}\n{lines}", name, public, sign)


def read_manifest(note: bytes, vkeys: Sequence[str]) -> dict[str, str]:
    """File name → SHA-256, of a manifest signed by one of `vkeys`. Raises `Untrusted`."""
    text, _ = notes.open_note(note, vkeys)
    header, *lines = text.removesuffix("\n").split("\n")
    digests = {
        line[66:]: line[:64] for line in lines if re.fullmatch(r"[0-9a-f]{64}  .+", line) and _is_file(line[66:])
    }
    if header != MANIFEST or len(digests) != len(lines):
        raise Untrusted("the note is no manifest of files: check what file you gave")
    return digests


def _is_file(name: str) -> bool:
    """A path below the folder, with `/` between its parts, that no system would take for a place elsewhere."""
    parts = name.split("/")
    return not any(part in ("", ".", "..") or part != part.strip() for part in parts) and not any(
        c in "\\:" or c < " " for c in name
    )
