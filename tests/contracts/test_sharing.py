"""Shares of a secret: enough of them give it back, in whichever choice, and one too few leave every secret possible."""

from __future__ import annotations

import os
from collections import Counter
from itertools import combinations

import pytest

from beholden.keys import sharing
from beholden.keys.sharing import join, split

SPLITS = [(threshold, count) for count in range(1, 6) for threshold in range(1, count + 1)]


@pytest.mark.parametrize(("threshold", "count"), SPLITS)
def test_every_choice_of_enough_shares_gives_the_secret_back(threshold: int, count: int) -> None:
    for secret in (os.urandom(32), bytes(32), b"\xff" * 32):
        shares = split(secret, threshold, count)
        assert sorted(shares) == list(range(1, count + 1))
        for enough in range(threshold, count + 1):
            for chosen in combinations(shares, enough):
                assert join({x: shares[x] for x in chosen}) == secret
                assert join({x: shares[x] for x in reversed(chosen)}) == secret


@pytest.mark.parametrize(("threshold", "count"), [one for one in SPLITS if one[0] > 1])
def test_one_share_too_few_leaves_every_secret_possible(threshold: int, count: int) -> None:
    """To what is known there is, for each of the 256 secrets of a byte, just one value of the missing share."""
    shares = split(b"\x2a", threshold, count)
    for missing in shares:
        for known in combinations([x for x in shares if x != missing], threshold - 1):
            held = {
                x: shares[x] * 256 for x in known
            }  # each byte is split apart from the others: all are tried in one go
            assert sorted(join({**held, missing: bytes(range(256))})) == list(range(256))


def test_what_one_holds_is_as_likely_under_every_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all coefficients that may be drawn, a share has each value equally often, whatever the secret is."""
    for secret in (b"\x00", b"\x01", b"\xfe"):
        seen: Counter[int] = Counter()
        for drawn in range(256):
            monkeypatch.setattr(sharing.os, "urandom", lambda length, drawn=drawn: bytes([drawn]) * length)
            seen[split(secret, 2, 3)[3][0]] += 1
        assert seen == dict.fromkeys(range(256), 1)


def test_the_arithmetic_is_that_of_the_field_of_aes() -> None:
    assert sharing._times(0x57, 0x83) == 0xC1  # FIPS 197, section 4.2
    assert sharing._times(0x57, 0x13) == 0xFE  # section 4.2.1
    assert all(sharing._times(a, sharing._inverse(a)) == 1 for a in range(1, 256))


def test_two_splits_of_one_secret_share_no_share() -> None:
    one, other = split(bytes(32), 3, 5), split(bytes(32), 3, 5)
    assert not set(one.values()) & set(other.values())
    assert bytes(32) not in one.values()


@pytest.mark.parametrize(("threshold", "count"), [(0, 3), (4, 3), (1, 0), (2, 256)])
def test_a_split_that_cannot_be_is_refused(threshold: int, count: int) -> None:
    with pytest.raises(ValueError, match="shares"):
        split(b"secret", threshold, count)


@pytest.mark.parametrize("shares", [{}, {0: b"ab"}, {256: b"ab"}, {1: b"ab", 2: b"abc"}])
def test_what_are_no_shares_of_one_secret_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="no shares"):
        join(shares)


def test_the_most_that_can_be_made_are_all_good() -> None:
    shares = split(b"secret", 2, 255)
    assert join({1: shares[1], 255: shares[255]}) == b"secret"
