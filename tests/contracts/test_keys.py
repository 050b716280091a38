"""Keys in a vault and in memory keep the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from beholden.keys.memory import MemoryKeys
from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
from beholden.ports.keys import Keys
from beholden.testing.keys_contract import KeysContract


class TestMemoryKeys(KeysContract):
    @pytest.fixture
    def keys(self) -> Keys:
        return MemoryKeys()


class TestVault(KeysContract):
    @pytest.fixture
    def keys(self, tmp_path: Path) -> Iterator[Keys]:
        vault = Vault.make(tmp_path / "keys", KeyFile.make(tmp_path / "key-file"))
        yield vault
        vault.close()
