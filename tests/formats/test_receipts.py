"""Receipts and manifests: both readers, ours and the stand-alone one, accept what was signed and no byte else."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

import beholden_verify
from beholden.errors import BeholdenError, Missing, NotProven, Untrusted
from beholden.formats import receipts
from beholden.testing.sealed_log import SealedLog, Signer

RECEIPTS = Signer("example.org/log/receipts")
PAYLOAD = {"kind": "erasure", "records": 2, "stores": ["keys", "blobs"], "words": "erased, « partout »"}


@pytest.fixture
def log() -> SealedLog:
    sealed = SealedLog()
    sealed.add(20)
    return sealed


def receipt(log: SealedLog, proof: receipts.Proof) -> bytes:
    return receipts.make_receipt(PAYLOAD, proof, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)


def proof_of(log: SealedLog, n: int = 17) -> receipts.Proof:
    return receipts.prove(log.witness.read, n, log.checkpoints[20])


def verifier_keys(*signers: Signer) -> beholden_verify.Keys:
    return beholden_verify.parse_keys("keys", "".join(f"{signer.vkey}\n" for signer in signers).encode(), comments=True)


def test_a_receipt_comes_back_whole(log: SealedLog) -> None:
    proof = proof_of(log)
    note = receipt(log, proof)
    read = receipts.read_receipt(note, [RECEIPTS.vkey, log.signer.vkey])
    assert read == receipts.Receipt(PAYLOAD, proof, (RECEIPTS.name,))
    assert (read.proof.n, read.proof.size, read.proof.leaf) == (17, 20, log.leaves[17])
    assert note.decode().startswith(
        'beholden/receipt/v1\n{"kind":"erasure","proof":{"checkpoint":"example.org/log\\n20\\n'
    )


def test_the_stand_alone_verifier_says_what_the_receipt_says(log: SealedLog) -> None:
    found = beholden_verify.check_entry("receipt", receipt(log, proof_of(log)), verifier_keys(RECEIPTS, log.signer))
    assert (found["receipt"], found["entry"]["n"]) == (PAYLOAD, 17)
    assert (found["origin"], found["problems"]) == ("example.org/log", [])


def test_no_flipped_byte_of_a_receipt_goes_unnoticed_by_either_reader(log: SealedLog) -> None:
    note, vkeys, keys = (
        receipt(log, proof_of(log)),
        [RECEIPTS.vkey, log.signer.vkey],
        verifier_keys(RECEIPTS, log.signer),
    )
    for at in range(len(note)):
        flipped = bytes([*note[:at], note[at] ^ (1 << at % 8), *note[at + 1 :]])
        with pytest.raises(BeholdenError):
            receipts.read_receipt(flipped, vkeys)
        with pytest.raises(ValueError):
            beholden_verify.check_entry("receipt", flipped, keys)


def test_a_receipt_needs_the_keys_of_both_the_log_and_the_receipts(log: SealedLog) -> None:
    note = receipt(log, proof_of(log))
    for signers in ([RECEIPTS], [log.signer]):
        with pytest.raises(Untrusted):
            receipts.read_receipt(note, [signer.vkey for signer in signers])
        with pytest.raises(ValueError):
            beholden_verify.check_entry("receipt", note, verifier_keys(*signers))


def test_a_receipt_signed_over_a_false_proof_proves_nothing(log: SealedLog) -> None:
    good, other = proof_of(log), SealedLog("other.example/log")
    other.add(20)
    smaller = SealedLog()
    smaller.add(19)
    false = [
        dataclasses.replace(good, n=16),
        dataclasses.replace(good, n=20),
        dataclasses.replace(good, n=-3),
        dataclasses.replace(good, size=19),
        dataclasses.replace(good, leaf=log.leaves[16]),
        dataclasses.replace(good, leaf=good.leaf + b" "),
        dataclasses.replace(good, inclusion=good.inclusion[:-1]),
        dataclasses.replace(good, inclusion=(*good.inclusion, bytes(32))),
        dataclasses.replace(good, inclusion=()),
        dataclasses.replace(good, checkpoint=smaller.checkpoints[19]),
        dataclasses.replace(good, checkpoint=other.checkpoints[20]),
        dataclasses.replace(good, checkpoint=RECEIPTS.note(log.checkpoints[20].decode().split("\n\n")[0] + "\n")),
    ]
    for proof in false:
        with pytest.raises((NotProven, Untrusted)):
            receipts.read_receipt(receipt(log, proof), [RECEIPTS.vkey, log.signer.vkey])
        with pytest.raises(ValueError):
            beholden_verify.check_entry("receipt", receipt(log, proof), verifier_keys(RECEIPTS, log.signer))


@pytest.mark.parametrize(
    "text",
    [
        "beholden/receipt/v2\n{}\n",
        "beholden/receipt/v1\n{}\n",
        "beholden/receipt/v1\n",
        "beholden/receipt/v1\n[]\n",
        "beholden/receipt/v1\nnot JSON\n",
        'beholden/receipt/v1\n{"proof":{"n":"x","size":1,"inclusion":[],"leaf":"","checkpoint":""}}\n',
        'beholden/receipt/v1\n{"proof":{"n":0,"size":1,"inclusion":["zz"],"leaf":"","checkpoint":""}}\n',
        'beholden/receipt/v1\n{"proof":{"n":0,"size":1,"inclusion":[],"leaf":5,"checkpoint":""}}\n',
        "example.org/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_another_signed_text_is_no_receipt(text: str) -> None:
    with pytest.raises(Untrusted):
        receipts.read_receipt(RECEIPTS.note(text), [RECEIPTS.vkey])
    with pytest.raises(ValueError, match="receipt"):
        beholden_verify.check_entry("receipt", RECEIPTS.note(text), verifier_keys(RECEIPTS))


def test_a_payload_cannot_bring_a_proof_of_its_own_nor_a_float(log: SealedLog) -> None:
    for payload, wrong in (({"proof": 1}, ValueError), ({"share": 0.5}, TypeError)):
        with pytest.raises(wrong):
            receipts.make_receipt(payload, proof_of(log), RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)


def test_there_is_no_proof_of_an_entry_that_is_not_sealed(log: SealedLog) -> None:
    with pytest.raises(Missing):
        proof_of(log, 20)


def test_every_entry_of_a_log_of_many_tiles_can_have_its_receipt() -> None:
    log = SealedLog()
    log.add(700)
    for n in (0, 255, 256, 511, 512, 699):
        proof = receipts.prove(log.witness.read, n, log.checkpoints[700])
        found = beholden_verify.check_entry("receipt", receipt(log, proof), verifier_keys(RECEIPTS, log.signer))
        assert found["entry"]["n"] == n


DIGESTS = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("packet.json", "lead 1.jpg", "sub/é.txt")}


def test_a_manifest_comes_back_sorted_by_name() -> None:
    note = receipts.make_manifest(DIGESTS, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
    assert receipts.read_manifest(note, [RECEIPTS.vkey]) == DIGESTS
    assert list(receipts.read_manifest(note, [RECEIPTS.vkey])) == ["lead 1.jpg", "packet.json", "sub/é.txt"]
    assert note.decode().split("\n")[1] == f"{DIGESTS['lead 1.jpg']}  lead 1.jpg"


def test_no_flipped_byte_of_a_manifest_goes_unnoticed() -> None:
    note = receipts.make_manifest(DIGESTS, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
    for at in range(len(note)):
        with pytest.raises(Untrusted):
            receipts.read_manifest(bytes([*note[:at], note[at] ^ (1 << at % 8), *note[at + 1 :]]), [RECEIPTS.vkey])


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a\nb", "C:x", "a\\b", " a", "."])
def test_a_manifest_lists_no_file_outside_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="below its folder"):
        receipts.make_manifest({name: "0" * 64}, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
    forged = RECEIPTS.note(f"beholden/manifest/v1\n{'0' * 64}  {name}\n")
    with pytest.raises(Untrusted, match="no manifest"):
        receipts.read_manifest(forged, [RECEIPTS.vkey])


def test_a_manifest_lists_something_by_a_digest() -> None:
    for digests in ({}, {"a": "0" * 63}, {"a": "A" * 64}):
        with pytest.raises(ValueError, match="SHA-256"):
            receipts.make_manifest(digests, RECEIPTS.name, RECEIPTS.public, RECEIPTS.sign)
