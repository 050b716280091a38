"""Offline proofs of one entry: bytes as C2SP has them, and nothing else is read as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.errors import Untrusted
from beholden.formats import proofs, tiles
from beholden.records import tree
from beholden.testing.sealed_log import SealedLog

CHECKPOINT = b"example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n\xe2\x80\x94 k aGk=\n"


def test_a_proof_is_written_as_in_the_specification() -> None:
    proof = proofs.Proof(73894, (bytes(32), b"\x01" * 32), CHECKPOINT, b"age")
    assert proofs.written(proof) == (
        b"c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n"
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n" + CHECKPOINT
    )


@given(
    n=st.integers(0, 10**18 - 1),
    steps=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    extra=st.binary(max_size=100),
)
def test_what_is_written_is_read(n: int, steps: list[bytes], extra: bytes) -> None:
    proof = proofs.Proof(n, tuple(steps), CHECKPOINT, extra)
    assert proofs.read(proofs.written(proof)) == proof


def test_the_proof_of_an_entry_leads_to_the_root() -> None:
    log = SealedLog()
    log.add(300)
    read = log.witness.read
    for n in (0, 255, 256, 299):
        proof = proofs.Proof(n, tuple(tiles.inclusion(read, n, 300)), log.checkpoints[300])
        again = proofs.read(proofs.written(proof))
        assert tree.inclusion_holds(tree.leaf_hash(log.leaves[n]), again.n, 300, again.steps, log.root)


GOOD = proofs.written(proofs.Proof(3, (bytes(32),), CHECKPOINT, b"x"))


@pytest.mark.parametrize(
    "altered",
    [
        b"",
        CHECKPOINT,
        GOOD.replace(b"@v1", b"@v2"),
        GOOD.replace(b"index 3", b"index 03"),
        GOOD.replace(b"index 3", b"index -3"),
        GOOD.replace(b"index 3\n", b""),
        GOOD.replace(b"extra eA==", b"extra eA"),
        GOOD.replace(b"extra eA==\n", b"extra \n"),
        GOOD.replace(b"AAA=\n", b"AA==\n"),
        GOOD.replace(b"AAA=\n", b"AAA=\r\n"),
        GOOD.replace(b"index", "ïndex".encode()),
        GOOD.split(b"\n\n")[0],
        proofs.written(proofs.Proof(3, (bytes(32),) * 64, CHECKPOINT)),
    ],
)
def test_anything_else_is_no_proof(altered: bytes) -> None:
    with pytest.raises(Untrusted, match="no proof of an entry"):
        proofs.read(altered)
