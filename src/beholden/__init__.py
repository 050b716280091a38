"""Beholden: face search for finding victims, which answers for every search it runs.

`open_folder` opens a data folder; what people do is in `beholden.actions`, what things are in `beholden.records`.
Nothing heavy is imported here: `import beholden` loads no database, model or picture library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from beholden.opening import make_folder, open_folder, open_system
    from beholden.ports.system import System
    from beholden.records.people import Officer

__all__ = ["Officer", "System", "make_folder", "open_folder", "open_system"]

_PLACES = {
    "make_folder": "beholden.opening",
    "open_folder": "beholden.opening",
    "open_system": "beholden.opening",
    "System": "beholden.ports.system",
    "Officer": "beholden.records.people",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'beholden' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
