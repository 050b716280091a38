"""Turns templates by an orthogonal matrix that only the holder of the gallery's secret can make.

Hardening only: cosines stay, so searching works on turned templates, and a stolen memory image does not hold templates
of the model's own space. 512 known pairs give the matrix away (measured: cosine 1.000 from 512 pairs, 0.13 from 64).

Every number here comes from sums in a fixed order, so the same secret and template give the same bits on every machine,
in every batch: two equal references are equal rows, and a tie between them is a tie.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from beholden.index.scanning import Rows

Matrix = NDArray[np.float64]
UNIFORMS = 12  # their sum has variance 1 (in units of their range) and is close to Gaussian; no log or cos is needed
U64 = 2.0**-53  # unit roundoff of float64
ROWS = 16  # of one product; more are no quicker
ALONE = 2**18  # multiplications of one product, up to which OpenBLAS takes no thread to it


def turn_of(secret: bytes, dimension: int) -> Matrix:
    """The orthogonal matrix (dimension × dimension) of a secret. Measured: 12 ms for 128 dimensions, 0.6 s for 512.

    Independent Gaussian numbers, orthonormalised with a positive diagonal, are uniform over all rotations and
    mirrorings (Mezzadri 2007, "How to generate random matrices from the classical compact groups").
    """
    label = b"beholden turn 1\0" + dimension.to_bytes(4, "little") + secret
    stream = hashlib.shake_256(label).digest(4 * UNIFORMS * dimension * dimension)
    uniforms = np.frombuffer(stream, dtype="<u4").reshape(UNIFORMS, dimension, dimension)
    gaussian = uniforms.astype(np.int64).sum(axis=0) - UNIFORMS * (2**32 - 1) // 2  # whole numbers: exact in any order
    columns: Matrix = gaussian.astype(np.float64) / 2.0**32
    for at in range(dimension):  # modified Gram–Schmidt; the norm is positive, which is the sign that makes it unique
        column = columns[:, at]
        column /= np.sqrt(summed(column * column))
        if at + 1 < dimension:
            rest = columns[:, at + 1 :]
            rest -= column[:, None] * np.add.accumulate(column[:, None] * rest, axis=0)[-1]
    return np.ascontiguousarray(columns.T)


def summed(terms: Matrix) -> Matrix:
    """The sum over the last axis, from the first to the last: `accumulate` may not reorder, as `sum` and BLAS do."""
    total: Matrix = np.add.accumulate(terms, axis=-1)[..., -1]
    return total


def turned(turn: Matrix, templates: Rows) -> Rows:
    """Each row turned: float32 of the float64 sums taken in the order of the dimensions.

    BLAS sums in an order of its own. Any two orders differ by at most 2·γ_d·Σ|t_i·x_i| ≤ 2·γ_d·‖t‖·‖x‖ (Higham,
    Accuracy and Stability, 3.1; γ_d = d·u/(1−d·u)), so wherever both ends of that interval round to one float32, the
    BLAS sum gives the bits of the ordered one. The others (1 number in 10⁴) are summed in order.
    """
    exact = templates.astype(np.float64)
    dimension = turn.shape[0]
    sums = _summed_by_blas(exact, turn)
    # Eight roundings more: of the interval's two ends, of the norm, and of the turn's rows (of unit length to 1e-13).
    norms = np.sqrt((exact * exact).sum(axis=1, keepdims=True))
    slack = 1.01 * (2 * dimension + 8) * U64 * norms
    rows: Rows = (sums - slack).astype(np.float32)
    unsure, dimensions = np.nonzero(rows != (sums + slack).astype(np.float32))
    if len(unsure):
        rows[unsure, dimensions] = summed(exact[unsure] * turn[dimensions]).astype(np.float32)
    for left in (exact, sums):  # what the heap would keep of a template
        left.fill(0)
    return rows


def _summed_by_blas(exact: Matrix, turn: Matrix) -> Matrix:
    """`exact @ turn.T`, in products so small that BLAS makes each in the thread that asks for it.

    The threads of its own that it takes to greater ones stay awake for a while after each, on the cores of those who
    search: while references were added, one search in a hundred took four times as long.
    """
    sums: Matrix = np.empty((len(exact), len(turn)))
    columns = max(1, ALONE // (ROWS * turn.shape[1]))
    for first in range(0, len(exact), ROWS):
        some = slice(first, first + ROWS)
        for start in range(0, len(turn), columns):
            part = slice(start, start + columns)
            np.matmul(exact[some], turn[part].T, out=sums[some, part])
    return sums
