"""What acts say in English of what they were given, in the reader's words.

An act knows no language: pages know its sentence again by the template that it was made from. `tools/words.py` gathers the
templates out of the code that raises, into the catalogue and into the file beside it.
"""

from __future__ import annotations

import json
import re
from functools import cache

from markupsafe import Markup

from beholden.web import words
from beholden.web.known_again import GAP, NUMBER, known_by, or_english
from beholden.web.words import named

TEMPLATES = words.LOCALES / "errors.json"
NAMED = (
    *(named("a person"), named("a case"), named("a gallery"), named("a source")),
    *(named("an investigator"), named("a supervisor")),
)


def raised(said: str) -> Markup | str:
    """For a page: in the reader's words, or marked as English."""
    anew = in_readers_words(said)
    return or_english(said, None if anew == said else anew)


def in_readers_words(said: str) -> str:
    """The sentence as it is, where no catalogue has it."""
    if words.language() == "en":
        return said
    if (anew := words.of_an_error(said)) != said:
        return anew
    for template, pattern in _patterns():
        if match := pattern.fullmatch(said):
            anew = words.of_an_error(template)
            return anew % {name: _part(part) for name, part in match.groupdict().items()} if anew != template else said
    return _in_turn(said)


def _in_turn(said: str) -> str:
    """Several sentences that an act lists in one, as far as each of them is known."""
    for border in re.finditer("; ", said):
        first, rest = said[: border.start()], said[border.end() :]
        if (anew := in_readers_words(first)) != first and (then := in_readers_words(rest)) != rest:
            return f"{anew}; {then}"
    return said


def _part(part: str) -> str:
    """What was put in: a number, what a name is asked of, another sentence, or what somebody typed."""
    if re.fullmatch(NUMBER, part):
        return words.figure(part)
    return words._(part) if part in NAMED else in_readers_words(part)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Those with the most words of their own first: a short one would take what a longer one says for a part of it."""
    templates = sorted(json.loads(TEMPLATES.read_text()), key=lambda one: -len(GAP.sub("", one)))
    return tuple((one, re.compile(known_by(one, lambda _name: ".*?"), re.DOTALL)) for one in templates)
