"""Writes the vectors anew, from keys and entries that are always the same: `python -m tests.vectors.make`."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beholden.formats import cosignatures, proofs, receipts, statements, tiles
from beholden.records import audit, tree
from beholden.testing.sealed_log import SealedLog, Signer

FOLDER = Path(__file__).parent
AT = datetime(2026, 11, 22, 20, 42, tzinfo=UTC)
LOG, RECEIPTS = Signer("example.org/log"), Signer("example.org/log/receipts")
WITNESS = Signer("witness.example/one")
WITNESS_KEY = cosignatures.cosigner(cosignatures.vkey(WITNESS.name, WITNESS.public))

# The leaves of the tests of RFC 6962's reference implementation, whose roots are known.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]

Vector = dict[str, Any]


def main() -> None:
    for name, made in everything().items():
        (FOLDER / name).write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


def everything() -> Mapping[str, Vector]:
    """File name → what is in it."""
    log = SealedLog()
    for count in (7, 6, 7):
        log.add(count)
    return {
        "tree.json": _tree(),
        "leaf.json": _leaf(),
        "notes.json": _notes(log),
        "cosignatures.json": _cosignatures(log),
        "proofs.json": _proofs(log),
        "receipts.json": _receipts(log),
        "bundle.json": _bundle(log),
    }


def cosigned(note: bytes) -> bytes:
    return note + cosignatures.cosign_line(note, WITNESS_KEY, WITNESS.sign, at=AT).encode()


def _tree() -> Vector:
    hashes = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
    node = tree.nodes_of(hashes)
    included, grown = [], []
    for size in range(1, 9):
        root = tree.root(hashes[:size])
        for n in range(size):
            steps = [step.hex() for step in tree.inclusion(n, size, node)]
            whole = {"leaf": LEAVES[n], "n": n, "size": size, "steps": steps, "root": root.hex()}
            included.append({**whole, "holds": True})
            if steps:
                included.append({**whole, "steps": steps[:-1], "holds": False})
                included.append({**whole, "steps": [*steps[:-1], _altered(steps[-1])], "holds": False})
            included.append({**whole, "steps": [*steps, "00" * 32], "holds": False})
            included.append({**whole, "n": n + size, "holds": False})
        for old in range(1, size):
            steps = [step.hex() for step in tree.consistency(old, size, node)]
            whole = {"old": old, "old_root": tree.root(hashes[:old]).hex(), "size": size, "root": root.hex()}
            grown.append({**whole, "steps": steps, "holds": True})
            grown.append({**whole, "old_root": _altered(whole["old_root"]), "steps": steps, "holds": False})
            grown.append({**whole, "steps": steps[1:], "holds": False})
    # Two hashes of 32 bytes in the place of one would give the root of any tree for any leaf.
    children = (tree.root(hashes[:4]) + tree.root(hashes[4:])).hex()
    forged = {"leaf": "ff", "n": 0, "size": 8, "steps": [children], "root": tree.root(hashes).hex(), "holds": False}
    roots = [{"leaves": LEAVES[:size], "root": tree.root(hashes[:size]).hex()} for size in range(9)]
    return {"roots": roots, "inclusion": [*included, forged], "consistency": grown}


def _leaf() -> Vector:
    salt = bytes(range(32))
    values: list[audit.Value] = ["image 17 é", 17, True, ["b", "a"], "", '\n"\\']
    commitments = [
        {"salt": salt.hex(), "value": value, "canonical": audit.canonical(value).decode(), "commitment": audit.commit(salt, value)}
        for value in values
    ]  # fmt: skip
    leaf = SealedLog().entry(3)
    return {"commitments": commitments, "leaf": leaf.decode(), "leaf_hash": tree.leaf_hash(leaf).hex()}


def _notes(log: SealedLog) -> Vector:
    note = log.checkpoints[20]
    other = Signer("example.org/log", seed="another")
    text, _, lines = note.decode().partition("\n\n")
    altered = {
        "as signed": (note, True),
        "another size": (note.replace(b"\n20\n", b"\n21\n"), False),
        "another origin": (note.replace(b"example.org/log\n", b"example.org/loh\n", 1), False),
        "signed by another key of that name": (other.note(text + "\n"), False),
        "the signature there twice": (note + lines.encode(), False),
        "cut short": (note[:-1], False),
        "a control character for the last newline": (note[:-1] + b"\x0b", False),
        "a line separator for the last newline": (note[:-1] + "\u2028".encode(), False),
        "a byte that is no UTF-8": (note.replace(b"log\n", b"lo\xff\n", 1), False),
        "a carriage return": (note.replace(b"\n20\n", b"\r\n20\r\n"), False),
        "no signature": (text.encode() + b"\n\n", False),
        "a root in another form of base64": (_loose_root(note), False),
    }
    return {
        "keys": [LOG.vkey],
        "origin": "example.org/log",
        "size": 20,
        "root": log.root.hex(),
        "checkpoints": [_vector(name, *made) for name, made in altered.items()],
    }


def _loose_root(note: bytes) -> bytes:
    """The root's 44 letters with unused bits set, signed: another form of the same bytes."""
    origin, size, root = note.decode().split("\n")[:3]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = root[:42] + letters[letters.index(root[42]) | 1] + "="
    return LOG.note(f"{origin}\n{size}\n{loose}\n")


def _cosignatures(log: SealedLog) -> Vector:
    note = log.checkpoints[20]
    whole = cosigned(note)
    line = whole[len(note) :]
    blob = base64.b64decode(line.split(b" ")[2])
    later = blob[:4] + (int.from_bytes(blob[4:12], "big") + 1).to_bytes(8, "big") + blob[12:]
    plain = blob[:4] + blob[4:12] + LOG.sign(note.split(b"\n\n")[0] + b"\n")
    made = {
        "as cosigned": (whole, 1, True),
        "by nobody, and nobody asked for": (note, 0, True),
        "by nobody": (note, 1, False),
        "by one, and two asked for": (whole, 2, False),
        "with another time": (note + _line(later), 0, False),
        "over another checkpoint": (log.checkpoints[13] + line, 0, False),
        "signed by the log's key": (note + _line(plain), 0, False),
        "there twice": (whole + line, 0, False),
    }
    vectors = [{**_vector(name, content, holds), "witnesses": n} for name, (content, n, holds) in made.items()]
    return {"keys": [LOG.vkey, WITNESS_KEY.vkey], "at": int(AT.timestamp()), "checkpoints": vectors}


def _line(blob: bytes) -> bytes:
    return f"— {WITNESS.name} {base64.b64encode(blob).decode()}\n".encode()


def _proofs(log: SealedLog) -> Vector:
    steps = tuple(tiles.inclusion(log.witness.read, 17, 20))
    note, leaf = cosigned(log.checkpoints[20]), log.leaves[17]
    good = proofs.Proof(17, steps, note, leaf)
    made = {
        "as made": (proofs.written(good), True),
        "of another entry": (proofs.written(proofs.Proof(16, steps, note, leaf)), False),
        "with another leaf": (proofs.written(proofs.Proof(17, steps, note, log.leaves[16])), False),
        "with a step left out": (proofs.written(proofs.Proof(17, steps[1:], note, leaf)), False),
        "with the checkpoint of another size": (
            proofs.written(proofs.Proof(17, steps, cosigned(log.checkpoints[13]), leaf)),
            False,
        ),
        "of another version": (proofs.written(good).replace(b"@v1", b"@v2", 1), False),
        "with a leading zero": (proofs.written(good).replace(b"index 17", b"index 017"), False),
        "with carriage returns": (proofs.written(good).replace(b"\n", b"\r\n"), False),
    }
    keys = [LOG.vkey, WITNESS_KEY.vkey]
    return {"keys": keys, "leaf": leaf.decode(), "proofs": [_vector(name, *one) for name, one in made.items()]}


def _receipts(log: SealedLog) -> Vector:
    note = log.checkpoints[20]

    def made(n: int, of: int, leaf: bytes, steps: tuple[bytes, ...] | None = None) -> bytes:
        path = tuple(tiles.inclusion(log.witness.read, of, 20)) if steps is None else steps
        proof = receipts.Proof(n, 20, path, leaf, note)
        return receipts.make_receipt({"erased": 2}, proof, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)

    good = made(17, 17, log.leaves[17])
    hashes = [tree.leaf_hash(leaf) for leaf in log.leaves]
    children = tree.root(hashes[:16]) + tree.root(hashes[16:])
    vectors = {
        "as made": (good, True),
        "of another count": (good.replace(b'"erased":2', b'"erased":3'), False),
        "of another entry": (made(16, 17, log.leaves[17]), False),
        "of a leaf that is not in the log": (made(17, 17, log.leaves[17].replace(b"refused", b"granted")), False),
        "of no leaf of the log, by a step of 64 bytes": (made(0, 0, log.leaves[0].replace(b"done", b"gone"), (children,)), False),
        "signed by the log's key and called a manifest": (RECEIPTS.note("beholden/manifest/v1\n{}\n"), False),
    }  # fmt: skip
    return {"keys": [LOG.vkey, RECEIPTS.vkey], "receipts": [_vector(name, *one) for name, one in vectors.items()]}


def _bundle(log: SealedLog) -> Vector:
    """Whole, by path, with what is to be changed in it: a path and its new content (null: gone)."""
    log.checkpoints[20] = cosigned(log.checkpoints[20])
    log.witness.publish({tiles.CHECKPOINT: log.checkpoints[20]})
    with tempfile.TemporaryDirectory() as folder:
        files = log.write(Path(folder) / "bundle")
    entries, hashes = files["tile/entries/000.p/20"], files["tile/0/000.p/20"]
    leaves = tiles.unpack_leaves(entries)
    opened = files["opened.jsonl"]
    changes: dict[str, tuple[dict[str, bytes | None], int | None]] = {
        "an entry altered": ({"tile/entries/000.p/20": entries.replace(b"20:41:17", b"20:41:18")}, 17),
        "an entry dropped": ({"tile/entries/000.p/20": tiles.pack_leaves(leaves[:5] + leaves[6:])}, 5),
        "two entries swapped": ({"tile/entries/000.p/20": tiles.pack_leaves([leaves[1], leaves[0], *leaves[2:]])}, 0),
        "a hash altered": ({"tile/0/000.p/20": bytes([hashes[0] ^ 1]) + hashes[1:]}, None),
        "an opened value altered": ({"opened.jsonl": opened.replace(b"image 17", b"image 18")}, None),
        "an earlier checkpoint of another log": ({"checkpoints/7": SealedLog("other.example/log").signer.note("x\n")}, None),
        "the entries gone": ({"tile/entries/000.p/20": None}, 0),
        "the checkpoint of an earlier size": ({"checkpoint": log.checkpoints[13]}, 0),
    }  # fmt: skip
    statement = statements.Statement(
        origin=LOG.name,
        since="2026-11-22T20:41:00.000Z",
        until="2026-11-22T20:41:10.000Z",
        size=20,
        root=log.root.hex(),
        columns=("event", "outcome", "purpose", "month"),
        rows={
            ("image.enrolled", "done", "", "2026-11"): 9,
            ("search.started", "refused", "", "2026-11"): 1,
        },
        figures=(statements.Figure("searches refused", 1, (("search.started", "refused"),)),),
    )
    note = statements.written(statement, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
    wrong = statements.written(
        replace(statement, rows={**statement.rows, ("image.enrolled", "done", "", "2026-11"): 8}),
        RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign,
    )  # fmt: skip
    return {
        "keys": [LOG.vkey, RECEIPTS.vkey, WITNESS_KEY.vkey],
        "files": {path: _encoded(content) for path, content in sorted(files.items())},
        "changes": [
            {"name": name, "files": {p: None if c is None else _encoded(c) for p, c in of.items()}, "first_bad_entry": n}
            for name, (of, n) in changes.items()
        ],
        "statements": [_vector("as counted", note, True), _vector("one entry less", wrong, False)],
    }  # fmt: skip


def _vector(name: str, content: bytes, holds: bool) -> Vector:
    return {"name": name, "holds": holds, "base64": _encoded(content)}


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _altered(digest: str) -> str:
    return f"{int(digest[:2], 16) ^ 1:02x}{digest[2:]}"


if __name__ == "__main__":
    main()
