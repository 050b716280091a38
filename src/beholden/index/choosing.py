"""Which scanner makes the first pass: the quickest that runs on this machine, or the one that is named."""

from __future__ import annotations

import os

from beholden.errors import Fault
from beholden.index.scanning import Scanner


def best_scanner(only: str = "") -> Scanner:
    """The quickest that runs here: the kernel if it was built, else faiss, else numpy.

    `only`, or the environment's `BEHOLDEN_SCANNER`, names one: `kernel`, one of its variants (`kernel avx512-vnni`,
    `kernel avx2`, `kernel dotprod`, `kernel neon`, `kernel plain`), `faiss`, `numpy`. Raises `Fault` if that one does not run here.
    """
    # Not in opening.py, which chooses all adapters: no answer depends on this, and the bench makes an index without it.
    only = only or os.environ.get("BEHOLDEN_SCANNER", "")
    kind, _, variant = only.partition(" ")
    reasons = []
    for name, made in (("kernel", _kernel), ("faiss", _faiss), ("numpy", _numpy)):
        if kind in ("", name) and (name == "kernel" or not variant):
            try:
                return made(variant)
            except ImportError as error:
                reasons.append(str(error))
    because = "; ".join(reasons) or "it is none of kernel, faiss and numpy"
    raise Fault(f"The scanner {only!r} does not run here ({because}): install it, or leave BEHOLDEN_SCANNER out.")


def _kernel(variant: str) -> Scanner:
    from beholden.index.kernel import KernelScanner

    return KernelScanner(variant)


def _faiss(_: str) -> Scanner:
    from beholden.index.halves import FaissScanner

    return FaissScanner()


def _numpy(_: str) -> Scanner:
    from beholden.index.floats import FloatScanner

    return FloatScanner()
