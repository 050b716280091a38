"""What a site says to robots and about the mining of its content, as an archive recorded it: robots.txt and tdmrep.json."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from protego import Protego

from beholden.records.addresses import Address
from beholden.records.web import AGENTS, Code, OptOut

ROBOTS_PATH, TDM_PATH = "/robots.txt", "/.well-known/tdmrep.json"
# Protego gives every agent of a group every rule of it: 500 kB made of 17,000 agents and as many rules would be 3·10⁸ of them.
MOST_LINES, MOST_AGENTS_TIMES_RULES = 20_000, 200_000
MOST_PLACES = 2_000  # of a tdmrep.json

EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Robots:
    """One robots.txt. Without `rules` it refuses everything: it was there and could not be had or read."""

    at: Address
    rules: Protego | None
    agents: tuple[str, ...]  # of AGENTS, those that it names, and everybody
    refuses: str  # why everything is refused

    def opt_out(self, image: Address) -> OptOut | None:
        if self.rules is None:
            return OptOut(Code.OPT_OUT_ROBOTS, self.at.text, self.refuses)
        refused = [agent for agent in self.agents if not self.rules.can_fetch(image.text, agent)]
        if not refused:
            return None
        return OptOut(Code.OPT_OUT_ROBOTS, self.at.text, f"Disallow for {', '.join(refused)}")


@dataclass(frozen=True, slots=True)
class Reserved:
    """One tdmrep.json: the paths whose mining is reserved (W3C TDM Reservation Protocol)."""

    at: Address
    patterns: tuple[str, ...]

    def opt_out(self, image: Address) -> OptOut | None:
        """Any place that fits and is reserved counts, also where an earlier one is not: doubt is the publisher's."""
        for pattern in self.patterns:
            if _fits(pattern, _path_of(image.text)):
                return OptOut(Code.OPT_OUT_TDM, self.at.text, f"tdm-reservation 1 for {pattern}")
        return None


SiteRules = Robots | Reserved


def robots_in(content: bytes, at: Address) -> Robots:
    """RFC 9309, as Protego reads it."""
    text = content.decode("utf-8-sig", "replace")
    lines = text.lower().splitlines()
    named = sum(line.lstrip().startswith(("user-agent", "useragent", "user agent")) for line in lines)
    if len(lines) > MOST_LINES or named * len(lines) > MOST_AGENTS_TIMES_RULES:
        return refusing(at, f"its {len(lines):,} lines for {named:,} robots are more than are read")
    lowered = "\n".join(lines)
    return Robots(at, Protego.parse(text), (EVERYBODY, *(agent for agent in AGENTS if agent in lowered)), "")


def refusing(at: Address, why: str) -> Robots:
    """RFC 9309, 2.3.1.4: where a server failed to give its robots.txt, everything is refused."""
    return Robots(at, None, (), f"everything is refused, since {why}")


def reserved_in(content: bytes, at: Address) -> Reserved | None:
    """None where it is no list of places: then nothing is said."""
    try:
        told = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    places = [place for place in told[:MOST_PLACES] if isinstance(place, dict)] if isinstance(told, list) else []
    patterns = [
        place["location"]
        for place in places
        if isinstance(place.get("location"), str) and str(place.get("tdm-reservation")) in ("1", "True")
    ]
    return Reserved(at, tuple(_path_of(pattern) for pattern in patterns)) if places else None


def _path_of(pattern: str) -> str:
    """Some write the whole address where a path is asked for."""
    if not pattern.startswith(("http://", "https://")):
        return pattern
    return f"/{pattern.split('/', 3)[3]}" if pattern.count("/") > 2 else "/"


def _fits(pattern: str, path: str) -> bool:
    """With * for anything and $ for the end, from the left, each part at the first place where it is found: no step back."""
    anchored = pattern.endswith("$")
    first, *others = re.sub(r"\*+", "*", pattern.removesuffix("$")).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = others.pop() if others and anchored else None
    for part in others:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if not anchored:
        return True
    return at == len(path) if last is None else path.endswith(last) and len(path) - len(last) >= at
