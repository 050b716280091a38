"""Damage: whatever a decoder fails with on a stranger's file, the person hears that the file is damaged."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from beholden.errors import UnreadableImage

# What Pillow's decoders were seen to raise on hostile files, beyond its own OSError and SyntaxError.
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, ArithmeticError, LookupError, TypeError)
DAMAGE_TOO = (AttributeError, RuntimeError, AssertionError, MemoryError, BufferError, zlib.error)


@contextmanager
def damage_told() -> Iterator[None]:
    """Raises `UnreadableImage` for it, and keeps Pillow's warnings inside.

    The filter is added once and stays: another thread that decodes would undo `warnings.catch_warnings`.
    """
    if not any(entry[0] == "ignore" and getattr(entry[3], "pattern", "") == r"PIL\." for entry in warnings.filters[:8]):
        warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        yield
    except (*DAMAGE, *DAMAGE_TOO) as error:
        raise UnreadableImage(
            f"the file is damaged or cut short and is not repaired ({type(error).__name__}: {error}); "
            "copy it again from its source, or export it as PNG"
        ) from error
