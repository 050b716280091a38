"""No words of a page escape the catalogue: with one that puts marks around everything, nothing of ours stands outside of them."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser

import pytest

from beholden.database.tables import RECORDS
from beholden.records.faces import Face
from beholden.web import words
from tests.agency import Agency, necessity
from tests.web import casework
from tests.web.test_french import ALONE, READ_ALOUD, in_french, walk

BETWEEN = "\x00"
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
IDS = re.compile(r"\b[0-9a-f]{10}\b")  # as pages shorten them
# What people typed, names that the system was given, times, and the names of keys and languages: data, in any language.
DATA = {"code", "kbd", "time", "pre", "textarea", "option", "samp"}
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
TYPED = {"A rendered person", "caption of", "https://example.org/"}  # what lies sealed in a record, as tests type it
NAMES = {"Beholden", "English", "Français", "JSON", "PDF", "SHA", "CSV"}


class Marks(gettext.NullTranslations):
    """A language in which every text of the catalogue stands between marks."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class Outside(HTMLParser):
    """What a page says outside of the marks, where it is not said to be English and is not data."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[tuple[str, str]] = []
        self.said: list[str] = []  # read aloud, and not seen
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        language = told.get("lang") or (self.around[-1][1] if self.around else "")
        if tag not in ALONE:
            self.around.append((tag, language))
        if language != "en":
            self.said += [value for name in READ_ALOUD if (value := told.get(name)) and tag not in DATA]

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self.around}
        if self.around and self.around[-1][1] != "en" and not tags & {*DATA, "script", "style", "details"}:
            self.text += f"{BETWEEN}{data}"


def outside(html: str, known: Iterable[str] = ()) -> list[str]:
    """A sentence between marks may have data or a link in it; data may stand beside marks."""
    told = Outside()
    told.feed(html)
    left = BETWEEN.join([told.text, *told.said])
    while MARKED.search(left):
        left = MARKED.sub(" ", left)
    found = []
    for one in left.split(BETWEEN):
        rest = one
        for datum in known:
            rest = rest.replace(datum, " ")
        if set(WORD.findall(IDS.sub(" ", rest))) - NAMES:
            found.append(" ".join(rest.split()))
    return found


def texts_of(value: object) -> Iterator[str]:
    """Every text in a record, however deep."""
    if isinstance(value, str):
        yield str(value)
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts_of(getattr(value, one.name))
    elif isinstance(value, Mapping):
        yield from texts_of(list(value.values()))
    elif isinstance(value, Sequence | frozenset) and not isinstance(value, bytes):
        for one in value:
            yield from texts_of(one)


def given(agency: Agency) -> list[str]:
    """What people typed and named, and what the pack of rules says in its own French."""
    with agency.system.database.look() as look:
        said = {text for kind in RECORDS for record in look.find(kind) for text in texts_of(record)}
    pack = agency.system.policy.pack
    said |= {pack.title(name, "fr") for name in pack.purposes} | set(texts_of(necessity(1))) | TYPED
    return sorted((one for one in said if WORD.search(one)), key=len, reverse=True)  # the longest first


def test_a_word_that_is_in_no_catalogue_would_be_found() -> None:
    assert outside(
        '<p>⟦Cases⟧ <b>left over</b> <time>2026</time> <i lang="en">said</i></p><a title="also this">⟦x⟧</a>'
    ) == [
        "left over",
        "also this",
    ]


def test_no_page_says_a_word_that_is_in_no_catalogue(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    casework.review(agency, found, 1)
    for name in ("erik", "edda"):
        casework.examine(agency, found, name)
    agency.erase(agency.find(Face)[0].id)
    whole = words._catalogue
    monkeypatch.setattr(words, "_catalogue", lambda code: Marks() if code == "fr" else whole(code))
    escaped: dict[str, set[str]] = {}
    known = given(agency)
    for name in ("ada", "stella", "pia", "ines", "sven", "erik", "aude"):
        somebody = in_french(agency, name)
        for path in walk(somebody):
            if left := set(outside(somebody.page.text, known)):
                escaped[re.sub(r"[0-9a-f]{32}", "id", path)] = left
    assert escaped == {}
