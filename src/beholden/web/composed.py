"""Sentences that acts compose in English for whoever compares or reads a list, in the reader's words.

They stand sealed in records and in what leaves, where everybody reads the same. A page in another language says them anew, one by
one, by the table below; what the table does not know stands as it is, and is said to be English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from markupsafe import Markup

from beholden.web import words
from beholden.web.known_again import NUMBER, known_by, or_english
from beholden.web.words import _, figure, named, ngettext

# Gaps that hold no number: what may stand there.
GAPS = {
    "share": rf"(?:less than|about|more than) {NUMBER} %",
    "often": rf"about {NUMBER} %|(?:about|fewer than) 1 in {NUMBER}",
    "mark": r"(?: \(extrapolated\))?",
    "kind": "of this number and any quality; too few of this quality were measured|of this quality and number",
    "listed": rf"the one person listed|among the {NUMBER} people listed",
    "references": rf"1 reference|{NUMBER} references",
    "galleries": rf"1 gallery|{NUMBER} galleries",
    "day": r"\d{4}-\d{2}-\d{2}",
    "qualities": r"\d+(?:, \d+)*",
    **dict.fromkeys(("data", "unrelated", "done"), ".+?"),
    "reason": ".+",  # to the end, as somebody typed it
}
# The years between, and edits (records/years.py, edits.py).
YEARS = (
    named(
        "How many years lie between the photographs is not known, because it is not known when each of them was taken. "
        "A face changes with the years, a child's most of all."
    ),
    named("Between the photographs lies less than a year."),
    named("Between the photographs lies 1 year."),
    named("Between the photographs lie up to 1 years."),
    named("Between the photographs lie up to %(most)s years."),
    named("Between the photographs lie %(least)s to %(most)s years."),
    named("Between the photographs lie %(most)s years."),
    named(
        "A face changes with the years, a child's most of all: differences may come of that, and how well this model "
        "bears it, has not been measured on children."
    ),
    named("When others of these photographs were taken is not known."),
    named("Of %(faces)s probe faces edited: %(done)s. Each is shown with its original before it."),
)
# What a list says of itself (records/searches.py, calibration.py, exigent.py, evidence.py, orders.py, drawn_faces.py).
LISTS = (
    named("All %(references)s of %(galleries)s compared, proven exhaustive: no other of them is nearer."),
    named(
        "All %(references)s of %(galleries)s compared, proven exhaustive: no other of them is nearer; %(more)s more waiting for "
        "a template were not compared."
    ),
    named("All %(references)s of %(galleries)s compared, not proven exhaustive."),
    named(
        "All %(references)s of %(galleries)s compared, not proven exhaustive; %(more)s more waiting for a template were not "
        "compared."
    ),
    named("No reference compared."),
    named("No reference compared; %(more)s more waiting for a template were not compared."),
    named("This is a list of investigative leads. A place on it does not say who anybody is."),
    named(
        "Not measured on your data: how many unrelated people score as high, and how often a person who is held is not "
        "listed, has not been established for this gallery and these photographs."
    ),
    named("An empty list, or a list without the person, does not mean that the person is not held."),
    named("The list is empty. That does not mean that the person is not held."),
    named("Not measured on your data: these figures are of %(data)s, %(day)s."),
    named("Measured on %(data)s, %(day)s."),
    named("No reference was compared, so no unrelated one is expected on the list."),
    named("Among %(references)s, about %(unrelated)s."),
    named("The list has room for every reference that was compared: none is left off it."),
    named(
        "If the person is held, the chance that they are not %(listed)s is not known: too few such photographs were measured."
    ),
    named("If the person is held, the chance that they are not %(listed)s is %(share)s%(mark)s for probes %(kind)s."),
    named(
        "UNREVIEWED EXIGENT: searched before approval. Nobody else has reviewed yet that it had to be; use it only to protect "
        "somebody now."
    ),
    named("EXIGENT, NOT UPHELD: searched before approval, and the review did not uphold it. It must not be used."),
    named(
        "The best face of the sought has a quality of %(quality)s of 100, below the floor of %(floor)s: whoever is held is "
        "missed far more often with so poor a probe. An officer compared it all the same, for this reason: %(reason)s"
    ),
    named(
        "The face searched with is of a file that stood in no imported register of the case's evidence when the search began."
    ),
    named(
        "1 of the %(faces)s faces searched with is of a file that stood in no imported register of the case's evidence when "
        "the search began."
    ),
    named(
        "%(some)s of the %(faces)s faces searched with are of a file that stood in no imported register of the case's evidence "
        "when the search began."
    ),
    named("1 of %(faces)s probe faces was drawn by hand: no detector had found it."),
    named("%(some)s of %(faces)s probe faces were drawn by hand: no detector had found them."),
    named("Of %(some)s the eyes, nose and mouth are placed, not seen: a template of such a face is poor."),
    named("No witness has seen the last %(entries)s entries of the log behind this list."),
    named("The log behind this list has no witness: who holds its key could rewrite it unnoticed."),
    named("The log behind this list is witnessed on its own machine only, which is not independent."),
    named("By order of the oversight body, references of one source were not compared."),
    named("By order of the oversight body, references of %(sources)s sources were not compared."),
)
# What stands beside the score of one pair (records/comparisons.py).
PAIRS = (
    named(
        "This says how alike a model finds two photographs. It says of nobody that they are the person sought, or that they "
        "are not, and must not be the only ground for any measure against anyone."
    ),
    named(
        "Neither figure is a chance that the two are, or are not, one person: that depends on everything else that is known. "
        "The figures are of people taken at random; relatives, and whoever was chosen for looking alike, score higher."
    ),
    named(
        "Not measured on your data: how often photographs of two people score as high, and those of one person lower, "
        "has not been established. Without that a score means nothing."
    ),
    named("Of pairs of photographs of two people, %(often)s score %(score)s or more%(mark)s."),
    named("How often photographs of one person score lower is not known: too few of such a number were measured."),
    named("Of photographs of one person %(kind)s, %(share)s score lower than that%(mark)s."),
    named("Quality, of 100: %(qualities)s of the sought; %(quality)s of the reference."),
    named("This sought was not compared one to one before; lists of searches are not counted here."),
    named(
        "This sought was compared one to one once before, lists of searches not counted: the more references one tries, the "
        "likelier it is that one of somebody else scores high."
    ),
    named(
        "This sought was compared one to one %(times)s times before, lists of searches not counted: the more references one "
        "tries, the likelier it is that one of somebody else scores high."
    ),
    named(
        "The face compared is of a file that stood in no imported register of the case's evidence when it was compared."
    ),
    named(
        "1 of the %(faces)s faces compared is of a file that stood in no imported register of the case's evidence when it was "
        "compared."
    ),
    named(
        "%(some)s of the %(faces)s faces compared are of a file that stood in no imported register of the case's evidence when "
        "it was compared."
    ),
)
EDITS = {
    "crop": named("crop"),
    "rotate": named("rotate"),
    "exposure": named("exposure"),
    "contrast": named("contrast"),
    "deblock": named("deblock"),
    "denoise": named("denoise"),
}
UNRELATED = re.compile(
    rf"(?P<number>{NUMBER})(?: unrelated ones? (?:is|are) expected)? at a score of (?P<score>{NUMBER}) or more"
    rf"(?P<mark>{GAPS['mark']})"
)


def composed(text: str) -> Markup | str:
    """For a page: in the reader's words, or marked as English."""
    return or_english(text, None if words.language() == "en" else in_readers_words(text))


def in_readers_words(text: str) -> str | None:
    """Every sentence of it; None where the table lacks one."""
    said = []
    while text:
        found = next(
            (told for template, pattern in _patterns() if (told := _said(template, pattern.match(text)))), None
        )
        if found is None:
            return None
        sentence, end = found
        said.append(sentence)
        text = text[end:]
    return " ".join(said)


def _said(template: str, match: re.Match[str] | None) -> tuple[str, int] | None:
    if match is None:
        return None
    return _(template) % {name: _PARTS.get(name, figure)(part) for name, part in match.groupdict().items()}, match.end()


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each sentence of the table with the words that it is known by, to its end."""
    return tuple(
        (template, re.compile(known_by(template, lambda name: GAPS.get(name, NUMBER)) + r"(?: |\Z)"))
        for template in (*YEARS, *LISTS, *PAIRS)
    )


def _share(part: str) -> str:
    how, _between, number = part.removesuffix(" %").rpartition(" ")
    said = {
        "less than": _("less than %(number)s %%"),
        "about": _("about %(number)s %%"),
        "more than": _("more than %(number)s %%"),
    }[how]
    return said % {"number": figure(number)}


def _often(part: str) -> str:
    if part.endswith(" %"):
        return _share(part)
    how, _between, number = part.partition(" 1 in ")
    said = _("about 1 in %(number)s") if how == "about" else _("fewer than 1 in %(number)s")
    return said % {"number": figure(number)}


def _mark(part: str) -> str:
    return " " + _("(extrapolated)") if part else ""


def _kind(part: str) -> str:
    if part == "of this quality and number":
        return _("of this quality and number")
    return _("of this number and any quality; too few of this quality were measured")


def _listed(part: str) -> str:
    if part == "the one person listed":
        return _("the one person listed")
    return _("among the %(people)s people listed") % {"people": figure(part.split()[2])}


def _counted(part: str) -> str:
    number = int(part.split()[0].replace(",", ""))
    if part.split()[1].startswith("gall"):
        said = ngettext("%(number)s gallery", "%(number)s galleries", number)
    else:
        said = ngettext("%(number)s reference", "%(number)s references", number)
    return said % {"number": words.number(number)}


def _unrelated(part: str) -> str:
    told = []
    for one in UNRELATED.finditer(part):
        parts = {"number": figure(one["number"]), "score": figure(one["score"]), "mark": _mark(one["mark"])}
        said = ngettext(
            "%(number)s unrelated person at a score of %(score)s or more%(mark)s",
            "%(number)s unrelated people at a score of %(score)s or more%(mark)s",
            max(1, round(float(one["number"]))),
        )
        told.append(said % parts)
    return "; ".join(told)  # in French a comma stands in the numbers


def _done(part: str) -> str:
    return re.sub(r"[a-z]+|\d+\.\d+", lambda one: _(EDITS[one[0]]) if one[0] in EDITS else figure(one[0]), part)


_PARTS: dict[str, Callable[[str], str]] = {
    "share": _share,
    "often": _often,
    "mark": _mark,
    "kind": _kind,
    "listed": _listed,
    "references": _counted,
    "galleries": _counted,
    "unrelated": _unrelated,
    "done": _done,
    "day": lambda part: words.day(date.fromisoformat(part)),
    "qualities": lambda part: part.replace(",", ";"),
    **dict.fromkeys(("data", "reason"), str),
}
