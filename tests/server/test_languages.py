"""In which language a refusal is read: as a browser or a program asks for it, or as a terminal is set."""

from __future__ import annotations

import pytest

from beholden.serving.languages import of_terminal, preferred
from tests.agency import Agency
from tests.api.client import rest_of
from tests.web.browser import Browser

HOW = "Demandez à un vérificateur ou à un responsable de la vie privée."


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("de,en;q=0.5,fr;q=0.7", "fr"), ("fr;q=0,de", "en"), ("*", "en")],
)
def test_a_header_names_languages_by_weight(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_CA.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_CA", "LC_MESSAGES": "fr"}, "fr"),
        ({"LANG": "de_DE@euro"}, "en"),
        ({"LC_ALL": "", "LANG": "fr"}, "fr"),
    ],
)
def test_a_terminal_is_set_to_a_language(environment: dict[str, str], language: str) -> None:
    assert of_terminal(environment) == language


def test_req_19_rest_refuses_in_the_language_that_is_asked_for(agency: Agency) -> None:
    rest = rest_of(agency)
    french = rest.ask("GET", "/log/entries", "ines", headers={"Accept-Language": "fr-CA"})
    english = rest.ask("GET", "/log/entries", "ines")
    assert (french.headers["content-language"], english.headers["content-language"]) == ("fr", "en")
    (one,), (other,) = french.json()["reasons"], english.json()["reasons"]
    assert (one["rule_id"], one["source"]) == (other["rule_id"], other["source"])
    assert one["how_to_proceed"] == HOW
    assert french.json()["detail"] == one["why"] != other["why"]


def test_req_19_a_page_refuses_in_the_language_of_the_page(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    page = ines.open("/log", **{"Accept-Language": "fr"}).text
    assert f'<span lang="fr">{HOW}</span>' in page
    assert "Ask an auditor or a privacy officer." in ines.open("/log", **{"Accept-Language": "en"}).text
