"""What acts say of what they were given, in the reader's words: known again by the template that it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from beholden.web import words
from beholden.web.errors_said import GAP, TEMPLATES, in_readers_words, raised
from tests.agency import Agency
from tests.web.browser import Browser
from tools.raised import sentences

TEMPLATES_THERE = json.loads(TEMPLATES.read_text())


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with words.speaking("fr"):
        yield


def test_what_is_raised_in_the_code_is_what_the_catalogue_has() -> None:
    there = sentences()
    assert [one for one in there if GAP.search(one)] == TEMPLATES_THERE
    assert len(there) > 350
    assert [one for one in there if words.of_an_error(one) == one] == []


@pytest.mark.parametrize("template", TEMPLATES_THERE)
def test_a_sentence_is_known_again_whatever_was_put_into_it(template: str) -> None:
    names = GAP.findall(template)
    for parts in ({name: f"x{place}" for place, name in enumerate(names)}, dict.fromkeys(names, "'d':7;(é).png")):
        assert in_readers_words(template % parts) == words.of_an_error(template) % parts


def test_numbers_are_written_as_the_reader_does_and_what_somebody_typed_stays() -> None:
    told = (
        "the name has 1,234 characters, more than 200; give the one that colleagues know",
        "a case needs a name; give the one",
    )
    assert "1\u00a0234 caractères" in in_readers_words(told[0])
    assert in_readers_words(told[1]) == told[1], "no sentence of an act"
    assert in_readers_words("a case needs a name; give the one that colleagues know").startswith(
        "il faut un nom pour un dossier"
    )


def test_sentences_that_an_act_lists_in_one_are_each_said() -> None:
    one = "face 3 of this exhibit is there already; declare that one"
    both = in_readers_words(f"say why a face is drawn here; {one}")
    assert (
        both
        == f"dites pourquoi un visage est tracé ici; {in_readers_words(one)}"
        != f"say why a face is drawn here; {one}"
    )


def test_what_is_not_known_stays_and_is_marked_as_english() -> None:
    assert raised("nobody ever <said> this") == '<span lang="en">nobody ever &lt;said&gt; this</span>'
    with words.speaking("en"):
        assert raised("nobody ever <said> this") == "nobody ever <said> this"


def test_a_form_that_is_filled_in_wrong_is_answered_in_french(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    ines.client.cookies.set(words.COOKIE, "fr")
    ines.send("/cases", {"reference": "", "title": "x", "purpose": "victim-id-cse"})
    assert ines.page.status_code == 422
    assert 'class="reasons' in ines.page.text
    assert '<p lang="en">' not in ines.page.text
