"""A packet as headings, lines and words: every field of it, with nothing that a page could take for markup.

The fields stand in the order of their words, whatever order they came in: a packet that was kept makes the same pages again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Line = tuple[str, str]
V = TypeVar("V")

MEASURED = frozenset({"unrelated_expected", "calibration"})  # nothing there is no zero: nobody has measured
ANSWERS = {"no": "outcome_no"}  # a field that has the name of an answer

LONGEST = 70  # narrow letters without a place to break a line: a SHA-256 has 64, and 88 fill a line
NARROW = frozenset("0123456789abcdefghijklnopqrstuvxyz")  # half as wide as the widest

# What the typeface that comes with typst shows [each character tried, under PDF/A-3a]; a missing one fails the whole page.
SHOWN = (
    *(
        (0x20, 0x7E),
        (0xA0, 0xAC),
        (0xAE, 0x24F),
        (0x2B0, 0x2FF),
        (0x370, 0x377),
        (0x37A, 0x37F),
        (0x384, 0x38A),
        (0x38C, 0x38C),
    ),
    *((0x38E, 0x3A1), (0x3A3, 0x482), (0x48A, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x2040)),
    *((0x20A0, 0x20C0), (0x2100, 0x211E), (0x2122, 0x2122), (0x2190, 0x21FF)),
)


@dataclass(frozen=True, slots=True)
class Section:
    depth: int  # 1 is a chapter
    title: str
    lines: tuple[Line, ...]  # label and value
    paragraphs: tuple[str, ...]


def sections(packet: Mapping[str, object], words: Mapping[str, str]) -> list[Section]:
    """The packet's single values first, then a chapter for each of its parts."""
    fields = _in_order(packet, words)
    single = [(name, value) for name, value in fields if not _is_part(name, value)]
    told = [Section(1, words["about"], tuple(_lines(single, words)), ())]
    for name, value in fields:
        if _is_part(name, value):
            told += _part(1, name, value, words)
    return told


def printable(text: str) -> str:
    """What the pages can show: other characters as their numbers, and places to break what is too long for a line."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(_broken("".join(map(_shown, composed))))


def _part(depth: int, name: str, value: object, words: Mapping[str, str]) -> list[Section]:
    title = _title(name, words)
    if isinstance(value, Mapping):
        if all(isinstance(inner, str) for inner in value.values()) and name == "files":
            title = words["files_of"]
            lines = tuple((printable(str(key)), printable(v)) for key, v in _in_order(value, words))
            return [Section(depth, title, lines, () if lines else (words["none"],))]
        fields = _in_order(value, words)
        single = [(key, inner) for key, inner in fields if not _is_part(key, inner)]
        told = [Section(depth, title, tuple(_lines(single, words)), ())]
        for key, inner in fields:
            if _is_part(key, inner):
                told += _part(depth + 1, key, inner, words)
        return told
    assert isinstance(value, Sequence)
    if not value:
        return [Section(depth, title, (), (words["none"],))]
    if not isinstance(value[0], Mapping):
        return [Section(depth, title, (), tuple(_said(one, words) for one in value))]
    if name == "opinions":
        return [part for n, one in enumerate(value, 1) for part in _numbered(depth, f"{title} {n}", one, words)]
    told = [Section(depth, title, (), ())]
    for number, one in enumerate(value, 1):
        told += _numbered(depth + 1, f"{words['lead']} {number}" if name == "leads" else str(number), one, words)
    return told


def _numbered(depth: int, title: str, value: Mapping[str, object], words: Mapping[str, str]) -> list[Section]:
    first, *rest = _part(depth, "", value, words)
    return [Section(depth, title, first.lines, first.paragraphs), *rest]


def _in_order(fields: Mapping[str, V], words: Mapping[str, str]) -> list[tuple[str, V]]:
    """What has no words of its own comes last, by its name."""
    place = {name: number for number, name in enumerate(words)}
    return sorted(fields.items(), key=lambda one: (place.get(one[0], len(place)), one[0]))


def _is_part(name: str, value: object) -> bool:
    """Whether it has a heading of its own. Texts that belong together in few words stay on one line."""
    if isinstance(value, Mapping):
        return name not in ("components", "tools")  # ten short words
    if isinstance(value, str) or not isinstance(value, Sequence):
        return False
    return name not in ("quality", "recipients")


def _lines(single: Sequence[tuple[str, object]], words: Mapping[str, str]) -> list[Line]:
    return [
        (_title(name, words), words["not_measured"] if value is None and name in MEASURED else _said(value, words))
        for name, value in single
    ]


def _title(name: str, words: Mapping[str, str]) -> str:
    if name in ANSWERS:
        name = ANSWERS[name]
    return words[name] if name in words else printable(name.replace("_", " ").capitalize())


def _said(value: object, words: Mapping[str, str]) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return words["none"]
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, Mapping):
        return "; ".join(f"{printable(str(key))}: {_said(one, words)}" for key, one in _in_order(value, words))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(_said(one, words) for one in value)
    return printable(str(value))


def _shown(letter: str) -> str:
    if letter == "\n" or any(first <= ord(letter) <= last for first, last in SHOWN):
        return letter
    return f"[U+{ord(letter):04X}]"


def _broken(text: str) -> list[str]:
    """The pieces of a text, with a zero-width space where one would be too long."""
    pieces: list[str] = []
    run = 0
    for letter in text:
        wide = 1 if letter in NARROW else 2
        run = 0 if letter in " \n-" else run + wide
        if run > LONGEST:
            pieces.append("\u200b")
            run = wide
        pieces.append(letter)
    return pieces
