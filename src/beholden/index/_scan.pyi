"""What `_scan.c` offers. Buffers of a wrong length or alignment raise `ValueError`, and nothing outside them is touched."""

from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any]

def variants() -> list[str]: ...
def put(words: Buffer, dimension: int, place: int, rows: Buffer, /) -> int: ...
def bounds(
    variant: str,
    words: Buffer,
    dimension: int,
    rows: int,
    start: int,
    stop: int,
    heads: Buffer,
    whole: bool,
    uppers: Buffer,
    apart: int,
    /,
) -> int: ...
def finish(
    variant: str,
    words: Buffer,
    dimension: int,
    rows: int,
    blocks: Buffer,
    head: Buffer,
    bar: float,
    places: Buffer,
    lows: Buffer,
    highs: Buffer,
    /,
) -> int: ...
