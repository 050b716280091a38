"""What a witness adds: whoever holds the log's own key can rewrite, cut or fork it, and is noticed by nobody else.

The short form rewrites the log 60 times, the long one (`BEHOLDEN_TRIALS=long`) 300 times.
"""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

import beholden_verify
from beholden.errors import Untrusted
from beholden.formats import cosignatures, notes, tiles
from beholden.formats.add_checkpoint import question
from beholden.records import tree
from beholden.testing.sealed_log import SealedLog
from beholden.witness.keeper import Keeper
from tests.trials.place import LONG

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAME = "witness.example/w1"
REWRITES = 300 if LONG else 60
SEEN, ALL = 250, 300


@pytest.fixture(scope="module")
def honest() -> SealedLog:
    log = SealedLog()
    for count in (5, SEEN - 5, ALL - SEEN):
        log.add(count)
    return log


def watching(folder: Path, log: SealedLog) -> Keeper:
    """A witness that saw the first entries."""
    keeper = Keeper.make(folder, NAME)
    keeper.trust(log.signer.vkey)
    assert asked(keeper, log, 0, SEEN) == 200
    return keeper


def asked(keeper: Keeper, log: SealedLog, old: int, new: int) -> int:
    nodes = tree.nodes_of([tree.leaf_hash(leaf) for leaf in log.leaves])
    steps = tuple(tree.consistency(old, new, nodes)) if old <= new else ()
    return keeper.add_checkpoint(question(old, steps, log.checkpoints[new]), at=AT).status


def rewritten(n: int) -> SealedLog:
    """The same log, signed by its own key, but that entry `n` never was what it was."""
    log = SealedLog()
    leaves = [log.entry(k) for k in range(SEEN)]
    leaves[n] = leaves[n].replace(b'"role":"steward"', b'"role":"auditor"')
    log.seal(leaves)
    log.add(ALL - SEEN)
    return log


def holds(log: SealedLog, folder: Path, old: bytes | None = None) -> bool:
    """What an outsider finds who has the log's key and, perhaps, one checkpoint from before."""
    files = log.write(folder)
    keys = beholden_verify.parse_keys("keys", f"{log.signer.vkey}\n".encode(), comments=False)
    return not beholden_verify.LogCheck(set(files), lambda path: files.get(path, b""), keys, old, 0, {}).problems


def test_req_91_every_rewrite_by_the_logs_own_key_is_refused_by_its_witness_and_seen_by_nobody_without_one(
    honest: SealedLog, tmp_path: Path
) -> None:
    chance = random.Random(seed := random.randrange(1 << 32))
    print(f"seed {seed}")
    keeper = watching(tmp_path / "witness", honest)
    places = [chance.randrange(SEEN) for _ in range(REWRITES)]
    cosigned = []
    for n in places:
        forged = rewritten(n)
        assert forged.checkpoints[ALL] != honest.checkpoints[ALL]
        if asked(keeper, forged, SEEN, ALL) == 200 or asked(keeper, forged, 0, ALL) == 200:
            cosigned.append(n)
    assert cosigned == [], f"seed {seed}"
    assert asked(keeper, honest, SEEN, ALL) == 200
    # Without a witness, and without a checkpoint that somebody kept, a rewrite by the log's own key is a log like any other.
    few = places if LONG else places[:5]
    unnoticed = [n for n in few if holds(rewritten(n), tmp_path / f"rewritten {len(list(tmp_path.iterdir()))}")]
    assert unnoticed == few
    kept = honest.checkpoints[SEEN]
    assert not holds(rewritten(places[0]), tmp_path / "with a kept one", kept)


def test_req_91_a_tail_that_no_witness_has_seen_can_be_rewritten_and_that_is_the_whole_of_it(
    honest: SealedLog, tmp_path: Path
) -> None:
    keeper = watching(tmp_path / "witness", honest)
    forged = SealedLog()
    forged.add(5)
    forged.add(SEEN - 5)
    forged.seal([forged.entry(20_000 + k) for k in range(ALL - SEEN)])
    assert asked(keeper, forged, SEEN, ALL) == 200
    assert asked(keeper, honest, ALL, ALL) == 409  # what it saw is what counts: the true tail comes too late


def test_req_91_a_log_that_was_cut_or_forked_is_never_cosigned(honest: SealedLog, tmp_path: Path) -> None:
    keeper = watching(tmp_path / "witness", honest)
    assert asked(keeper, honest, SEEN, 5) in (400, 409)
    assert asked(keeper, honest, 5, 5) == 409
    fork = rewritten(3)
    assert asked(keeper, fork, SEEN, SEEN) == 409
    assert asked(keeper, honest, SEEN, ALL) == 200
    assert asked(keeper, fork, ALL, ALL) == 409


def test_req_91_every_bit_of_a_cosigned_checkpoint_counts(honest: SealedLog, tmp_path: Path) -> None:
    """A bit of the last newline once passed: only "\\n" ends a line, whatever Python takes for one."""
    keeper = watching(tmp_path / "witness", honest)
    nodes = tree.nodes_of([tree.leaf_hash(leaf) for leaf in honest.leaves])
    body = question(SEEN, tuple(tree.consistency(SEEN, ALL, nodes)), honest.checkpoints[ALL])
    vkeys = [honest.signer.vkey, keeper.key.vkey]
    note = honest.checkpoints[ALL] + keeper.add_checkpoint(body, at=AT).body
    keys = beholden_verify.parse_keys("keys", "".join(f"{key}\n" for key in vkeys).encode(), comments=False)

    def outsider(content: bytes) -> bool:
        try:
            return not beholden_verify.open_checkpoint("checkpoint", content, keys, 1)[3]["problems"]
        except ValueError:
            return False

    def ourselves(content: bytes) -> bool:
        try:
            tiles.open_head(content, vkeys)
            return [one.name for one in cosignatures.read(content, vkeys)] == [NAME]
        except Untrusted:
            return False

    assert (outsider(note), ourselves(note)) == (True, True)
    for at in range(len(note)):
        for bit in range(8):
            altered = note[:at] + bytes([note[at] ^ 1 << bit]) + note[at + 1 :]
            assert (outsider(altered), ourselves(altered)) == (False, False), (at, bit)
    for end in range(len(note)):
        assert not outsider(note[:end])
    for more in (b"\n", b" ", b"\x0c", b"\x85", "\u2028".encode()):
        assert (outsider(note + more), ourselves(note + more)) == (False, False)


def test_a_witness_never_says_a_time_or_a_log_that_it_was_not_asked_about(honest: SealedLog, tmp_path: Path) -> None:
    """Its line is over this checkpoint and this moment: moved to another one, or to another time, it proves nothing."""
    keeper = watching(tmp_path / "witness", honest)
    line = cosignatures.cosign_line(honest.checkpoints[SEEN], keeper.key, keeper._private.sign, at=AT)
    with pytest.raises(Untrusted):
        cosignatures.read(honest.checkpoints[ALL] + line.encode(), [keeper.key.vkey])
    name, encoded = line.split(" ")[1:]
    blob = base64.b64decode(encoded)
    later = blob[:4] + (int.from_bytes(blob[4:12], "big") + 60).to_bytes(8, "big") + blob[12:]
    moved = f"— {name} {base64.b64encode(later).decode()}\n".encode()
    with pytest.raises(Untrusted):
        cosignatures.read(honest.checkpoints[SEEN] + moved, [keeper.key.vkey])
    with pytest.raises(Untrusted):  # it is no word of the log itself, whose key has another type
        notes.open_note(honest.checkpoints[SEEN].split(b"\n\n")[0] + b"\n\n" + line.encode(), [keeper.key.vkey])
