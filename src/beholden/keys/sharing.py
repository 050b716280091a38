"""A secret in shares, any `threshold` of which give it back and fewer of which say nothing of it (Shamir, CACM 22(11), 1979).

Each byte of the secret is the value at 0 of a polynomial of degree `threshold - 1` over GF(256) whose other coefficients are
random; share number x holds the values at x. The field is that of AES (FIPS 197, section 4.2).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import reduce
from operator import xor

MOST = 255  # points other than 0 in the field


def split(secret: bytes, threshold: int, count: int) -> dict[int, bytes]:
    """`count` shares, numbered from 1, each as long as the secret. Raises ValueError unless 1 ≤ threshold ≤ count ≤ 255."""
    if not 1 <= threshold <= count <= MOST:
        raise ValueError(f"{threshold} of {count} shares: there are 1 to {MOST}, and no more are needed than there are")
    rest = [os.urandom(len(secret)) for _ in range(threshold - 1)]
    coefficients = [*reversed(rest), secret]  # the highest power first, as Horner's rule takes them
    return {x: bytes(_value(column, x) for column in zip(*coefficients, strict=True)) for x in range(1, count + 1)}


def join(shares: Mapping[int, bytes]) -> bytes:
    """The secret, of as many shares as it was split for; of fewer, or of others, bytes that mean nothing.

    Raises ValueError for shares of different lengths, for a number out of 1 to 255, and for none.
    """
    if not shares or len({len(share) for share in shares.values()}) > 1 or not all(1 <= x <= MOST for x in shares):
        raise ValueError("these are no shares of one secret")
    weights = {x: _weight(x, [other for other in shares if other != x]) for x in shares}
    length = len(next(iter(shares.values())))
    return bytes(
        reduce(xor, (_times(weights[x], share[place]) for x, share in shares.items())) for place in range(length)
    )


def _value(coefficients: tuple[int, ...], x: int) -> int:
    value = 0
    for coefficient in coefficients:
        value = _times(value, x) ^ coefficient
    return value


def _weight(x: int, others: list[int]) -> int:
    """Lagrange's basis polynomial of x, at 0: the product of other / (other - x), where minus is plus is xor."""
    weight = 1
    for other in others:
        weight = _times(weight, _times(other, _inverse(other ^ x)))
    return weight


def _inverse(a: int) -> int:
    """a^254 = a^2 a^4 … a^128, since a^255 = 1 for whatever is not 0."""
    inverse, power = 1, a
    for _ in range(7):
        power = _times(power, power)
        inverse = _times(inverse, power)
    return inverse


def _times(a: int, b: int) -> int:
    product = 0
    for _ in range(8):
        product ^= a * (b & 1)
        a = (a << 1) ^ (0x11B * (a >> 7))
        b >>= 1
    return product
