"""The pages in French: a whole catalogue, no English words left over, and what is English on a French page says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from html.parser import HTMLParser

from babel.dates import get_month_names
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from beholden.records.faces import Face
from beholden.web import page, words
from tests.agency import Agency
from tests.web import casework
from tests.web.browser import Browser

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")
# A page puts the words of a catalogue into its attributes as they are: none may end one or begin a tag.
MARKUP = re.compile(r'["<>&]')
SCORE_WORDS = re.compile(r"\b(correspondances?|identités?|identifié\w*)\b", re.IGNORECASE)
CLAIMS = re.compile(r"\b(conformes?|conformité|licites?|légalité)\b", re.IGNORECASE)
READ_ALOUD = (
    "aria-label",
    "alt",
    "title",
    "data-confirm",
    "data-key-words",
    "data-words",
    "data-chosen",
    "data-change",
    "data-press",
    "data-taken",
    "data-changed",
    "data-unreached",
)
ALONE = {"meta", "link", "input", "img", "br"}


@cache
def catalogue() -> tuple[Message, ...]:
    with (words.LOCALES / "fr/LC_MESSAGES/beholden.po").open("rb") as file:
        return tuple(message for message in read_po(file, locale="fr") if message.id)


def said_in(words: object) -> tuple[str, ...]:
    """One and many, or the one that there is."""
    return tuple(words) if isinstance(words, list | tuple) else (str(words),)


class Said(HTMLParser):
    """What a page says in the language of the page: its text and what is read aloud, without what is marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[tuple[str, str]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        language = told.get("lang") or (self.around[-1][1] if self.around else "")
        if tag not in ALONE:
            self.around.append((tag, language))
        if language != "en" and tag != "code":
            self.said += [value for name in READ_ALOUD if (value := told.get(name))]

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self.around}
        # The values of a log entry stand there as they were recorded, in whatever language.
        if self.around and self.around[-1][1] != "en" and not tags & {"code", "script", "details"}:
            self.said.append(" ".join(data.split()))


@cache
def english() -> frozenset[str]:
    """The words of the catalogue that French has others for."""
    return frozenset(
        one for message in catalogue() for one in said_in(message.id) if one not in said_in(message.string)
    )


def english_in(html: str) -> set[str]:
    spoken = Said()
    spoken.feed(html)
    return set(spoken.said) & english()


def in_french(agency: Agency, name: str) -> Browser:
    somebody = Browser(agency, name)
    somebody.client.headers["accept-language"] = "fr-CA,fr;q=0.9"
    return somebody


def walk(somebody: Browser) -> Iterator[str]:
    """Every page that links lead to from the first, one of each kind."""
    ahead, seen = ["/", "/account"], set[str]()
    while ahead:
        path = ahead.pop(0)
        kind = re.sub(r"[0-9a-f]{32}", "id", path)
        if kind in seen:
            continue
        seen.add(kind)
        somebody.open(path)
        if "html" in somebody.page.headers.get("content-type", ""):
            yield path
            ahead += re.findall(r'href="(/(?!static|held)[^"?#]*)"', somebody.page.text)


def test_the_french_catalogue_is_complete() -> None:
    assert [message.id for message in catalogue() if not all(said_in(message.string))] == []
    assert [message.id for message in catalogue() if message.fuzzy] == []


def test_french_words_have_the_gaps_of_the_english_ones_and_no_markup() -> None:
    for message in catalogue():
        english, french = said_in(message.id), said_in(message.string)
        assert all(set(PLACEHOLDER.findall(one)) <= set(PLACEHOLDER.findall(english[-1])) for one in french), message.id
        if message.context != words.ERROR:  # an error may hold the ending of a plural, and stands in no attribute
            assert sorted(PLACEHOLDER.findall(french[-1])) == sorted(PLACEHOLDER.findall(english[-1])), message.id
            assert not any(MARKUP.search(one) for one in french), message.id


def test_no_french_words_are_said_twice_over() -> None:
    """As a careless merge of two catalogues leaves them: "Ouvrez.Ouvrez."."""
    for message in catalogue():
        for one in said_in(message.string):
            assert not re.fullmatch(r"(.{4,})\s*\1", one, re.DOTALL), message.id


def test_no_french_word_says_more_of_a_score_than_it_can_or_claims_to_keep_the_law() -> None:
    said = " ".join(one for message in catalogue() for one in said_in(message.string))
    assert SCORE_WORDS.findall(said) + CLAIMS.findall(said) == []


def test_no_french_page_says_a_word_of_the_catalogue_in_english(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    casework.review(agency, found, 1)
    for name in ("erik", "edda"):
        casework.examine(agency, found, name)
    agency.erase(agency.find(Face)[0].id)
    pages = 0
    for name in ("ada", "stella", "pia", "ines", "sven", "erik", "aude"):
        somebody = in_french(agency, name)
        for path in walk(somebody):
            assert '<html lang="fr">' in somebody.page.text, path
            assert english_in(somebody.page.text) == set(), (name, path)
            pages += 1
    assert pages > 60


def test_what_rules_and_lists_say_is_french_on_a_french_page(agency: Agency) -> None:
    stella = in_french(agency, "stella")
    refused = stella.open("/asides").text
    assert re.search(r'<p lang="fr">Seul un responsable de la vie privée', refused)
    assert re.search(r'Comment poursuivre\W+<span lang="fr">', refused)
    found = agency.search(agency.ready(1, 2, 3).authority)
    ines = in_french(agency, "ines")
    ines.open(f"/searches/{found.id}")
    assert "Ceci est une liste de pistes d’enquête." in ines.text
    assert "investigative leads" not in ines.text


def test_an_error_that_the_catalogue_knows_is_said_in_french_and_any_other_is_marked(agency: Agency) -> None:
    nobody = in_french(agency, "")
    told = {"name": "ines", "token": "t", "passphrase": "a long passphrase", "again": "another passphrase"}
    nobody.send("/sign-in/first", told)
    assert "Les deux phrases de passe diffèrent" in nobody.text
    assert '<p lang="en">' not in nobody.page.text
    nobody.page = nobody.client.post("/sign-in", data={"name": "ines"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert '<p lang="en">' in nobody.page.text


def test_numbers_are_written_as_the_reader_s_language_does() -> None:
    words._language.set("fr")
    try:
        assert words.number(12345.5, ",.2f") == "12\u00a0345,50"
        assert page.environment().from_string("{{ 0.7312 | number('.4f') }}").render() == "0,7312"
    finally:
        words._language.set("en")
    assert words.number(12345.5, ",.2f") == "12,345.50"


def test_times_are_written_as_the_reader_s_language_does_and_as_data_beside() -> None:
    there = datetime(2026, 8, 1, 3, 5, tzinfo=timezone(timedelta(hours=-4)))
    shown = page.environment().from_string("{{ there | at }} {{ there | day }}")
    words._language.set("fr")
    try:
        french = shown.render(there=there)
    finally:
        words._language.set("en")
    assert french == (
        '<time datetime="2026-08-01T07:05:00+00:00">1er août 2026, 7 h 05 UTC</time> '
        '<time datetime="2026-08-01">1er août 2026</time>'
    )
    assert "2026-08-01 07:05 UTC</time>" in shown.render(there=there)


def test_the_months_in_french_are_those_of_the_common_locale_data() -> None:
    months = get_month_names("wide", locale="fr_CA")
    assert tuple(months[number] for number in range(1, 13)) == words._FRENCH_MONTHS
