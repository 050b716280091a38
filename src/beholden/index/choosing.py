"""Which scanner makes the first pass: the quickest that runs on this machine, or the one that is named."""

from __future__ import annotations

import os

from beholden.errors import Fault
from beholden.index.scanning import Scanner


def best_scanner(only: str = "") -> Scanner:
    """The quickest that runs here: the kernel if it was built, else faiss, else numpy.

    `only`, or the environment's `BEHOLDEN_SCANNER`, names one: `kernel`, `kernel avx2` (or another of its variants),
    `faiss`, `numpy`. Raises `Fault` if that one does not run here.
    """
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
    from beholden.index.flat16 import FaissScanner

    return FaissScanner()


def _numpy(_: str) -> Scanner:
    from beholden.index.plain import PlainScanner

    return PlainScanner()
