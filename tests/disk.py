"""Two real folders with a database and a vault, and nothing in them: for acts that copy what is on a disk."""

from __future__ import annotations

from pathlib import Path

from beholden.database.upgrade import upgrade
from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
from beholden.stores.disk import DiskStores


def disk(folder: Path) -> DiskStores:
    """Made anew; the folders are `data` and `keys` in this one."""
    folder.mkdir()
    (folder / "data").mkdir()
    Vault.make(folder / "keys", KeyFile.make(folder / "key-file")).close()
    upgrade(f"sqlite:///{folder}/data/records.db")
    return DiskStores(folder / "data", folder / "keys", ballast_bytes=1)
