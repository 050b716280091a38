"""The stand-alone verifier, run as an outsider runs it: a file, a Python, and no Beholden."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import beholden_verify
from beholden.formats import cosignatures, proofs, receipts, tiles
from beholden.records import tree
from beholden.testing.sealed_log import SealedLog, Signer

PROGRAM = Path(beholden_verify.__file__)
RECEIPTS = Signer("example.org/log/receipts")


def verify(*arguments: object) -> tuple[int, str]:
    """Isolated from this environment and all installed packages."""
    command = [sys.executable, "-I", "-S", str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def verify_json(*arguments: object) -> tuple[int, dict[str, Any]]:
    code, output = verify(*arguments, "--json")
    return code, json.loads(output)


@pytest.fixture
def log() -> SealedLog:
    sealed = SealedLog()
    for count in (7, 6, 7):
        sealed.add(count)
    return sealed


@pytest.fixture
def keys(tmp_path: Path, log: SealedLog) -> Path:
    path = tmp_path / "trusted keys.txt"
    path.write_text(f"# of the log, read out over the telephone\n{log.signer.vkey}\n\n{RECEIPTS.vkey}\n")
    return path


def test_it_imports_only_the_standard_library_and_nothing_of_beholden() -> None:
    tree = ast.parse(PROGRAM.read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    top = {name.split(".")[0] for name in named}
    assert top <= sys.stdlib_module_names
    assert not top & {"importlib", "socket", "urllib", "http", "subprocess", "ctypes", "pickle"}
    assert not {"__import__", "eval", "exec"} & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_it_is_short_enough_to_be_read() -> None:
    assert len(PROGRAM.read_text().splitlines()) <= 400


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_report_that_nobody_reads_to_its_end_is_told_by_the_exit_code_alone(
    log: SealedLog, keys: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    folder = tmp_path / "bundle"
    log.write(folder)
    assert verify("log", folder, "--keys", keys, *more)[0] == 0
    unread, written = os.pipe()
    os.close(unread)
    command = [sys.executable, "-I", "-S", str(PROGRAM), "log", str(folder), "--keys", str(keys), *more]
    try:
        done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, timeout=60, check=False)
    finally:
        os.close(written)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [  # RFC 8032 § 7.1
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_signatures_of_the_standard_hold_and_no_flipped_bit_of_them_does(
    public: str, message: str, signature: str
) -> None:
    key, said, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert beholden_verify.signature_holds(key, said, signed)
    assert not beholden_verify.signature_holds(key, said + b"x", signed)
    assert not beholden_verify.signature_holds(key, said, signed[:63])
    assert not beholden_verify.signature_holds(key, said, signed + b"\0")
    for at in range(0, 512, 5):
        assert not beholden_verify.signature_holds(
            key, said, bytes(b ^ (at // 8 == i) << at % 8 for i, b in enumerate(signed))
        )


def test_a_signature_has_one_form_only() -> None:
    signer = Signer("a")
    signed = signer.sign(b"m")
    s = int.from_bytes(signed[32:], "little") + beholden_verify.L  # the same equation holds for s + L
    assert not beholden_verify.signature_holds(signer.public, b"m", signed[:32] + s.to_bytes(32, "little"))
    for form in (beholden_verify.P + 1, (1 << 255) | 1, 2):  # y = 1 in another form; −0; no point of the curve
        assert beholden_verify.multiples(form.to_bytes(32, "little")) == []


def test_a_log_holds_and_it_is_said_which_log_it_is(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    log.write(tmp_path / "bundle")
    code, found = verify_json("log", tmp_path / "bundle", "--keys", keys)
    assert (code, found["holds"], found["problems"], found["notes"]) == (0, True, [], [])
    assert (found["origin"], found["size"], found["root"]) == ("example.org/log", 20, log.root.hex())
    assert found["keys"] == str(keys)
    assert (found["first_bad_entry"], found["cosigned"]) == (None, {})


def test_it_says_when_it_had_no_keys_but_those_of_the_bundle(log: SealedLog, tmp_path: Path) -> None:
    log.write(tmp_path / "bundle")
    code, said = verify("log", tmp_path / "bundle")
    assert code == 0
    assert said.startswith("HOLDS\n")
    assert "the keys are the bundle's own" in said


def test_a_bundle_made_whole_by_somebody_else_holds_only_by_its_own_keys(keys: Path, tmp_path: Path) -> None:
    forged = SealedLog()
    forged.signer = Signer("example.org/log", seed="another")
    forged.add(20)
    forged.write(tmp_path / "bundle")
    assert verify("log", tmp_path / "bundle")[0] == 0
    code, said = verify("log", tmp_path / "bundle", "--keys", keys)
    assert code == 7
    assert "by no key that you trust" in said


def test_req_91_an_edited_entry_is_named(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    log.write(tmp_path / "bundle")
    entries = tmp_path / "bundle" / "tile" / "entries" / "000.p" / "20"
    entries.write_bytes(entries.read_bytes().replace(b"2026-11-22T20:41:17", b"2026-11-23T20:41:17"))
    code, found = verify_json("log", tmp_path / "bundle", "--keys", keys)
    assert (code, found["first_bad_entry"]) == (7, 17)
    assert found["problems"] == ["entry 17 was altered or is missing"]


def test_a_receipt_holds_and_a_changed_one_does_not(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    proof = receipts.prove(log.witness.read, 17, log.checkpoints[20])
    note = receipts.make_receipt({"erased": 2}, proof, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
    (tmp_path / "receipt").write_bytes(note)
    code, found = verify_json("receipt", tmp_path / "receipt", "--keys", keys)
    assert (code, found["receipt"], found["entry"]["n"]) == (0, {"erased": 2}, 17)
    (tmp_path / "receipt").write_bytes(note.replace(b'"erased":2', b'"erased":3'))
    code, said = verify("receipt", tmp_path / "receipt", "--keys", keys)
    assert (code, said.startswith("NOT PROVEN\n  problem: receipt: the signature")) == (7, True)


WITNESS = Signer("witness.example/one")
WITNESS_KEY = cosignatures.cosigner(cosignatures.vkey(WITNESS.name, WITNESS.public))


def cosigned(note: bytes) -> bytes:
    return (
        note + cosignatures.cosign_line(note, WITNESS_KEY, WITNESS.sign, at=datetime(2026, 11, 22, tzinfo=UTC)).encode()
    )


def test_req_91_as_many_witnesses_as_are_asked_for_must_have_cosigned(
    log: SealedLog, keys: Path, tmp_path: Path
) -> None:
    log.checkpoints[20] = cosigned(log.checkpoints[20])
    log.witness.publish({tiles.CHECKPOINT: log.checkpoints[20]})
    log.write(tmp_path / "bundle")
    asked = ("log", tmp_path / "bundle", "--keys", keys, "--witnesses")
    code, found = verify_json(*asked, 1)
    assert (code, found["problems"]) == (7, ["checkpoint: 0 of 1 witnesses cosigned it"])  # its key is not among ours
    with keys.open("a") as file:
        file.write(f"{WITNESS_KEY.vkey}\n")
    code, found = verify_json(*asked, 1)
    assert (code, found["cosigned"]) == (0, {WITNESS.name: int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())})
    with keys.open("a") as file:  # the same key under another name is no second witness
        file.write(f"{cosignatures.vkey('witness.example/two', WITNESS.public)}\n")
    assert verify_json(*asked, 2)[1]["problems"] == ["checkpoint: 1 of 2 witnesses cosigned it"]
    later = json.loads(json.dumps(verify_json(*asked, 1)[1]))
    assert later["holds"]


def test_an_altered_cosignature_refuses_the_checkpoint(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    note = log.checkpoints[20]
    log.checkpoints[20] = note + cosigned(log.checkpoints[13])[len(log.checkpoints[13]) :]
    log.witness.publish({tiles.CHECKPOINT: log.checkpoints[20]})
    log.write(tmp_path / "bundle")
    with keys.open("a") as file:
        file.write(f"{WITNESS_KEY.vkey}\n")
    code, said = verify("log", tmp_path / "bundle", "--keys", keys)
    assert (code, "the signature of witness.example/one is not over this text" in said) == (7, True)


def test_a_proof_of_one_entry_is_checked_without_the_log(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    steps = tuple(tiles.inclusion(log.witness.read, 17, 20))
    written = proofs.written(proofs.Proof(17, steps, log.checkpoints[20], log.leaves[17]))
    (tmp_path / "17.tlog-proof").write_bytes(written)
    asked = ("proof", tmp_path / "17.tlog-proof", "--keys", keys)
    code, found = verify_json(*asked)
    assert (code, found["entry"]["n"], found["size"]) == (0, 17, 20)
    assert verify(*asked, "--witnesses", 1)[0] == 7
    (tmp_path / "17.tlog-proof").write_bytes(written.replace(b"index 17", b"index 16"))
    assert verify(*asked)[0] == 7


def test_a_step_of_two_hashes_does_not_lead_to_the_root(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    hashes = [tree.leaf_hash(leaf) for leaf in log.leaves]
    children = tree.root(hashes[:16]) + tree.root(hashes[16:])
    forged = log.leaves[0].replace(b"done", b"gone")
    proof = receipts.Proof(0, 20, (children,), forged, log.checkpoints[20])
    note = receipts.make_receipt({"erased": 2}, proof, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
    (tmp_path / "receipt").write_bytes(note)
    assert verify("receipt", tmp_path / "receipt", "--keys", keys)[0] == 7


def test_a_file_that_states_nothing_is_no_statement(log: SealedLog, keys: Path, tmp_path: Path) -> None:
    log.write(tmp_path / "bundle")
    for text in ("beholden/statement/v1\n{}\n", 'beholden/statement/v1\n{"size":20}\n', "beholden/receipt/v1\n{}\n"):
        (tmp_path / "statement").write_bytes(RECEIPTS.note(text))
        asked = ("log", tmp_path / "bundle", "--keys", keys, "--statement", tmp_path / "statement")
        assert verify(*asked)[0] == 7, text


@pytest.fixture
def disclosure(tmp_path: Path) -> Path:
    folder = tmp_path / "disclosure"
    (folder / "crops").mkdir(parents=True)
    contents = {"packet.json": b"{}", "crops/lead 1.jpg": b"\xff\xd8"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    (folder / "manifest").write_bytes(receipts.make_manifest(digests, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign))
    return folder


def test_the_files_of_a_manifest_hold(disclosure: Path, keys: Path) -> None:
    assert verify("manifest", disclosure / "manifest", "--keys", keys)[0] == 0
    beside = disclosure / "keys.txt"
    beside.write_bytes(keys.read_bytes())
    assert verify("manifest", disclosure / "manifest", "--keys", beside)[0] == 0


def test_altered_missing_and_added_files_of_a_manifest_are_named(disclosure: Path, keys: Path) -> None:
    (disclosure / "packet.json").write_bytes(b"{ }")
    (disclosure / "crops" / "lead 1.jpg").rename(disclosure / "crops" / "lead 2.jpg")
    code, found = verify_json("manifest", disclosure / "manifest", "--keys", keys)
    assert code == 7
    assert found["problems"] == [
        "crops/lead 1.jpg is missing",
        "packet.json was altered",
        "crops/lead 2.jpg is not in the manifest",
    ]


def test_a_manifest_that_climbs_out_of_its_folder_reads_nothing_there(disclosure: Path, keys: Path) -> None:
    digest = hashlib.sha256(keys.read_bytes()).hexdigest()
    (disclosure / "manifest").write_bytes(RECEIPTS.note(f"beholden/manifest/v1\n{digest}  ../{keys.name}\n"))
    code, found = verify_json("manifest", disclosure / "manifest", "--keys", keys)
    assert (code, f"../{keys.name} is missing" in found["problems"]) == (7, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], 2),
        (["log"], 2),
        (["census", "x"], 2),
        (["receipt", "x"], 2),
        (["log", "x", "--witnesses", "1"], 2),
        (["log", "x", "--statement", "s"], 2),
        (["proof", "x", "--keys", "k", "--statement", "s"], 2),
        (["manifest", "x", "--keys", "k", "--old-checkpoint", "c"], 2),
        (["log", "no such folder"], 4),
        (["log", "/dev/null"], 4),
        (["receipt", "no such file", "--keys", "no such keys"], 4),
    ],
)
def test_wrong_usage_and_unreadable_files_have_their_exit_codes(arguments: list[str], expected: int) -> None:
    assert verify(*arguments)[0] == expected


def test_a_list_that_holds_no_key_proves_nothing(log: SealedLog, tmp_path: Path) -> None:
    log.write(tmp_path / "bundle")
    for words in ("", "# only words\n", f"{log.signer.vkey}x\n", "\xff"):
        (tmp_path / "keys.txt").write_text(words)
        code, said = verify("log", tmp_path / "bundle", "--keys", tmp_path / "keys.txt")
        assert (code, "problem: " in said) == (7, True)


def test_a_folder_that_is_no_bundle_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8")
    assert verify("log", tmp_path)[0] == 7


def test_every_tile_of_a_long_log_is_read_once_so_that_a_million_entries_take_seconds() -> None:
    log = SealedLog()
    log.add(20_000)
    files = {path: log.witness.read(path) for path in log.witness.paths()}
    files |= {"keys.txt": f"{log.signer.vkey}\n".encode(), "opened.jsonl": b""}
    read: Counter[str] = Counter()

    def reading(path: str) -> bytes:
        read[path] += 1
        return files.get(path, b"")

    assert beholden_verify.LogCheck(set(files), reading, {}, None, 0, {}).problems == []
    entries = [path for path in files if "/entries/" in path]
    assert len(entries) == 79
    assert all(read[path] == 1 for path in entries), read.most_common(3)
