"""The policy: may this person do this, given these facts? It answers with every rule that says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from beholden.errors import Reason

Fact = bool | int | str | tuple[str, ...]  # times are milliseconds since 1970 in UTC


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the records know the person now."""

    person_id: str
    roles: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Decision:
    allowed: bool
    reasons: tuple[Reason, ...]  # empty when allowed
    error: str  # not empty when the policy could not be evaluated: a denial, and an incident


@dataclass(frozen=True, slots=True)
class Pack:
    """The numbers and lists of a policy pack."""

    name: str
    digest: str  # SHA-256 over its files, hex
    purposes: tuple[str, ...]
    roles_by_purpose: Mapping[str, tuple[str, ...]]  # purpose → subject roles a probe may have
    numbers: Mapping[str, int]
    titles: Mapping[str, Mapping[str, str]]  # language → purpose → words for people; every purpose has them in "en"
    crop_on_intake: tuple[str, ...] = ()  # purposes under which only the faces of an exhibit are kept
    exigent_grounds: tuple[
        str, ...
    ] = ()  # codes of the grounds for a search before approval; none: there is no such search
    grounds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language → ground → words for people

    def title(self, purpose: str, language: str = "en") -> str:
        """A purpose in words: in this language, else in English, else its name, as of a purpose of an earlier pack."""
        there = self.titles.get(language, {})
        return there.get(purpose) or self.titles.get("en", {}).get(purpose) or purpose

    required_fields: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # purpose, or purpose/role of who is sought → what a request must name beside its necessity

    keep_days: Mapping[str, int] = field(default_factory=dict)  # class of record → least days, where the pack has more
    after_refusal: str = (
        "sequester"  # what a search before approval made: sequestered, or destroyed ("destroy"), when refused
    )

    def required_of(self, purpose: str, role: str) -> tuple[str, ...]:
        """What a request for this purpose, with somebody of this role sought, must name."""
        named = (*self.required_fields.get(purpose, ()), *self.required_fields.get(f"{purpose}/{role}", ()))
        return tuple(dict.fromkeys(named))

    def ground(self, code: str, language: str = "en") -> str:
        """A ground for a search before approval in words, in the same way."""
        return self.grounds.get(language, {}).get(code) or self.grounds.get("en", {}).get(code) or code


class Policy(Protocol):
    @property
    def pack(self) -> Pack: ...

    def decide(self, act: str, asker: Asker, facts: Mapping[str, Fact]) -> Decision:
        """`act` is the event that would be logged (`search.started`). Facts that the schema does not know are a denial."""
