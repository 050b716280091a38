"""Gather the words of the pages into beholden.pot, bring the French catalogue up to date with them, and compile it.

`python tools/words.py` writes; with `--check` it only says, by its exit code, whether what is there is current.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from beholden.actions import dispose  # noqa: E402
from beholden.errors import BeholdenError  # noqa: E402
from beholden.records import (  # noqa: E402
    audit,
    authority,
    cases,
    disclosures,
    erasure,
    evaluation,
    examination,
    exhibits,
    galleries,
    people,
    requests,
    review,
    searches,
    sought,
    sources,
    training,
)
from beholden.web.errors_said import GAP, TEMPLATES  # noqa: E402
from beholden.web.words import ERROR, SLUGS  # noqa: E402
from tools.raised import sentences  # noqa: E402

LOCALE = ROOT / "src/beholden/web/locale"
POT = LOCALE / "beholden.pot"
FRENCH = LOCALE / "fr/LC_MESSAGES/beholden.po"
COMPILED = FRENCH.with_suffix(".mo")
MADE_AT = datetime(2026, 11, 22, tzinfo=UTC)  # not the time of the day: the same words are the same bytes
KEYWORDS = {"_": None, "named": None, "gettext": None, "ngettext": (1, 2)}
# Shown through `in_words` too, and in no enumeration: outcomes in the log, and the doors of sessions.
OTHERS = ("done", "refused", "failed", "web", "rest", "cli", "worker", "server", "demo", "api key")
RECORDS = (
    *(authority, cases, disclosures, erasure, evaluation, examination, exhibits, galleries, people, requests, review),
    *(searches, sought, sources, training),
)


def gathered() -> Catalog:
    """What is marked in the code and the templates, and what the records say of themselves: states, roles, titles of errors."""
    made = Catalog(project="Beholden", charset="utf-8", creation_date=MADE_AT, revision_date=MADE_AT)
    with (ROOT / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    for path, _line, message, comments, context in extract_from_dir(ROOT, methods, options, keywords=KEYWORDS):
        made.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    for words in said_by_records():
        made.add(words, locations=[("src/beholden/records", 0)])
    for words in (*sentences(), *sorted({why for _, why in dispose.STAYS.values()})):
        made.add(words, locations=[("src/beholden", 0)], context=ERROR)
    return made


def said_by_records() -> Iterator[str]:
    for module in RECORDS:
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Enum) and kind.__module__ == module.__name__:
                said = (str(one.value) for one in kind if isinstance(one, str))
                yield from (one.replace("_", " ").replace("-", " ") for one in said if one not in SLUGS)
    yield from sorted(set(audit.OPERATIONS.values()))
    yield from OTHERS
    yield from (one.words for one in examination.Opinion)
    yield from (name.replace("-", " ") for name in examination.COMPONENTS if name not in SLUGS)
    yield from _titles(BeholdenError)


def _titles(kind: type[BeholdenError]) -> Iterator[str]:
    yield kind.title
    for narrower in kind.__subclasses__():
        yield from _titles(narrower)


def as_text(catalog: Catalog, *, header: bool) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_output=True, omit_header=not header, include_lineno=False)
    return out.getvalue()


def french(template: Catalog) -> Catalog:
    """What was translated before, for the words that there are now."""
    before = read_po(io.BytesIO(FRENCH.read_bytes()), locale="fr") if FRENCH.exists() else Catalog(locale="fr")
    made = Catalog(
        locale="fr",
        project="Beholden",
        version="1",
        header_comment="# The words of the pages in French. What is not translated is shown in English.",
        last_translator="the project",
        language_team="the project",
        msgid_bugs_address="the issues of the project",
        charset="utf-8",
        creation_date=MADE_AT,
        revision_date=MADE_AT,
        fuzzy=False,
    )
    for message in template:
        if message.id:
            kept = before.get(message.id, message.context)
            made.add(
                message.id,
                kept.string if kept else "",
                locations=message.locations,
                flags=message.flags,
                context=message.context,
            )
    return made


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    template = gathered()
    translated = french(template)
    files = {
        POT: as_text(template, header=False),
        FRENCH: as_text(translated, header=True),
        COMPILED: compiled(translated),
        TEMPLATES: (
            json.dumps([one for one in sentences() if GAP.search(one)], indent=0, ensure_ascii=False) + "\n"
        ).encode(),
    }
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'is not current' if '--check' in sys.argv else 'is written anew'}")
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path])
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
