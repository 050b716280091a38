"""The words of a policy pack by language: its purposes, its grounds for a search before approval, and its rules.

`words.en.toml` says everything; another language says what it has words for, and English stands in for the rest.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

_FILE = re.compile(r"words\.([a-z]{2,3})\.toml")


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule in words: why it says no and how to go on; of a permit only who may, as `why`."""

    why: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What one language says."""

    purposes: Mapping[str, str]
    grounds: Mapping[str, str]
    rules: Mapping[str, RuleWords]


def read_words(texts: Mapping[str, str]) -> Mapping[str, Words]:
    """By language, out of the files `words.LANGUAGE.toml` of one folder. Raises ValueError for what is no such file."""
    said = {}
    for name, text in texts.items():
        if language := _FILE.fullmatch(name):
            try:
                said[language[1]] = _words_of(text)
            except ValueError as wrong:
                raise ValueError(f"{name}: {wrong}") from wrong
    if "en" not in said:
        raise ValueError("there is no words.en.toml")
    return MappingProxyType(said)


def joined(below: Mapping[str, Words], above: Mapping[str, Words]) -> Mapping[str, Words]:
    """The floor's words and a pack's. Raises ValueError where a pack gives a rule of the floor other words."""
    both = {}
    for language in {**below, **above}:
        one, other = (words.get(language, Words({}, {}, {})) for words in (below, above))
        if reworded := sorted(one.rules.keys() & other.rules.keys()):
            raise ValueError(f"words.{language}.toml says the floor's rule {reworded[0]!r} in other words")
        both[language] = Words(other.purposes, other.grounds, MappingProxyType({**one.rules, **other.rules}))
    return MappingProxyType(both)


@lru_cache(maxsize=32)  # the same few texts at each opening of a folder
def _words_of(text: str) -> Words:
    toml = tomllib.loads(text)
    if strange := sorted(set(toml) - {"purposes", "grounds", "rules"}):
        raise ValueError(f"[{strange[0]}] is none of [purposes], [grounds] and [rules]")
    rules = {}
    for rule, said in _table(toml, "rules").items():
        if not isinstance(said, dict) or not said.keys() <= {"why", "how"}:
            raise ValueError(f"[rules.{rule}] is not made of why and how")
        rules[rule] = RuleWords(**_texts(said, f"rules.{rule}"))
    return Words(
        _texts(_table(toml, "purposes"), "purposes"),
        _texts(_table(toml, "grounds"), "grounds"),
        MappingProxyType(rules),
    )


def _table(toml: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = toml.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name!r} is no table")
    return value


def _texts(table: Mapping[str, object], where: str) -> Mapping[str, str]:
    for name, text in table.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"[{where}] does not say {name!r} in words")
    return MappingProxyType({name: str(text) for name, text in table.items()})
