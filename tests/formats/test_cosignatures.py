"""Cosignatures: bytes as C2SP has them, by either kind of key, and nothing altered passes."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from beholden.errors import Untrusted
from beholden.formats import cosignatures, notes, signatures, tiles
from beholden.formats.signatures import COSIGNATURE, ML_DSA_COSIGNATURE, Key
from beholden.testing.sealed_log import Signer

# The checkpoint of the examples in the C2SP texts, and a time of theirs.
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
AT = datetime.fromtimestamp(1679315147, UTC)
LOG = Signer("example.com/behind-the-sofa")
NOTE = LOG.note(TEXT)
ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Key("witness.example.com/w1", COSIGNATURE, ED.public_key().public_bytes_raw())
ML = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
LATER = Key("witness.example.com/w2", ML_DSA_COSIGNATURE, ML.public_key().public_bytes_raw())
BOTH = [(WITNESS, ED.sign), (LATER, ML.sign)]


def cosigned(note: bytes = NOTE, key: Key = WITNESS, sign: notes.Sign = ED.sign, at: datetime = AT) -> bytes:
    return note + cosignatures.cosign_line(note, key, sign, at=at).encode()


def test_the_message_of_an_ed25519_cosignature_is_the_one_in_the_specification() -> None:
    assert signatures.cosigned("anybody", COSIGNATURE, TEXT, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_the_message_of_an_ml_dsa_cosignature_is_the_structure_in_the_specification() -> None:
    assert signatures.cosigned("w", ML_DSA_COSIGNATURE, TEXT, 7) == (
        b"subtree/v1\n\x00" + b"\x01w" + struct.pack(">Q", 7) + bytes([27]) + b"example.com/behind-the-sofa"
        + struct.pack(">QQ", 0, 20852163) + base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    )  # fmt: skip


def test_an_ed25519_cosignature_is_deterministic_to_the_byte() -> None:
    """A vector that another implementation must give from the same key, checkpoint and time."""
    line = cosignatures.cosign_line(NOTE, WITNESS, ED.sign, at=AT)
    blob = base64.b64decode(line.split(" ")[2])
    assert line.startswith("— witness.example.com/w1 ")
    assert line.endswith("\n")
    assert (blob[:4], blob[4:12]) == (WITNESS.id, bytes.fromhex("00000000641850cb"))
    assert len(blob) == 4 + 8 + 64
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    ED.public_key().verify(blob[12:], message)


def test_the_time_in_the_specification_s_example_is_read_as_it_is_there() -> None:
    blob = base64.b64decode(
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    assert signatures.time_of(blob[4:]) == 1679315147


@pytest.mark.parametrize(("key", "sign"), BOTH)
def test_a_cosigned_checkpoint_opens_for_who_knows_the_witness_and_for_who_does_not(key: Key, sign: notes.Sign) -> None:
    note = cosigned(key=key, sign=sign)
    assert tiles.open_head(note, [LOG.vkey]).size == 20852163
    [read] = cosignatures.read(note, [LOG.vkey, key.vkey])
    assert (read.name, read.at) == (key.name, AT)
    assert note.endswith(read.line.encode())
    assert cosignatures.read(note, [LOG.vkey]) == []
    assert signatures.key_of(key.vkey) == key


@pytest.mark.parametrize(("key", "sign"), BOTH)
def test_a_cosignature_over_another_checkpoint_or_with_another_time_refuses_the_note(
    key: Key, sign: notes.Sign
) -> None:
    other = LOG.note(TEXT.replace("20852163", "20852164"))
    line = cosignatures.cosign_line(other, key, sign, at=AT)
    blob = bytearray(base64.b64decode(line.split(" ")[2]))
    for note in (
        NOTE + line.encode(),
        NOTE + cosignatures.cosign_line(NOTE, key, sign, at=AT).replace(key.name, "witness.example.com/w9").encode(),
    ):
        keys = [LOG.vkey, key.vkey, Key("witness.example.com/w9", key.kind, key.public).vkey]
        if b"witness.example.com/w9" in note:
            assert cosignatures.read(note, keys) == []  # its key id is of another name: by nobody who is known
        else:
            with pytest.raises(Untrusted, match="not over this text"):
                cosignatures.read(note, keys)
    blob[4:12] = struct.pack(">Q", 1679315148)
    with pytest.raises(Untrusted, match="not over this text"):
        cosignatures.read(other + f"— {key.name} {base64.b64encode(blob).decode()}\n".encode(), [key.vkey])


def test_no_flipped_bit_of_a_cosigned_checkpoint_goes_unnoticed_by_who_knows_the_witness() -> None:
    note = cosigned()
    keys = [LOG.vkey, WITNESS.vkey]
    for at in range(len(note) * 8):
        flipped = bytearray(note)
        flipped[at // 8] ^= 1 << at % 8
        try:
            tiles.open_head(bytes(flipped), keys)
            whole = [one.name for one in cosignatures.read(bytes(flipped), keys)] == [WITNESS.name]
        except Untrusted:
            whole = False
        assert not whole, f"bit {at}"


def test_a_witness_s_word_is_never_taken_for_the_log_s_own() -> None:
    """Were a cosigner named as the log, its signature alone must not make a checkpoint of it."""
    named = Key(LOG.name, COSIGNATURE, WITNESS.public)
    alone = TEXT.encode() + b"\n" + cosignatures.cosign_line(NOTE, named, ED.sign, at=AT).encode()
    with pytest.raises(Untrusted, match="by no key that you trust"):
        tiles.open_head(alone, [LOG.vkey, named.vkey])
    with pytest.raises(Untrusted, match="no witness's"):
        cosignatures.cosigner(LOG.vkey)
    assert cosignatures.cosigner(WITNESS.vkey) == WITNESS


def test_lines_are_added_once_and_those_of_strangers_are_passed_over() -> None:
    line = cosignatures.cosign_line(NOTE, WITNESS, ED.sign, at=AT).encode()
    stranger = cosignatures.cosign_line(NOTE, LATER, ML.sign, at=AT).encode()
    note, new = cosignatures.add_lines(NOTE, line + stranger, [WITNESS.vkey])
    assert (note, [one.name for one in new]) == (NOTE + line, [WITNESS.name])
    assert cosignatures.add_lines(note, line, [WITNESS.vkey]) == (note, [])
    with pytest.raises(Untrusted, match="no signed note"):
        cosignatures.add_lines(NOTE, b"hello\n", [WITNESS.vkey])


def test_only_a_checkpoint_is_cosigned() -> None:
    with pytest.raises(Untrusted, match="origin, size and root"):
        cosigned(LOG.note("anything\n"))
    for text in ("one line\n", "o\nx\ny\n", "o\n1\nCsUY\n", "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"):
        assert not signatures.holds(LATER, text, bytes(8) + bytes(2420))
    assert not signatures.holds(WITNESS, TEXT, bytes(71))
    assert not signatures.holds(WITNESS, TEXT, b"\xff" * 8 + bytes(64))


@pytest.mark.parametrize("kind", [b"\x01", b"\x04", b"\x06", b"\x02", b""])
def test_a_key_of_another_length_or_kind_is_no_key(kind: bytes) -> None:
    public = b"\x07" * (signatures.KEY_BYTES.get(kind, 32) + 1)
    with pytest.raises(Untrusted, match="copy the whole line"):
        signatures.key_of(Key("w", kind, public).vkey)


def test_the_key_of_a_witness_is_told_as_a_vkey_of_its_own_kind() -> None:
    assert cosignatures.vkey(WITNESS.name, WITNESS.public) == WITNESS.vkey
    assert cosignatures.vkey(LATER.name, LATER.public, ML_DSA_COSIGNATURE) == LATER.vkey
    with pytest.raises(ValueError, match="cannot name a key"):
        cosignatures.vkey("a b", WITNESS.public)
