"""What the engine was asked, by its own count, against what the log says was asked of it (REQ 84)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from beholden.actions.audit import SYSTEM, Act
from beholden.errors import BeholdenError, Fault, KeyDestroyed, NotProven
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import SALT_BYTES, Entry, Item
from beholden.records.searches import Search, SearchState

ENTRY, CALLS, TOTAL = "engine_entry", "engine_calls", "engine_total"  # items of the entry that ends a comparison
NOTED = "engine-calls"  # under this name the keys note the count: they miss lines that were cut off its file
LATE = timedelta(days=1)  # nothing that compares takes as long
LEFT_OVER = 8  # calls of a comparison whose process died, beside one for each face that an erasure looks for

# The entries under which the engine may be asked: nothing is compared before one of them is on record.
SEARCH, GIVEN, ERASURE = ("search.started", "done"), ("photograph.compared", "begun"), ("erasure.started", "done")
REPLAY = ("search.replayed", "begun")
ASKING = MappingProxyType({SEARCH: "searches", GIVEN: "given", ERASURE: "erasures", REPLAY: "replays"})


@dataclass(frozen=True, slots=True)
class Account:
    """Calls of the engine since it was set up. A list that goes deeper until it has its people takes several."""

    calls: int  # by the engine's own count
    searches: int  # of these, for searches on record that came to an end
    answered: int  # of these, for searches with a case and an authority whose last opinion is locked
    given: int  # for photographs that people gave who ask for their own records
    erasures: int  # to see that an erased reference comes back no more
    unfinished: int  # under an entry whose search or comparison failed, or did not come to an end yet
    unaccounted: int  # under no entry that could ask, more than its ending tells of, or than one that died could need
    lost: int  # calls that the log tells of, or the keys noted, and the engine does not: its count was put back
    replays: int = 0  # of these, by an auditor who had a list made again

    @property
    def ratio(self) -> float | None:
        """`answered` of `calls`, 0–1; None where nothing was ever asked."""
        return self.answered / self.calls if self.calls else None

    @property
    def words(self) -> str:
        share = f"; {self.ratio:.1%} were for searches whose last opinion is locked" if self.ratio is not None else ""
        return (
            f"{self.calls:,} calls of the engine: {self.searches:,} by searches, {self.given:,} for photographs that were "
            f"given, {self.erasures:,} after erasures, {self.replays:,} by replays, {self.unfinished:,} unfinished, "
            f"{self.unaccounted:,} unaccounted{share}"
        )


def entry_of(act: Act) -> int:
    """The number of the entry that the act has written. Raises `Fault` before it has: nothing may be compared yet."""
    if act.entry is None:
        raise Fault("nothing is compared before its entry is in the log; report this")
    return act.entry


def tell_calls(act: Act, entry: int) -> None:
    """Put into the ending's entry how often the engine was asked under the entry that began it, and how often ever."""
    calls = act.system.index.calls()
    act.tell(ENTRY, entry, SYSTEM)
    act.tell(CALLS, calls.count(entry), SYSTEM)
    act.tell(TOTAL, len(calls), SYSTEM)


@contextmanager
def told_if_stopped(act: Act, entry: int) -> Iterator[None]:
    """Whatever stops the block, the entry that says so tells its calls too: what is asked under it later is nobody's."""
    try:
        yield
    except Exception:  # raised again
        with suppress(BeholdenError):  # a count that cannot be read is told by `beholden check`
            tell_calls(act, entry)
        raise


def note_calls(system: System) -> None:
    """Let the keys note how often the engine was asked, so that lines that are cut off its count are missed."""
    with suppress(Fault):  # a count that was scribbled over is told by `beholden check`
        if (count := len(system.index.calls())) > _noted(system):
            system.keys.note(NOTED, str(count).encode())


def account(system: System, look: Look) -> Account:
    """Compare the engine's count with the log as this snapshot has it."""
    asked = Counter(system.index.calls())
    told, most, ended = _told(system, look)
    kinds, late = _kinds(system, look, [n for n in asked if n >= 0])
    sums: Counter[str] = Counter()
    finished: dict[int, int] = {}
    for n, count in asked.items():
        if n not in kinds:
            sums["unaccounted"] += count
            continue
        within = min(count, told[n]) if n in told else count
        if n not in told and n in late:
            within = min(count, LEFT_OVER + look.count(Item, n=n, name="face"))
        sums["unaccounted"] += count - within
        sums[kinds[n] if n in ended else "unfinished"] += within
        if n in ended and kinds[n] == ASKING[SEARCH]:
            finished[n] = within
    locked = _locked(system, look, finished)
    return Account(
        calls=asked.total(),
        searches=sums["searches"],
        answered=sum(count for n, count in finished.items() if n in locked),
        given=sums["given"],
        erasures=sums["erasures"],
        unfinished=sums["unfinished"],
        unaccounted=sums["unaccounted"],
        replays=sums["replays"],
        lost=max(
            0,
            most - asked.total(),
            _noted(system) - asked.total(),
            sum(max(0, count - asked[n]) for n, count in told.items()),
        ),
    )


def checked(system: System, look: Look) -> Account:
    """As `account`. Raises `NotProven` where the engine was asked past the log, or its count was put back."""
    found = account(system, look)
    if found.unaccounted or found.lost:
        raise NotProven(
            f"{found.words}; {found.lost:,} calls that the log or the keys tell of are not in the engine's count. Somebody "
            "has asked the engine past the log, or put back its count: tell the auditor and the oversight body"
        )
    return found


def _noted(system: System) -> int:
    return int(system.keys.noted(NOTED) or b"0")


def _told(system: System, look: Look) -> tuple[dict[int, int], int, set[int]]:
    """Calls by the entry that began them, as the entries that ended or failed them tell; the greatest total told of; and
    the entries that came to their end."""
    by_ending: dict[int, dict[str, int]] = {}
    for item in look.find(Item, name=OneOf([ENTRY, CALLS, TOTAL])):
        values, value = by_ending.setdefault(item.n, {}), int(str(_opened(system, item)))
        values[item.name] = max(values.get(item.name, value), value)  # one that failed late tells twice
    endings = look.find(Entry, n=OneOf(sorted(by_ending)))
    done = {entry.n for entry in endings if json.loads(entry.leaf)["outcome"] == "done"}
    told: dict[int, int] = {}
    for values in by_ending.values():
        if ENTRY in values:  # an entry that was tried again tells of all its calls
            told[values[ENTRY]] = max(told.get(values[ENTRY], 0), values.get(CALLS, 0))
    most = max((values.get(TOTAL, 0) for values in by_ending.values()), default=0)
    return told, most, {values[ENTRY] for n, values in by_ending.items() if n in done and ENTRY in values}


def _kinds(system: System, look: Look, numbers: Iterable[int]) -> tuple[dict[int, str], set[int]]:
    """Of the entries that may ask, what they ask for; and which of them are older than anything that could still ask."""
    kinds, late, now = {}, set(), system.clock.now()
    for entry in look.find(Entry, n=OneOf(sorted(numbers))):
        leaf = json.loads(entry.leaf)
        if kind := ASKING.get((leaf["event"], leaf["outcome"])):
            kinds[entry.n] = kind
            if now - datetime.fromisoformat(leaf["at"]) > LATE:
                late.add(entry.n)
    return kinds, late


def _locked(system: System, look: Look, numbers: Iterable[int]) -> set[int]:
    """The entries whose search has a case, an authority and its last opinion locked."""
    of: dict[int, str] = {}
    for item in look.find(Item, name="search", n=OneOf(sorted(numbers))):
        with suppress(KeyDestroyed):  # of a search that was destroyed since nobody answers any more
            of[item.n] = str(_opened(system, item))
    done = look.find(Search, id=OneOf(sorted(set(of.values()))), state=SearchState.UNSEALED)
    ids = {search.id for search in done if search.case_id and search.authority_id}
    return {n for n, id in of.items() if id in ids}


def _opened(system: System, item: Item) -> object:
    value: object = json.loads(system.keys.open(item.record_id, item.sealed, f"item/{item.id}")[SALT_BYTES:])
    return value
