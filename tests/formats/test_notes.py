"""Signed notes: what is signed opens, and nothing that differs from it by one bit does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.errors import Untrusted
from beholden.formats import notes
from beholden.testing.sealed_log import Signer

AGENCY, OVERSIGHT, STRANGER = Signer("agency.example/pack"), Signer("oversight.example"), Signer("stranger.example")
TEXT = "beholden/pack/v1\nca-2020\n\né —\n"

# The example in the documentation of Go's golang.org/x/mod/sumdb/note, which C2SP's format describes.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()


def test_a_note_made_by_another_program_opens() -> None:
    text, signers = notes.open_note(GO_NOTE, [GO_KEY])
    assert (text.split("\n")[1], signers) == ("then you don't know what your problem is.", ["PeterNeumann"])


def test_a_note_opens_for_whoever_has_a_key_that_signed_it() -> None:
    note = notes.cosign(AGENCY.note(TEXT), OVERSIGHT.name, OVERSIGHT.public, OVERSIGHT.sign)
    assert notes.open_note(note, [AGENCY.vkey]) == (TEXT, [AGENCY.name])
    assert notes.open_note(note, [STRANGER.vkey, OVERSIGHT.vkey]) == (TEXT, [OVERSIGHT.name])
    assert notes.open_note(note, [OVERSIGHT.vkey, AGENCY.vkey]) == (TEXT, [AGENCY.name, OVERSIGHT.name])
    assert notes.text_of(note) == TEXT


def test_a_note_that_no_known_key_signed_is_refused_and_its_signers_named() -> None:
    with pytest.raises(Untrusted, match=r"signed by agency\.example/pack and by no key that you trust"):
        notes.open_note(AGENCY.note(TEXT), [STRANGER.vkey])


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    with pytest.raises(Untrusted):
        notes.open_note(Signer("agency.example/pack", seed="another").note(TEXT), [AGENCY.vkey])


def test_one_bad_signature_by_a_known_key_refuses_the_whole_note() -> None:
    forged = notes.cosign(AGENCY.note(TEXT), OVERSIGHT.name, OVERSIGHT.public, STRANGER.sign)
    with pytest.raises(Untrusted, match=r"signature of oversight\.example is not over this text"):
        notes.open_note(forged, [AGENCY.vkey, OVERSIGHT.vkey])
    assert notes.open_note(forged, [AGENCY.vkey]) == (TEXT, [AGENCY.name])


def test_a_key_signs_a_note_once() -> None:
    note = AGENCY.note(TEXT)
    with pytest.raises(ValueError, match="already"):
        notes.cosign(note, AGENCY.name, AGENCY.public, AGENCY.sign)
    with pytest.raises(Untrusted, match="twice"):
        notes.open_note(note + note.split(b"\n\n")[-1], [AGENCY.vkey])


def test_no_flipped_bit_of_a_note_goes_unnoticed() -> None:
    note = AGENCY.note("log\n20\nroot\n")
    for at in range(len(note) * 8):
        flipped = bytearray(note)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(Untrusted):
            notes.open_note(bytes(flipped), [AGENCY.vkey])


@pytest.mark.parametrize(
    "tail",
    [b"\x00", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\r", b"\n", b" ", b"\xc2\x85", b"\xe2\x80\xa8", b"x"],
)
def test_nothing_may_follow_the_last_newline_or_take_its_place(tail: bytes) -> None:
    note = AGENCY.note(TEXT)
    for altered in (note + tail, note[:-1] + tail, note + tail + b"\n"):
        if altered != note:
            with pytest.raises(Untrusted):
                notes.open_note(altered, [AGENCY.vkey])


def test_a_note_cut_anywhere_does_not_open() -> None:
    note = AGENCY.note(TEXT)
    for length in range(len(note)):
        with pytest.raises(Untrusted):
            notes.open_note(note[:length], [AGENCY.vkey])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_note_or_refused(content: bytes) -> None:
    with pytest.raises(Untrusted):
        notes.open_note(content + b"\n\n\xe2\x80\x94 a AAAAAAA=\n", [AGENCY.vkey])


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]) | st.just("\n"), max_size=80))
def test_any_text_without_controls_comes_back_as_it_was(text: str) -> None:
    assert notes.open_note(AGENCY.note(text + "\n"), [AGENCY.vkey]) == (text + "\n", [AGENCY.name])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "nul\x00\n", "carriage\r\n"])
def test_a_text_that_could_not_be_read_back_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        AGENCY.note(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\n"])
def test_a_name_that_could_not_be_read_back_names_no_key(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a key"):
        notes.vkey(name, AGENCY.public)
    with pytest.raises(ValueError, match="cannot name a key"):
        notes.sign_note(TEXT, name, AGENCY.public, AGENCY.sign)


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        notes.vkey("a", bytes(31))


@pytest.mark.parametrize(
    "line",
    ["", "agency", GO_KEY[:-1], GO_KEY.replace("c74f20a3", "C74F20A3"), GO_KEY.replace("Peter", "Paul"), GO_KEY + "\n"],
)
def test_a_line_that_is_no_key_is_refused_rather_than_skipped(line: str) -> None:
    with pytest.raises(Untrusted, match="no key"):
        notes.open_note(GO_NOTE, [GO_KEY, line])


def test_a_reader_is_not_made_to_check_signatures_without_end() -> None:
    note = AGENCY.note(TEXT) + b"".join(f"— k{i} AAAAAAA=\n".encode() for i in range(100))
    with pytest.raises(Untrusted, match="101 signatures"):
        notes.open_note(note, [AGENCY.vkey])
