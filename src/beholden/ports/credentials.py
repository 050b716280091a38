"""Passphrases of officers: kept as something that can only be checked."""

from __future__ import annotations

from typing import Protocol


class Credentials(Protocol):
    def keep(self, passphrase: str) -> str:
        """What to store: slow to guess from (argon2id), different each time."""

    def check(self, passphrase: str, stored: str) -> bool:
        """Whether the passphrase is the one that was kept. Takes the same time when nothing is stored (empty)."""
