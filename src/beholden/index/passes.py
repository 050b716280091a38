"""One reading of the rows for several searches, at the gate: shortlists by the scanner, then the final scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from beholden.errors import BeholdenError, Fault, IndexIncomplete, SegmentBroken
from beholden.index.chunks import Chunk
from beholden.index.scanning import Places, Rows, Scanner
from beholden.index.scoring import Best
from beholden.index.shelves import Held, Shelves
from beholden.ports.index import Coverage, Neighbours, Shelf


@dataclass(slots=True, eq=False)
class Ask:
    """A search that waits for a pass."""

    probes: Rows  # one template a row
    limit: int
    shelves: tuple[Shelf, ...]  # each once, in their order, so that those who ask for the same are seen to
    turned: dict[bytes, list[Rows]] = field(default_factory=dict)  # the probes as vectors, by the mark of the secret

    def wipe(self) -> None:
        """The sought person's template is in nobody's memory longer than the search."""
        self.probes.fill(0)
        for probes in self.turned.values():
            for probe in probes:
                probe.fill(0)


class Passes:
    """`turn` puts the probes of who asks, as they are turned for a shelf, in their place, if the secret is known.
    `broken` is told of a chunk of which a row could not be read."""

    def __init__(
        self,
        shelves: Shelves,
        scanner: Scanner,
        turn: Callable[[Ask, Held], None],
        broken: Callable[[Chunk, SegmentBroken], None],
    ) -> None:
        self._shelves = shelves
        self._scanner = scanner
        self._turn = turn
        self._broken = broken

    def answer_all(self, asks: Sequence[Ask]) -> list[Neighbours | BaseException]:
        """One pass for each set of shelves that is asked for."""
        together: dict[tuple[Shelf, ...], list[Ask]] = {}
        answers: dict[int, Neighbours | BaseException] = {}
        for ask in asks:
            try:
                self._check(ask)
            except BeholdenError as error:
                answers[id(ask)] = error
            else:
                together.setdefault(ask.shelves, []).append(ask)
        for shelves, group in together.items():
            try:
                answers |= {id(ask): found for ask, found in zip(group, self._compare(shelves, group), strict=True)}
            except Exception as error:  # noqa: BLE001 - each of those who asked raises it
                answers |= {id(ask): error for ask in group}
        return [answers[id(ask)] for ask in asks]

    def _check(self, ask: Ask) -> None:
        for held in self._shelves.asked(ask.shelves):
            if held.dimension != ask.probes.shape[1]:
                raise Fault(other_dimension(ask.probes.shape[1], held.dimension))
            self._turn(ask, held)  # of a shelf that came, or was turned anew, since they asked
            if held.mark not in ask.turned:
                raise IndexIncomplete("the index was read back and knows no secret of a gallery yet; search again")

    def _compare(self, shelves: Sequence[Shelf], asks: Sequence[Ask]) -> list[Neighbours]:
        pairs = [(held, chunk) for held in self._shelves.asked(shelves) for chunk in held.chunks]
        compared = sum(chunk.count for _, chunk in pairs)
        probes, wanted = [], []
        for ask in asks:
            for number in range(len(ask.probes)):
                probes.append([ask.turned[held.mark][number] for held, _ in pairs])
                wanted.append(min(ask.limit, compared))
        shown = iter(self._scanner.shortlist([chunk.codes for _, chunk in pairs], probes, wanted))
        found = []
        for ask in asks:
            # Who is among the best by the greatest of several scores is so by that one alone: no row is lost.
            lists = [next(shown) for _ in range(len(ask.probes))]
            best = Best(min(ask.limit, compared), ask.probes.shape[1])
            for part, (held, chunk) in enumerate(pairs):
                self._offer(best, chunk, _together([places[part] for places in lists]), ask.turned[held.mark])
            face_nos, scores = best.told()
            coverage = Coverage(len(shelves), compared, True, best.rescored, self._scanner.name)
            found.append(Neighbours(tuple(face_nos.tolist()), tuple(scores.tolist()), coverage))
        return found

    def _offer(self, best: Best, chunk: Chunk, places: Places, probes: Sequence[Rows]) -> None:
        if not len(places):
            return
        try:
            best.offer(chunk, places, probes)
        except SegmentBroken as error:
            self._broken(chunk, error)
            raise IndexIncomplete(
                "a sealed file of the index is not as it was written; its references are made from the records again: "
                "search again"
            ) from error


def other_dimension(given: int, held: int) -> str:
    return f"A template of {given} dimensions came to a shelf of {held}: they are of two models and cannot be compared."


def _together(lists: Sequence[Places]) -> Places:
    return lists[0] if len(lists) == 1 else np.unique(np.concatenate(lists))
