"""`Documents` by typst: the packet set as PDF/A-3a and PDF/UA-1 with the typefaces of the wheel, and nothing else of the machine.

Why these two standards: docs/why/0012-a-page-for-the-archive-and-for-everybody.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files as resources

from beholden.documents.telling import printable, sections
from beholden.documents.words import WORDS
from beholden.errors import Fault
from beholden.ports.documents import Chip

KINDS = {".json": ("application/json", "data"), ".note": ("text/plain", "supplement")}


class TypstDocuments:
    """Needs the extra `report`. typst itself is loaded when the first document is made."""

    def __init__(self, address: str = "typst:") -> None:
        self._language = address.partition(":")[2] or "en"

    def disclosure(
        self, packet: Mapping[str, object], *, made_at: datetime, chips: Sequence[Chip], files: Mapping[str, bytes]
    ) -> bytes:
        import typst

        words = WORDS[self._language]
        parts = [asdict(section) for section in sections(packet, words)]
        told = {
            "lang": self._language,
            "words": {**words, "heading": words[""]},
            "title": f"{words['disclosure']} {packet['disclosure']}",
            "statement": printable(str(packet["statement"])),
            "date": {"year": made_at.year, "month": made_at.month, "day": made_at.day}
            | {"hour": made_at.hour, "minute": made_at.minute, "second": made_at.second},
            "sections": parts,
            "chips": [{"words": printable(chip.words), "content": list(chip.content)} for chip in chips],
            "files": [_attached(name, content) for name, content in files.items()],
            "escaped": "[U+" in json.dumps(parts),
        }
        template = (resources("beholden.documents") / "disclosure.typ").read_bytes()
        try:
            made = typst.compile(
                template,
                format="pdf",
                ignore_system_fonts=True,
                pdf_standards=["a-3a", "ua-1"],
                sys_inputs={"told": json.dumps(told)},
                timestamp=int(made_at.timestamp()),
            )
        except typst.TypstError as error:
            raise Fault(f"the pages could not be set ({error}): report it, or take the extra `report` away") from error
        return bytes(made)


def _attached(name: str, content: bytes) -> dict[str, object]:
    kind, relationship = KINDS.get("." + name.rpartition(".")[2], ("application/octet-stream", "supplement"))
    return {
        "name": name,
        "kind": kind,
        "relationship": relationship,
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": list(content),  # typst has no text for bytes, and takes them as numbers
    }
