"""What every page has: the reader's words, a menu by role, errors in full, files that may be kept, and nothing loose."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from beholden.actions import people
from beholden.errors import BadInput, Missing, Reason, Refused
from beholden.web import assets, page, words
from beholden.web.words import DONE
from tests.agency import PEOPLE, Agency
from tests.docs.test_words import SCORE_WORDS
from tests.web.browser import Browser

ROOT = Path(__file__).resolve().parents[2]
VENDOR = assets.FOLDER / "vendor"
TEMPLATES = sorted(page.TEMPLATES.glob("*.jinja"))
# What everybody may open; who may see what on it is told beside each noun.
PATHS = ("/", "/sources", "/galleries", "/people", "/calibrations", "/evaluations", "/model", "/requests")


@pytest.mark.parametrize("name", ["ada", *PEOPLE])
def test_every_place_of_the_menu_leads_somewhere_for_whom_it_is_shown(agency: Agency, name: str) -> None:
    somebody = Browser(agency, name)
    somebody.open("/")
    menu = re.search(r'<nav class="places".*?</nav>', somebody.page.text, re.DOTALL)
    assert menu is not None
    shown = re.findall(r'href="([^"]+)"', menu[0])
    assert shown[0] == "/"
    for path in shown:
        assert somebody.open(path).status_code == 200, path
        assert somebody.page.text.count(' aria-current="page"') == 1, path


def test_who_is_not_signed_in_is_asked_to_and_comes_back(agency: Agency) -> None:
    nobody = Browser(agency)
    for path in (*PATHS, "/log", "/asides", "/requests/new"):
        answer = nobody.open(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in?next="), path
    assert "2026" not in nobody.page.text


def test_a_session_that_was_ended_opens_no_page(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    assert ines.open("/").status_code == 200
    people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["ines"])
    assert ines.open("/").status_code == 303
    assert "ines" not in ines.page.text


def test_every_script_and_style_has_the_nonce_of_its_answer_and_no_page_has_one_inline(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    seen = set()
    for path in PATHS:
        answer = pia.open(path)
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"])
        assert nonce is not None
        seen.add(nonce[1])
        for script in re.findall(r"<script[^>]*>", answer.text):
            assert f'nonce="{nonce[1]}"' in script
            assert "src=" in script
        assert not re.search(r'\sstyle="|<style|\son\w+="|javascript:', answer.text)
        for htmx in re.findall(r"<[^>]*\shx-(?:get|post)=[^>]*>", answer.text):
            assert f'hx-nonce="{nonce[1]}"' in htmx
    assert len(seen) == len(PATHS)


def test_a_page_is_kept_by_no_browser_and_a_static_file_by_every(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    assert pia.open("/sources").headers["cache-control"] == "no-store"
    for path in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', pia.page.text)):
        answer = pia.open(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].partition(";")[0] in assets.KINDS.values()


def test_what_every_page_loads_is_one_style_sheet_one_script_one_module_and_an_icon_and_is_small(
    agency: Agency,
) -> None:
    pia = Browser(agency, "pia")
    for path in PATHS:
        pia.open(path)
        loaded = re.findall(r'(?:src|href)="/static/[^/]+/([^"]+)"', pia.page.text)
        assert sorted(loaded) == ["mark.svg", "own.js", "page.css", "page.js"], path
    assert sum(len(assets.compressed(name)) for name in loaded) < 40 * 1024


def test_a_joined_file_has_its_parts_in_their_order_and_the_policy_for_markup_before_any_library() -> None:
    whole = assets.contents()["page.js"]
    places = [whole.index(assets.contents()[part]) for part in assets.JOINED["page.js"]]
    assert places == sorted(places)
    assert places[0] == 0
    sheet = assets.contents()["page.css"]
    assert sheet.startswith(assets.contents()["own.css"])
    for name, content in assets.contents().items():
        assert content in sheet or not name.startswith("parts/"), name


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00", False),
        ("br", False),
        ("", False),
        ("x-gzip", False),
    ],
)
def test_a_static_file_goes_out_compressed_where_the_browser_takes_that_and_a_page_never(
    agency: Agency, header: str, taken: bool
) -> None:
    assert assets.takes_gzip(header) is taken
    pia = Browser(agency, "pia")
    with pia.client.stream("GET", assets.asset("page.css"), headers={"accept-encoding": header}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == ("gzip" if taken else None)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (gzip.decompress(sent) if taken else sent) == assets.contents()["page.css"]
    assert "content-encoding" not in pia.open("/", **{"accept-encoding": header}).headers


@pytest.mark.parametrize(
    "path",
    [
        "own.css",
        f"{'0' * 16}/own.css",
        "DIGEST/../own.css",
        "DIGEST/%2e%2e/words.py",
        "DIGEST/vendor/VENDORED.md",
        "DIGEST/",
    ],
)
def test_nothing_but_the_listed_files_is_served_and_only_under_their_digest(agency: Agency, path: str) -> None:
    answer = Browser(agency).open(f"/static/{path.replace('DIGEST', assets.digest())}")
    assert answer.status_code == 404
    assert "no-store" in answer.headers["cache-control"]


def test_files_of_others_are_the_bytes_that_are_documented_with_their_licence() -> None:
    told = (VENDOR / "VENDORED.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\S+) \|.* \| (\S{64}) \|$", told, re.MULTILINE))
    there = {path.name: path.read_bytes() for path in VENDOR.iterdir() if path.name != "VENDORED.md"}
    assert rows == {
        name: base64.b64encode(hashlib.sha384(content).digest()).decode() for name, content in there.items()
    }
    assert "Zero-Clause BSD" in there["htmx.LICENSE.txt"].decode()
    assert "Redistributions in binary form must reproduce" in there["openseadragon.LICENSE.txt"].decode()


def test_the_catalogues_are_current_with_the_words_of_the_pages() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "tools/words.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr + "run `python tools/words.py`"


def test_a_page_speaks_the_language_that_is_asked_for_and_then_keeps_to_it(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    assert "What waits for you" in pia.open("/").text
    first = pia.open("/?lang=fr")
    assert "Ce qui vous attend" in pia.text
    assert '<html lang="fr">' in first.text
    assert first.headers["content-language"] == "fr"
    assert "Ce qui vous attend" in pia.open("/").text
    assert "What waits for you" in pia.open("/?lang=en").text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("de,en;q=0.5,fr;q=0.4", "en"),
        ("de", "en"),
        ("fr;q=0", "en"),
        ("fr;q=nonsense", "en"),
        (",;,=" * 500, "en"),
    ],
)
def test_without_a_choice_the_browser_s_preference_counts(agency: Agency, header: str, language: str) -> None:
    assert Browser(agency, "pia").open("/", **{"accept-language": header}).headers["content-language"] == language


def test_a_language_that_is_none_is_not_taken_up(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    answer = pia.open("/?lang=../../etc")
    assert answer.headers["content-language"] == "en"
    assert words.COOKIE not in answer.headers.get("set-cookie", "")


def test_a_refusal_lists_every_reason_with_its_rule_its_source_and_what_to_do(agency: Agency) -> None:
    stella = Browser(agency, "stella")
    told = agency.leaves()[-1]["n"]
    answer = stella.open("/asides")
    assert answer.status_code == 403
    for said in ("Only a privacy officer", "How to go on:", f"Log entry {told + 1}", "Back to what waits for you"):
        assert said in stella.text
    assert stella.page.text.count('role="alert"') == 1


def test_what_is_not_there_is_told_in_the_same_words_whatever_is_asked_for(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    nowhere = [pia.open(path).text for path in ("/sources/nothing", "/people/nothing", "/requests/nothing")]
    assert pia.page.status_code == 404
    said = {re.search(r"<main.*?</main>", re.sub(r"Log entry \d+", "", one), re.DOTALL)[0] for one in nowhere}  # type: ignore[index]
    assert len(said) == 1


def test_the_words_of_an_error_are_its_own_but_of_what_is_missing_always_the_same() -> None:
    assert page.said_of(BadInput("the date is none")) == "The date is none"
    assert page.said_of(BadInput("'x' is no date")) == "'x' is no date"
    assert page.said_of(Refused(Reason("r", "why", "s", "how"))) == ""
    assert page.said_of(Missing("no case 7")) == page.said_of(Missing("no face 8"))


def test_what_was_done_is_said_by_a_closed_list_and_not_by_the_address(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    pia.open("/sources?done=approved")
    assert DONE["approved"] in pia.text
    pia.open("/sources?done=You+have+won")
    assert "You have won" not in pia.text
    assert 'class="told"' not in pia.page.text


@pytest.mark.parametrize("path", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "elsewhere"])
def test_nobody_is_sent_elsewhere(path: str) -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        page.see_other(None, path)  # type: ignore[arg-type]


def test_a_form_without_the_token_of_the_session_does_nothing(agency: Agency) -> None:
    pia = Browser(agency, "pia")
    before = len(agency.leaves())
    for token in ("", "0" * 64, "é"):
        answer = pia.send("/galleries", {"csrf": token, "name": "foreign", "purpose": "victim-id-cse"})
        assert answer.status_code == 403
        assert "foreign" not in pia.open("/galleries").text
    assert [leaf["event"] for leaf in agency.leaves()[before:] if leaf["event"] == "gallery.opened"] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_can_be_translated(path: Path) -> None:
    """Text between tags is in `_()`, but for names of the product, of languages and of keys."""
    text = path.read_text(encoding="utf-8")
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", text, flags=re.DOTALL)
    said = re.findall(r"[A-Za-zÀ-ÿ]{2,}", " ".join(re.sub(r"<[^>]*>", " ", bare).split()))
    assert set(said) <= {"Beholden", "English", "Français", "JSON", "PDF", "SHA"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_lets_text_through_unescaped(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)


def test_req_30_no_word_of_a_page_says_more_of_a_score_than_it_can() -> None:
    said = (page.TEMPLATES.parent / "locale/beholden.pot").read_text(encoding="utf-8")
    templates = " ".join(re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8")) for path in TEMPLATES)
    assert (
        SCORE_WORDS.findall(re.sub(r"age identity|identity file", "", said + templates)) == []
    )  # a key of age, the program
