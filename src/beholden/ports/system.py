"""Everything an action works with, in one value. It is passed, never global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beholden.ports.authenticators import Codes, Passkeys
from beholden.ports.blobs import Blobs
from beholden.ports.clock import Clock
from beholden.ports.cosigners import Cosigner
from beholden.ports.credentials import Credentials
from beholden.ports.database import Database
from beholden.ports.documents import Documents
from beholden.ports.index import Index
from beholden.ports.keys import Keys
from beholden.ports.media import Media
from beholden.ports.model import Model
from beholden.ports.policy import Policy
from beholden.ports.prints import Prints
from beholden.ports.providers import Provider
from beholden.ports.stores import Stores
from beholden.ports.witness import Witness
from beholden.records.rules import Rules


@dataclass(frozen=True, slots=True)
class System:
    profile: str  # "synthetic" or "operational": fixed at init, and in log entry 0
    origin: str  # the log's name, in every checkpoint
    client: str  # the door in use: "python", "cli", "worker", "demo"
    database: Database
    blobs: Blobs
    index: Index
    prints: Prints
    model: Model
    media: Media
    keys: Keys
    credentials: Credentials
    passkeys: Passkeys
    codes: Codes
    policy: Policy
    witness: Witness
    stores: Stores
    clock: Clock
    rules: Rules = Rules()
    documents: Documents | None = None  # None without the extra `report`
    cosigners: tuple[Cosigner, ...] = ()  # the log's witnesses; none: the log is watched by nobody
    provider: Provider | None = None  # the agency's own sign-in, where the settings name one
    # Another model by its address, for an upgrade; None where there is only the one. Raises `Untrusted` for one that is unfit.
    open_model: Callable[[System, str], Model] | None = None
    sent: str = ""  # the one-time number of the form or request that asks for the act: under it, it is done once

    def close(self) -> None:
        """Let go of the folder and forget the keys."""
        self.database.close()
        self.keys.close()
        self.stores.close()
