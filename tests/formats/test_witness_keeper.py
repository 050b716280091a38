"""A witness cosigns what continues the log it saw, remembers before it answers, and nothing else moves it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from beholden.errors import BadInput, Fault, Untrusted
from beholden.formats import cosignatures, tiles
from beholden.formats.signatures import Key
from beholden.records import tree
from beholden.testing.sealed_log import SealedLog, Signer
from beholden.witness.keeper import Answer, Keeper, question

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAME = "witness.example/w1"


@pytest.fixture
def log() -> SealedLog:
    made = SealedLog()
    for count in (5, 250, 45):
        made.add(count)
    return made


@pytest.fixture
def keeper(tmp_path: Path, log: SealedLog) -> Keeper:
    made = Keeper.make(tmp_path / "witness", NAME)
    made.trust(log.signer.vkey)
    return made


def ask(keeper: Keeper, log: SealedLog, old: int, new: int, claimed: int | None = None) -> Answer:
    steps = tuple(tree.consistency(old, new, tree.nodes_of([tree.leaf_hash(leaf) for leaf in log.leaves])))
    return keeper.add_checkpoint(question(old if claimed is None else claimed, steps, log.checkpoints[new]), at=AT)


def test_what_continues_is_cosigned_and_remembered_by_the_next_process_too(
    keeper: Keeper, log: SealedLog, tmp_path: Path
) -> None:
    for old, new in ((0, 5), (5, 255), (255, 300), (300, 300)):
        answer = ask(Keeper(tmp_path / "witness"), log, old, new)
        assert answer.status == 200
        [made] = cosignatures.read(log.checkpoints[new] + answer.body, [log.signer.vkey, keeper.key.vkey])
        assert (made.name, made.at) == (NAME, AT)


def test_another_old_size_is_told_the_size_that_was_seen(keeper: Keeper, log: SealedLog) -> None:
    assert ask(keeper, log, 0, 255).status == 200
    for old, new in ((0, 300), (5, 255), (0, 5)):  # the last two would roll it back
        assert ask(keeper, log, old, new) == Answer(409, "text/x.tlog.size", b"255\n")
    assert ask(keeper, log, 255, 300).status == 200


def test_a_rewritten_log_signed_anew_is_never_cosigned(keeper: Keeper, log: SealedLog) -> None:
    assert ask(keeper, log, 0, 255).status == 200
    forged = SealedLog()
    forged.add(7)
    forged.seal([b"another history", *(forged.entry(n) for n in range(8, 255))])
    forged.add(45)
    assert forged.signer.vkey == log.signer.vkey
    assert ask(keeper, forged, 255, 255) == Answer(409, "text/x.tlog.size", b"255\n")
    assert ask(keeper, forged, 255, 300).status == 422
    assert ask(keeper, log, 255, 300).status == 200


def test_a_log_that_is_not_watched_and_a_key_that_is_not_its_own_are_refused(keeper: Keeper, log: SealedLog) -> None:
    head = tiles.head_text(tiles.TreeHead(log.signer.name, 1, bytes(32)))
    stranger = SealedLog("elsewhere.example/log")
    stranger.add(1)
    assert ask(keeper, stranger, 0, 1).status == 404
    forged = Signer(log.signer.name, seed="forged").note(head)
    assert keeper.add_checkpoint(question(0, (), forged), at=AT).status == 403


def test_a_proof_where_none_belongs_and_an_empty_log_of_another_root_are_refused(
    keeper: Keeper, log: SealedLog
) -> None:
    assert keeper.add_checkpoint(question(0, (bytes(32),), log.checkpoints[5]), at=AT).status == 422
    empty = log.signer.note(tiles.head_text(tiles.TreeHead(log.signer.name, 0, bytes(32))))
    assert keeper.add_checkpoint(question(0, (), empty), at=AT).status in (409, 422)
    assert ask(keeper, log, 0, 5, claimed=6).status == 400


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"",
        lambda body: body.replace(b"old 0", b"old 00"),
        lambda body: body.replace(b"old 0", b"old -1"),
        lambda body: body.replace(b"old 0\n", b"old 0\r\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda body: body.replace(b"\n\n", b"\n", 1),
        lambda body: body[:-1],
        lambda body: question(0, (bytes(32),) * 64, body),
        lambda body: body + b"x" * 200_000,
    ],
)
def test_what_is_no_question_is_400_and_changes_nothing(keeper: Keeper, log: SealedLog, change: object) -> None:
    body = question(0, (), log.checkpoints[5])
    assert keeper.add_checkpoint(change(body), at=AT).status == 400  # type: ignore[operator]
    assert ask(keeper, log, 0, 5).status == 200


def test_a_witness_whose_memory_is_damaged_cosigns_nothing(keeper: Keeper, log: SealedLog, tmp_path: Path) -> None:
    [place] = (tmp_path / "witness" / "logs").glob("*.json")
    place.write_bytes(b"{")
    with pytest.raises(Fault, match="nothing is cosigned"):
        ask(keeper, log, 0, 5)


def test_a_folder_in_use_a_name_with_a_space_and_a_second_key_are_refused(
    keeper: Keeper, log: SealedLog, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="not an empty folder"):
        Keeper.make(tmp_path / "witness", NAME)
    with pytest.raises(BadInput, match="cannot name a key"):
        Keeper.make(tmp_path / "other", "a b")
    with pytest.raises(Fault, match="no witness in"):
        Keeper(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="another key"):
        keeper.trust(Signer(log.signer.name, seed="second").vkey)
    assert keeper.trust(log.signer.vkey) == log.signer.name
    for wrong in (keeper.key.vkey, Key(NAME, b"\x01", bytes(32)).vkey):
        with pytest.raises(Untrusted, match="no log's key"):
            keeper.trust(wrong)
    assert (tmp_path / "witness" / "key.json").stat().st_mode & 0o777 == 0o600
