"""Our own code and the stand-alone verifier give the same verdict on every vector."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import beholden_verify
from beholden.errors import BeholdenError
from beholden.formats import cosignatures, proofs, receipts, statements, tiles
from beholden.records import audit, tree
from tests.vectors import make

FOLDER = Path(__file__).parent

# RFC 6962's reference implementation gives these (certificate-transparency, merkle_tree tests).
KNOWN = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def vectors(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return found


def content(vector: dict[str, Any]) -> bytes:
    return base64.b64decode(vector["base64"])


def verifier_keys(found: dict[str, Any]) -> beholden_verify.Keys:
    return beholden_verify.parse_keys("KEYS", "".join(f"{key}\n" for key in found["keys"]).encode(), comments=True)


def each(file: str, name: str) -> list[Any]:
    found = vectors(file)
    return [pytest.param(found, one, id=f"{name}: {one['name']}") for one in found[name]]


def refuses(reading: Any) -> bool:
    try:
        reading()
    except (BeholdenError, ValueError):
        return True
    return False


def test_the_vectors_are_those_that_are_made_now() -> None:
    made = make.everything()
    assert {path.name for path in FOLDER.glob("*.json")} == made.keys()
    for name, one in made.items():
        assert json.loads((FOLDER / name).read_text()) == json.loads(json.dumps(one)), name


def test_the_roots_are_those_that_are_known() -> None:
    for one in vectors("tree.json")["roots"]:
        hashes = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in one["leaves"]]
        assert tree.root(hashes).hex() == one["root"] == KNOWN.get(len(hashes), one["root"])
        assert beholden_verify.root_at(beholden_verify.rows_over(hashes), len(hashes)).hex() == one["root"]


def test_inclusion_and_consistency_are_judged_alike() -> None:
    found = vectors("tree.json")
    for one in found["inclusion"]:
        leaf, steps = tree.leaf_hash(bytes.fromhex(one["leaf"])), [bytes.fromhex(step) for step in one["steps"]]
        root = bytes.fromhex(one["root"])
        assert tree.inclusion_holds(leaf, one["n"], one["size"], steps, root) is one["holds"], one
        of_hashes = all(len(step) == 32 for step in steps)  # as `check_entry` asks before it goes up the tree
        reached = beholden_verify.root_from(leaf, one["n"], one["size"], steps)
        assert (of_hashes and reached == root) is one["holds"], one
    for one in found["consistency"]:
        roots = bytes.fromhex(one["old_root"]), bytes.fromhex(one["root"])
        steps = [bytes.fromhex(step) for step in one["steps"]]
        assert tree.consistency_holds(one["old"], one["size"], *roots, steps) is one["holds"], one
    assert {one["holds"] for part in ("inclusion", "consistency") for one in found[part]} == {True, False}


def test_commitments_and_leaves_are_of_these_bytes() -> None:
    found = vectors("leaf.json")
    for one in found["commitments"]:
        assert audit.canonical(one["value"]).decode() == one["canonical"]
        assert audit.commit(bytes.fromhex(one["salt"]), one["value"]) == one["commitment"]
    assert tree.leaf_hash(found["leaf"].encode()).hex() == found["leaf_hash"]
    assert audit.canonical(json.loads(found["leaf"])).decode() == found["leaf"]


@pytest.mark.parametrize(("found", "one"), each("notes.json", "checkpoints"))
def test_a_checkpoint_is_judged_alike(found: dict[str, Any], one: dict[str, Any]) -> None:
    keys = verifier_keys(found)
    assert refuses(lambda: tiles.open_head(content(one), found["keys"])) is not one["holds"]
    assert refuses(lambda: beholden_verify.open_checkpoint("it", content(one), keys)) is not one["holds"]
    if one["holds"]:
        origin, size, root, _ = beholden_verify.open_checkpoint("it", content(one), keys)
        assert tiles.open_head(content(one), found["keys"]) == tiles.TreeHead(origin, size, root)
        assert (origin, size, root.hex()) == (found["origin"], found["size"], found["root"])


@pytest.mark.parametrize(("found", "one"), each("cosignatures.json", "checkpoints"))
def test_a_cosigned_checkpoint_is_judged_alike(found: dict[str, Any], one: dict[str, Any]) -> None:
    def ours() -> None:
        tiles.open_head(content(one), found["keys"])
        seen = cosignatures.read(content(one), found["keys"])
        if len(seen) < one["witnesses"]:
            raise ValueError("too few")
        assert all(int(each.at.timestamp()) == found["at"] for each in seen)

    def theirs() -> None:
        *_, told = beholden_verify.open_checkpoint("it", content(one), verifier_keys(found), one["witnesses"])
        if told["problems"]:
            raise ValueError(told["problems"])
        assert set(told["cosigned"].values()) <= {found["at"]}

    assert refuses(ours) is not one["holds"]
    assert refuses(theirs) is not one["holds"]


@pytest.mark.parametrize(("found", "one"), each("proofs.json", "proofs"))
def test_a_proof_of_an_entry_is_judged_alike(found: dict[str, Any], one: dict[str, Any]) -> None:
    def ours() -> None:
        proof = proofs.read(content(one))
        head = tiles.open_head(proof.checkpoint, found["keys"])
        leaf = tree.leaf_hash(proof.extra)
        if not tree.inclusion_holds(leaf, proof.n, head.size, proof.steps, head.root):
            raise ValueError("not in there")

    assert refuses(ours) is not one["holds"]
    theirs = lambda: beholden_verify.check_entry("proof", content(one), verifier_keys(found), 1)  # noqa: E731
    assert refuses(theirs) is not one["holds"]
    if one["holds"]:
        assert (theirs()["entry"], theirs()["problems"]) == (json.loads(found["leaf"]), [])


@pytest.mark.parametrize(("found", "one"), each("receipts.json", "receipts"))
def test_a_receipt_is_judged_alike(found: dict[str, Any], one: dict[str, Any]) -> None:
    assert refuses(lambda: receipts.read_receipt(content(one), found["keys"])) is not one["holds"]
    theirs = lambda: beholden_verify.check_entry("receipt", content(one), verifier_keys(found))  # noqa: E731
    assert refuses(theirs) is not one["holds"]


def check(files: dict[str, bytes], found: dict[str, Any], said: dict[str, Any]) -> tuple[list[str], int | None]:
    try:
        log = beholden_verify.LogCheck(
            set(files), lambda path: files.get(path, b""), verifier_keys(found), None, 1, said
        )
    except ValueError as wrong:
        return [str(wrong)], None
    return log.problems, log.report()["first_bad_entry"]


def bundle(found: dict[str, Any]) -> dict[str, bytes]:
    return {path: base64.b64decode(encoded) for path, encoded in found["files"].items()}


def test_the_bundle_holds_and_each_change_is_found_at_its_entry() -> None:
    found = vectors("bundle.json")
    assert check(bundle(found), found, {}) == ([], None)
    for change in found["changes"]:
        files = bundle(found)
        for path, encoded in change["files"].items():
            if encoded is None:
                del files[path]
            else:
                files[path] = base64.b64decode(encoded)
        problems, first = check(files, found, {})
        assert problems, change["name"]
        assert first == change["first_bad_entry"], (change["name"], problems)


def test_every_flipped_byte_of_a_cosigned_checkpoint_is_noticed_by_who_asks_for_its_witness() -> None:
    found = vectors("bundle.json")
    note = bundle(found)["checkpoint"]
    keys = verifier_keys(found)
    for at in range(len(note)):
        flipped = note[:at] + bytes([note[at] ^ 1 << at % 8]) + note[at + 1 :]
        try:
            *_, told = beholden_verify.open_checkpoint("it", flipped, keys, 1)
        except ValueError:
            continue
        assert told["problems"], at


@pytest.mark.parametrize(("found", "one"), each("bundle.json", "statements"))
def test_a_statement_is_recounted_from_the_bundle(found: dict[str, Any], one: dict[str, Any]) -> None:
    said = beholden_verify.open_line("statement", content(one), verifier_keys(found))
    problems, _ = check(bundle(found), found, said)
    assert (problems == []) is one["holds"], problems
    told = statements.read(content(one), found["keys"])
    assert (told.size, told.columns, told.figures[0].count) == (20, ("event", "outcome", "purpose", "month"), 1)
    assert [[*row, count] for row, count in told.rows.items()] == said["rows"]
