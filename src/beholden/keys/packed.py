"""A folder as one file that a single age recipient can open, and nobody else, the sender included."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from beholden.errors import BadInput


def recipient_of(name: str) -> str:
    """The name itself. Raises `BadInput` for what is no age recipient."""
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(name)
    except pyrage.RecipientError as error:
        raise BadInput(f"{name[:80]!r} is no age recipient (age1…): ask the reader for theirs") from error
    return name


def packed_for(name: str, folder: Path) -> bytes:
    """An age file with a tar archive of the folder. Its files have no owner and no time: they tell of the log alone."""
    import pyrage

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            told = tarfile.TarInfo(path.relative_to(folder).as_posix())
            told.size = path.stat().st_size
            with path.open("rb") as file:
                tar.addfile(told, file)
    sealed: bytes = pyrage.encrypt(archive.getvalue(), [pyrage.x25519.Recipient.from_str(name)])
    return sealed
