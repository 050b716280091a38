"""The report for people: one page in a single HTML file, and the same in Markdown; both from the same sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from beholden.evaluation import figures as drawn
from beholden.evaluation.blocks import sections
from beholden.evaluation.findings import GLOSSARY, findings, limits, manner, measured
from beholden.evaluation.wording import Name, Report, things

MARKS = re.compile(r"([\\`*_\[\]<>|~&#])")


def html(report: Report, figures: Mapping[str, bytes]) -> bytes:
    """One file: no script, nothing fetched. `figures` are those that `draw` made of the same report."""
    pictures = {
        name: _inline(name, figures[f"{name}.svg"].decode("utf-8")) for name in drawn.TITLES if f"{name}.svg" in figures
    }
    return _rendered("report.html.jinja", report, Environment(autoescape=True), pictures=pictures)


def markdown(report: Report) -> bytes:
    """The same words and tables; its figures are the files of `draw` in the folder `figures` beside it."""
    return _rendered("report.md.jinja", report, Environment(autoescape=False))  # noqa: S701 - no HTML: every text goes through `md`


def summary(report: Report) -> tuple[str, ...]:
    """The report in a few lines, for a terminal."""
    incomplete = (
        ()
        if report["status"] == "complete"
        else (f"Incomplete: {things(len(report['missing']), 'cell', 'cells')} not measured.",)
    )
    return (measured(report), *findings(report), *incomplete)


def _rendered(template: str, report: Report, environment: Environment, **more: Any) -> bytes:
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["md"] = _marked
    environment.tests["name"] = lambda text: isinstance(text, Name)
    left_out = drawn.left_out(report)
    source = files("beholden.evaluation").joinpath(template).read_text(encoding="utf-8")
    told = environment.from_string(source).render(
        report=report,
        measured=measured(report),
        findings=findings(report),
        limits=limits(report, left_out, drawn.TITLES),
        glossary=GLOSSARY,
        sections=sections(report),
        manner=manner(report),
        left_out=left_out,
        titles=drawn.TITLES,
        **more,
    )
    return f"{told.rstrip()}\n".encode()


def _inline(name: str, svg: str) -> Markup:
    """An SVG file as part of a page: without its prologue, and with ids that no other figure of the page has."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", body)
    head = f'<svg role="img" aria-describedby="about-{name}" aria-label="{escape(drawn.TITLES[name])}" '
    return Markup(body.replace("<svg ", head, 1))  # noqa: S704 - drawn by this package; its texts are escaped by matplotlib


def _marked(text: str) -> str:
    """For Markdown: what somebody else wrote cannot become a link, a tag, a table cell or emphasis."""
    return MARKS.sub(r"\\\1", str(text))
