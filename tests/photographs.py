"""Photographs to measure on, which are never part of the project: `BEHOLDEN_EVAL_DIR` says where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def photographs(name: str) -> Path:
    """That folder of them. Without it the test is skipped, unless `BEHOLDEN_REQUIRE` names `eval`: then it fails."""
    folder = os.environ.get("BEHOLDEN_EVAL_DIR")
    if folder and Path(folder, name).is_dir():
        return Path(folder, name)
    if "eval" in os.environ.get("BEHOLDEN_REQUIRE", ""):
        pytest.fail(f"BEHOLDEN_REQUIRE names eval, but BEHOLDEN_EVAL_DIR holds no folder {name}/")
    pytest.skip(f"BEHOLDEN_EVAL_DIR is not set to a folder that holds {name}/")
