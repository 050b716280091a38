"""Where the two folders of a system lie, as the keys remember it: a copy beside the original is told from one that was moved."""

from __future__ import annotations

import json
from pathlib import Path

from beholden.errors import BadInput, Fault
from beholden.ports.keys import Keys


def check_places(data: Path, keys: Path) -> None:
    """Raises `BadInput` for two folders for a new system that are not new, or not apart."""
    wrong = []
    if keys == data or keys.is_relative_to(data):
        wrong.append(f"the keys must not lie in the data folder ({keys}): who takes the one would have both")
    elif data.is_relative_to(keys):
        wrong.append(f"the data folder must not lie in the key folder ({data})")
    for folder in (data, keys):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            wrong.append(f"{folder} is not empty; name a new folder")
    if wrong:
        raise BadInput("; ".join(wrong))


def check_no_copy(keys: Keys, data: Path, folder: Path) -> None:
    """Two data folders must not share one key folder: each would sweep away the keys that only the other one names.

    The keys note where the data lay. A folder that was moved or restored is noted anew; one beside the folder that is
    still there is a copy, and refused with `Fault`. Keys that were copied along are keys of their own.
    """
    here = {"keys": folder.stat().st_ino, "data": data.stat().st_ino, "path": str(data)}
    noted = json.loads(keys.noted("folder") or b"{}")
    if noted == here:
        return
    there = Path(noted.get("path", ""))
    elsewhere = noted.get("path") != here["path"] and noted.get("data") != here["data"]
    if noted.get("keys") == here["keys"] and elsewhere and there.is_dir() and there.stat().st_ino == noted["data"]:
        raise Fault(
            f"the keys in {folder} belong to the data folder {there}, which is still there, and this one is a copy of it: "
            "copy the key folder too and name it in beholden.toml, or take the other data folder away first"
        )
    keys.note("folder", json.dumps(here).encode())
