"""Which fields of a record lie sealed on the disk: those with `Annotated[…, Sealed()]`, as what people wrote has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Sealed:
    """`by` names the field with the id of the record whose key seals it; empty: a secret of the system.

    Once that key is destroyed the field reads as empty. A list is ordered and narrowed by a sealed field as by any other,
    but for the time that it takes to open it in each row that is passed over.
    """

    by: str = ""


Written = Annotated[str, Sealed("id")]
"""Text that a person wrote, under the key of the record it is in: for the kinds of `recover.KEYED` alone."""

Noted = Annotated[str, Sealed()]
"""Text that a person wrote, under a secret of the system: where the record has no key, or long lists are narrowed by it."""
