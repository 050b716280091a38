"""How fast this machine reads memory: what no comparison with every row can go past."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

PIECE = 2**21  # bytes that a thread reads at a time


def read_bandwidth(size: int, threads: int, times: int = 5) -> float:
    """Bytes a second at which so many threads read a buffer of `size` bytes, the best of so many times.

    By `memchr` of the C library, for a byte that is not there: it reads every byte in the widest registers there are.
    """
    library = ctypes.CDLL(None)
    library.memchr.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    held = np.ones(size, dtype=np.uint8)
    best = float("inf")

    def read(pieces: Iterator[NDArray[np.uint8]]) -> None:
        for piece in pieces:
            library.memchr(piece.ctypes.data, 0, piece.nbytes)

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(times):
            pieces = iter(np.array_split(held, max(threads, size // PIECE)))
            start = time.perf_counter()
            for done in [pool.submit(read, pieces) for _ in range(threads)]:
                done.result()
            best = min(best, time.perf_counter() - start)
    return size / best
