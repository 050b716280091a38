"""The kernel of the index. Where it was not built its tests are skipped or, if `BEHOLDEN_REQUIRE` names `kernel`, fail."""

from __future__ import annotations

import os

import pytest

if "kernel" not in os.environ.get("BEHOLDEN_REQUIRE", ""):
    pytest.importorskip("beholden.index._scan", reason="the kernel was not built: it needs gcc and python3-dev")

from beholden.index import _scan
from beholden.index.kernel import BLOCK, KernelCodes, KernelScanner, _coded

__all__ = ["BLOCK", "KernelCodes", "KernelScanner", "_coded", "_scan"]
