"""The whole story by hand in the pages: what it leaves, what the browser said, how its pages are made, what the blind were given.

One test, since telling it takes half a minute: run in parallel, tests that shared it would each tell it again. Each side
that is looked at is a subtest.
"""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser

from beholden.database.tables import RECORDS
from tests.agency import small_agency
from tests.api import story as python
from tests.browser.checks import Found, examine, heavy
from tests.browser.served import make, serve
from tests.browser.story import Told, tell
from tests.browser.window import Visit

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1", "::1"]),
    pytest.mark.timeout(600),  # the story has everybody's whole work in it
]

# What the story by hand has beside: everybody's own door, and a look at more than the Python story needs.
BESIDE = {
    *("system.initialised", "person.added", "person.accepted", "link.made", "session.opened", "totp.begun"),
    *("exhibit.shown", "log.read", "image.judged", "command.stopped"),
    *("aside.shown", "review.shown", "examination.shown", "chip.revealed", "disclosure.previewed"),
}
ONLY_HERE = {
    *("Person", "Certificate", "Session", "Link", "Totp", "Notice", "Entry", "Item", "Checkpoint"),
    *("Spent", "DayCount"),  # the numbers of forms that were sent, and the looks beside
}
TRIED_ONLY_HERE = (["necessity-is-written"],)  # forms sent unfinished, to see them again


def lines(leaves: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """The log from the first source on, without ids and times, and without what is only in the story by hand."""
    names = ("event", "operation", "role", "purpose", "outcome", "rules")
    begun = [leaf["event"] for leaf in leaves].index("source.proposed")
    found: list[tuple[object, ...]] = []
    for leaf in leaves[begun:]:
        line = (*(leaf[name] for name in names), [item["name"] for item in leaf["items"]])
        if leaf["event"] not in BESIDE and leaf["rules"] not in TRIED_ONLY_HERE:
            found.append(line)
    return found


def the_story_by_hand_leaves_the_records_and_the_log_that_it_leaves_in_python(told: Told) -> None:
    agency = small_agency()
    python.by_acts(agency)
    assert lines(told.log) == lines(agency.leaves())
    with agency.system.database.look() as look:
        wanted = {kind.__name__: python.counted(look, kind) for kind in RECORDS if kind.__name__ not in ONLY_HERE}
    assert {name: told.records[name] for name in wanted} == wanted


def every_form_that_was_sent_unfinished_is_on_record_as_refused(told: Told) -> None:
    refused = [leaf["rules"] for leaf in told.log if leaf["outcome"] == "refused"]
    assert [rules for rules in refused if rules in TRIED_ONLY_HERE] == list(TRIED_ONLY_HERE)


def no_browser_complained_of_anything(told: Told) -> None:
    assert told.notes.complaints == []
    assert len(told.notes.visits) > 60


def what_was_saved_is_the_signed_packet_and_the_signed_receipt(told: Told) -> None:
    assert set(told.files) == {"disclosure.json", "contact-sheet.png", "disclosure.pdf", "manifest.note", "receipt"}
    assert told.files["disclosure.pdf"].read_bytes().startswith(b"%PDF-")
    packet = json.loads(told.files["disclosure.json"].read_text(encoding="utf-8"))
    assert len(packet["leads"]) == 1
    assert "erased" in told.files["receipt"].read_text(encoding="utf-8")


def every_page_loads_little_and_by_few_requests(told: Told) -> None:
    assert heavy(told.notes.visits) == {}
    assert min(len(visit.loaded) for visit in told.notes.visits) >= 4, "nothing was counted"


def axe_finds_no_violation_on_any_page_in_light_or_dark(found: Found) -> None:
    assert found.in_light == {}
    assert found.in_the_dark == {}


def no_page_is_wider_than_its_window(found: Found) -> None:
    assert found.too_wide == {}


def all_that_tab_reaches_on_any_page_shows_that_it_has_the_focus(found: Found) -> None:
    assert found.blurred == {}


def a_page_on_which_all_this_is_wrong_would_be_found(told: Told, chromium: Browser) -> None:
    """Else what is said of the pages would hold of anything."""
    good = told.notes.visits[0]
    wrong = '<img src="/x"><p class="faint">faint</p><a href="/y" class="blurred">here</a><div class="wide-box"></div>'
    style = (
        "p.faint {color: #999; background: #aaa} a.blurred:focus {outline: none} .wide-box {width: 700px; height: 9px}"
    )
    html = good.html.replace("</main>", f"{wrong}</main>").replace("</head>", f"<style>{style}</style></head>")
    found = examine(chromium, told.served.address, [good, Visit("bad", good.url, html)])
    assert [one.partition(":")[0] for one in found.in_light.pop("bad")] == ["color-contrast", "image-alt"]
    assert [one.partition(":")[0] for one in found.in_the_dark.pop("bad")] == ["color-contrast"]
    assert found.too_wide.pop("bad")[0] > 300
    assert ["blurred" in one for one in found.blurred.pop("bad")] == [True]
    assert found == Found()


def every_page_has_one_heading_above_all_and_a_name_of_its_own(told: Told) -> None:
    for visit in told.notes.visits:
        assert visit.html.count("<h1") == 1, visit.name
        assert "<title> · " not in visit.html, visit.name


def nothing_that_the_browser_of_the_blind_was_given_tells_of_what_is_hidden(told: Told, name: str) -> None:
    entries = json.loads(told.answers[name].read_text(encoding="utf-8"))["log"]["entries"]
    chips = 0
    for entry in entries:
        given = entry["response"]
        head = "\n".join(f"{one['name']}: {one['value']}" for one in given["headers"])
        body = content(given["content"])
        everything = f"{entry['request']['url']}\n{head}\n".encode() + body
        if "/static/" not in entry["request"]["url"]:
            assert "etag" not in head.lower()
            assert [words for words in told.hidden if words.encode() in everything] == [], entry["request"]["url"]
        for picture in pictures(given["content"]["mimeType"], body):
            chips += 1
            with Image.open(BytesIO(picture)) as chip:
                assert set(chip.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert chips >= 3, "no chip was recorded, so nothing was looked at"


def pictures(kind: str, body: bytes) -> list[bytes]:
    """Those of an answer: itself, or both sides of a pair."""
    if kind == "image/jpeg":
        return [body]
    given = json.loads(body) if kind.startswith("application/json") and body else {}
    both = [*given.get("probes", []), given.get("reference")] if isinstance(given, dict) else []
    return [base64.b64decode(one) for one in both if one]


def content(given: dict[str, Any]) -> bytes:
    text: str = given.get("text", "")
    return base64.b64decode(text) if given.get("encoding") == "base64" else text.encode()


def the_hidden_words_are_those_that_others_were_shown(told: Told) -> None:
    """Else the blind would have been searched for nothing."""
    shown = "".join(visit.html for visit in told.notes.visits)
    assert "2026-117" in shown
    assert sum(words in shown for words in set(told.hidden)) > 12
    assert len(set(told.hidden)) > 80
    leads = next(visit.html for visit in told.notes.visits if visit.name == "leads")
    scores = [words for words in told.hidden if words.startswith("0.") and len(words) == 6]
    assert len(scores) == 8
    assert all(score in leads for score in scores)


def test_the_story_is_told_by_hand_in_the_pages(chromium: Browser, tmp_path: Path, subtests: pytest.Subtests) -> None:
    with serve(make(tmp_path)) as served:
        told = tell(chromium, served, tmp_path)
        found = examine(chromium, served.address, told.notes.visits)
        with subtests.test("a page on which all is wrong would be found"):
            a_page_on_which_all_this_is_wrong_would_be_found(told, chromium)
    for check in OF_THE_STORY:
        with subtests.test(check.__name__.replace("_", " ")):
            check(told)
    for name in told.answers:
        with subtests.test("nothing hidden was given", to=name):
            nothing_that_the_browser_of_the_blind_was_given_tells_of_what_is_hidden(told, name)
    for inspect in OF_THE_PAGES:
        with subtests.test(inspect.__name__.replace("_", " ")):
            inspect(found)


OF_THE_STORY = (
    the_story_by_hand_leaves_the_records_and_the_log_that_it_leaves_in_python,
    every_form_that_was_sent_unfinished_is_on_record_as_refused,
    no_browser_complained_of_anything,
    what_was_saved_is_the_signed_packet_and_the_signed_receipt,
    every_page_has_one_heading_above_all_and_a_name_of_its_own,
    the_hidden_words_are_those_that_others_were_shown,
    every_page_loads_little_and_by_few_requests,
)
OF_THE_PAGES = (
    axe_finds_no_violation_on_any_page_in_light_or_dark,
    no_page_is_wider_than_its_window,
    all_that_tab_reaches_on_any_page_shows_that_it_has_the_focus,
)
