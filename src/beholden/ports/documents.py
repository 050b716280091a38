"""Documents that leave the agency on paper or on a screen: the packet of a disclosure, as pages that anybody can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Chip:
    """A face on a contact sheet: its line of words, and the picture as a JPEG."""

    words: str
    content: bytes


class Documents(Protocol):
    def disclosure(
        self, packet: Mapping[str, object], *, made_at: datetime, chips: Sequence[Chip], files: Mapping[str, bytes]
    ) -> bytes:
        """Every field of the packet as a PDF for the archive (PDF/A-3a) that a screen reader reads (PDF/UA-1).

        The packet's `statement` stands on each page, and `files` lie in the PDF as they are. A chip has its own words beside
        it and nothing else. The same packet gives the same bytes; what a font cannot show is written as its number.
        """
