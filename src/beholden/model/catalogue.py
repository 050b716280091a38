"""Which model packs there are: those that ship, and those of a folder of packs."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from beholden.errors import Missing
from beholden.model.manifest import Manifest
from beholden.model.reading import manifest_in

PACKS = files("beholden.model") / "packs"


def pack_names(folder: Path | None = None) -> tuple[str, ...]:
    """The packs that ship; or those of a folder of packs, each a folder with its manifest in it."""
    if folder is None:
        return tuple(
            sorted(entry.name.removesuffix(".toml") for entry in PACKS.iterdir() if entry.name.endswith(".toml"))
        )
    if not folder.is_dir():
        return ()
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / f"{entry.name}.toml").is_file()))


def manifest_of(name: str, folder: Path | None = None) -> Manifest:
    """The manifest of a pack that ships, or of one in that folder of packs: a shipped name is never another's.

    Raises `Missing` for a pack that we do not have, `BadInput` with everything that is wrong with a manifest.
    """
    if name in pack_names():
        return manifest_in((PACKS / f"{name}.toml").read_bytes(), None)
    there = pack_names(folder) if folder else ()
    if folder is None or name not in there:
        raise Missing(f"there is no model pack {name!r}; set one of: {', '.join((*pack_names(), *there))}")
    return manifest_in((folder / name / f"{name}.toml").read_bytes(), folder / name)
