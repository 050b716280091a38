"""The page and the Markdown: complete, self-contained, escaped, and without a verdict."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from beholden.evaluation import pages
from beholden.evaluation.figures import TITLES, draw
from beholden.evaluation.wording import bound, in_a_sentence, name, percent
from tests.evaluation import sample_report

VOID = {"meta", "br", "link", "img", "hr", "input"}
VERDICTS = re.compile(
    r"\b(good|bad|excellent|poor|pass(es|ed)?|fail(s|ed)?|safe|unsafe|accurate|reliable|acceptable|match(es)?|hits?)\b",
    re.I,
)
FULL = sample_report.full()
REPORTS = {"full": sample_report.full, "operational": sample_report.operational, "bare": sample_report.bare}
NBSP = "\N{NO-BREAK SPACE}"


class Page(HTMLParser):
    """What a page is made of; fails where a tag is not closed."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.said: list[str] = []  # each piece of the body's text
        self.feed(content.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "svg" not in self.open and "style" not in self.open:
            self.text += data
            if "body" in self.open and data.strip():
                self.said.append(data.strip())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for one, attributes in self.tags if one == tag]


def html_of(report: dict[str, Any]) -> bytes:
    """The page without its figures, which take long to draw."""
    return pages.html(report, {})


@pytest.fixture(scope="module")
def full() -> Page:
    return Page(pages.html(FULL, draw(FULL)))


@pytest.mark.parametrize("kind", REPORTS)
def test_a_page_is_one_file_that_fetches_and_runs_nothing(kind: str) -> None:
    content = html_of(REPORTS[kind]())
    page = Page(content)
    check_it_fetches_and_runs_nothing(page, content)


def test_a_page_with_figures_fetches_and_runs_nothing(full: Page) -> None:
    check_it_fetches_and_runs_nothing(full, b"")


def check_it_fetches_and_runs_nothing(page: Page, content: bytes) -> None:
    policy = next(one for one in page.named("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert not any(key.startswith("on") or key == "src" for key in attributes)
        assert all(str(attributes[key]).startswith("#") for key in ("href", "xlink:href") if key in attributes)
    assert b"@import" not in content
    assert re.findall(rb"url\((?!#)", content) == []


def test_a_page_can_be_read_without_seeing_it(full: Page) -> None:
    assert full.named("html") == [{"lang": "en"}]
    assert len(full.named("h1")) == 1
    assert len(full.named("caption")) == len(full.named("table")) > 8
    assert all(one.get("scope") in ("col", "row") for one in full.named("th"))
    pictures = full.named("svg")
    assert [one["aria-label"] for one in pictures] == [
        TITLES[one]
        for one in ("cmc", "fnir-by-gallery", "det", "scores", "tippett", "cohorts", "error-against-discard")
    ]
    assert all(one["role"] == "img" for one in pictures)
    ids = [one["id"] for _, one in full.tags if "id" in one]
    assert len(ids) == len(set(ids))
    assert {one["aria-describedby"] for one in pictures} <= set(ids)


def test_parts_of_a_figure_still_find_each_other(full: Page) -> None:
    ids = {one["id"] for _, one in full.tags if "id" in one}
    asked = {str(one["xlink:href"])[1:] for _, one in full.tags if "xlink:href" in one}
    asked |= set(re.findall(r"url\(#(.+?)\)", " ".join(str(one.get("clip-path", "")) for _, one in full.tags)))
    assert asked
    assert asked <= ids


def test_the_figures_that_matter_stand_first_in_plain_sentences(full: Page) -> None:
    start = full.text.split("What cannot be said")[0]
    assert "6,274 photographs of 2,848 people" in start
    assert (
        f"Of 3,426 probes, 98.3{NBSP}% had the right person first among 2,848 references "
        f"(95 % interval 97.6 – 99.1{NBSP}%; 57 errors in 3,426 trials, 1,036 people)"
    ) in start
    assert f"99.39{NBSP}% among the first ten (95 % bound at least 99.07{NBSP}%; 21 errors" in start


def test_what_cannot_be_said_is_said(full: Page) -> None:
    said = full.text.split("What cannot be said")[1].split("\nWords\n")[0]
    for words in (
        "This evaluation is incomplete. Not measured: age band 0-3: too few people; age gap of 10 to 20 years",
        "cells say “insufficient data”: fewer than 30 people or 100 trials",
        "1 file could not be read",
        "1 file showed no face that the model found (which counts as an error): Aaron_Peirsol/Aaron_Peirsol_0003.jpg",
        "2 labels may be wrong",
        "Whoever is not on a list may be held all the same",
    ):
        assert words in said


def test_names_of_files_and_cohorts_are_text_and_nothing_else(full: Page) -> None:
    assert "broken|<script>alert(1)</script>.jpg" in full.text
    assert "a*b_`c`/\\u202egpj.exe\\u000a.jpg" in full.text
    report = sample_report.full()
    report["cohorts"]["cells"][0]["cohort"] = "</table><img src=x onerror=alert(1)>"
    report["verification"]["pairs-<b>.csv"] = report["verification"]["pairs.csv"]
    page = Page(html_of(report))
    assert not page.named("img")
    assert not page.named("b")
    assert "pairs-<b>.csv" in page.text


def test_in_markdown_a_name_cannot_become_a_link_a_tag_or_a_cell() -> None:
    report = sample_report.full()
    report["faces_not_found"] = ["[x](http://a.b)/|<img>_*`~.jpg"]
    told = pages.markdown(report).decode()
    assert "\\[x\\](http://a.b)/\\|\\<img\\>\\_\\*\\`\\~.jpg" in told
    assert "<script" not in told.replace("\\<script", "")
    assert "\u202e" not in told


def test_every_table_row_of_the_markdown_has_as_many_cells_as_its_head() -> None:
    told = pages.markdown(sample_report.full()).decode()
    blocks = [block for block in re.split(r"\n\n+", told) if block.startswith("|")]
    assert len(blocks) > 8
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


@pytest.mark.parametrize("kind", REPORTS)
def test_the_markdown_says_what_the_page_says(kind: str) -> None:
    report = REPORTS[kind]()
    told = re.sub(r"\\([\\`*_\[\]<>|~&#])", r"\1", pages.markdown(report).decode())
    page = Page(html_of(report))
    said = [words for words in page.said if len(words) > 1]
    assert len(said) > 30
    assert [words for words in said if words not in told] == []


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_passes_no_verdict(kind: str) -> None:
    report = REPORTS[kind]()
    assert VERDICTS.findall(Page(html_of(report)).text) == []
    assert VERDICTS.findall(pages.markdown(report).decode()) == []


def test_req_51_every_rate_stands_with_its_people_its_errors_and_its_interval_or_bound(full: Page) -> None:
    told = pages.markdown(sample_report.full()).decode()
    heads = [line for line in told.splitlines() if line.startswith("|") and " rate |" in line]
    assert len(heads) >= 8
    assert all(line.endswith("| rate | 95 % interval or bound | errors | trials | people |") for line in heads)
    assert f"| female | 1 in 1,000 | FNMR | 0.59{NBSP}% | 0.03 – 1.16{NBSP}% | 52 | 8,772 | 711 |" in told
    assert f"| over 70 | 1 in 1,000 | FNMR | 0.51{NBSP}% | at most 1.33{NBSP}% | 4 | 780 | 61 |" in told


def test_req_51_a_cell_with_too_little_data_tells_its_people_and_no_number() -> None:
    told = pages.markdown(sample_report.full()).decode()
    assert "| not told | 1 in 1,000 | FMR | insufficient data | – | – | – | 12 |" in told


def test_on_an_operational_system_no_suspected_label_is_named() -> None:
    page = Page(html_of(sample_report.operational()))
    assert "7 suspected. On an operational system their names are withheld." in page.text
    assert "Andrew_Gilligan" not in page.text


def test_req_54_without_ages_the_page_says_that_children_were_not_measured() -> None:
    page = Page(html_of(sample_report.bare()))
    assert "What this model does with children, and across years of growing up, is unknown." in page.text
    assert "No rate could be measured: there is too little data." in page.text
    assert not page.named("svg")
    assert "No figure “FMR and FNMR by cohort, at one threshold for all”: no labels.csv" in page.text


def test_the_same_report_gives_the_same_page() -> None:
    report = sample_report.full()
    assert html_of(report) == html_of(sample_report.full())
    assert pages.markdown(report) == pages.markdown(sample_report.full())


def test_a_summary_is_the_sentences_of_the_page() -> None:
    told = pages.summary(sample_report.full())
    assert told[0].startswith("6,274 photographs of 2,848 people")
    assert told[-1] == "Incomplete: 2 cells not measured."
    assert pages.summary(sample_report.bare())[1] == "No rate could be measured: there is too little data."


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(0.98336, "98.34"), (1e-05, "0.0010"), (0.0001, "0.010"), (0.0, "0.00"), (1.0, "100.00"), (0.5, "50.00")],
)
def test_a_rate_has_two_digits_of_what_sets_it_apart(rate: float, shown: str) -> None:
    assert percent(rate) == f"{shown}{NBSP}%"


def test_without_an_error_a_sentence_has_the_bound_alone() -> None:
    rate = {"people": 300, "trials": 812, "errors": 0, "at_least": 0.9905}
    assert bound(rate) == in_a_sentence(1.0, rate) == f"at least 99.05{NBSP}%"
    assert in_a_sentence(0.9963, rate | {"errors": 3}) == f"99.63{NBSP}%"
    assert in_a_sentence("insufficient data", {"people": 3, "value": "insufficient data"}) == "insufficient data"


def test_a_name_shows_signs_that_would_hide_in_it() -> None:
    assert name("a\u202eb\n\x00\ud800") == "a\\u202eb\\u000a\\u0000\\ud800"
