"""A sentence that was composed in English, known again by the template that it was made from."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from beholden.web import words

GAP = re.compile(r"%\((\w+)\)s")
NUMBER = r"\d[\d,]*(?:\.\d+)?"


def known_by(template: str, stands: Callable[[str], str]) -> str:
    """The regular expression of a template, in which `stands` says what may stand in a gap of this name."""
    parts = GAP.split(template)  # words and gaps in turns
    parts[::2] = [re.escape(one.replace("%%", "%")) for one in parts[::2]]
    parts[1::2] = [f"(?P<{name}>{stands(name)})" for name in parts[1::2]]
    return "".join(parts)


def or_english(said: str, anew: str | None) -> Markup | str:
    """What was said anew; else the sentence as it is, marked as English for a reader of another language."""
    if anew is not None or words.language() == "en":
        return said if anew is None else anew
    return Markup('<span lang="en">{}</span>').format(said)
