"""What `_scan.c` offers. Buffers of a wrong length or alignment raise `ValueError`, and nothing outside them is touched."""

from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any]

def variants() -> list[str]: ...
def put(blocks: Buffer, dimension: int, place: int, rows: Buffer, /) -> int: ...
def scan(
    variant: str,
    blocks: Buffer,
    dimension: int,
    start: int,
    stop: int,
    tag: int,
    heads: Buffer,
    lists: Buffer,
    heap: Buffer,
    found: Buffer,
    highs: Buffer,
    /,
) -> int: ...
