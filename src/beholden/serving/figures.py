"""What the server counts for whoever watches it: routes, states and rules, and nobody's name, id or address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from beholden import __version__
from beholden.actions.vital import Vital
from beholden.errors import BeholdenError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class Figures:
    """Counters of one server, in a registry of its own: two servers in one process do not add up."""

    def __init__(self, look: Callable[[], Vital]) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        self.requests = Counter(
            "beholden_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self.seconds = Histogram(
            "beholden_request_seconds", "Time to answer", ["route"], buckets=SECONDS, registry=self._registry
        )
        self.refusals = Counter("beholden_refusals", "Reasons for refusals", ["rule"], registry=self._registry)
        self.rounds = Counter("beholden_rounds", "Rounds of upkeep", ["task", "outcome"], registry=self._registry)
        Gauge("beholden_version", "Which Beholden runs", ["version"], registry=self._registry).labels(__version__).set(
            1
        )
        self._registry.register(_OfSystem(look))

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _OfSystem(Collector):
    """What the records say at the moment at which somebody asks."""

    def __init__(self, look: Callable[[], Vital]) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily("beholden_records_readable", "1 if the records can be read, else 0")
        try:
            told = self._look()
        except BeholdenError:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        for name, words, value in (
            ("references", "References that a search compares with", told.references),
            ("faces_waiting", "Faces that have no template yet", told.waiting),
            ("log_entries", "Entries of the log", told.entries),
            ("log_unsealed", "Entries that no signed checkpoint covers yet", told.unsealed),
            ("log_witnesses", "Witnesses of the log", told.witnesses),
            ("log_unwitnessed", "Entries of the log that no witness has seen yet", told.unwitnessed),
            ("log_unwitnessed_seconds", "Age of the oldest entry that the witnesses have not seen", told.unwitnessed_s),
            ("free_bytes", "Room on the disk of the data folder", told.free_bytes),
            ("room_is_low", "1 if nothing more is taken in, else 0", int(told.low)),
        ):
            yield GaugeMetricFamily(f"beholden_{name}", words, value=value)
        searches = GaugeMetricFamily("beholden_searches", "Searches by state", labels=["state"])
        for state, number in told.searches:
            searches.add_metric([state], number)
        yield searches

    def describe(self) -> Iterator[Metric]:
        """Nothing is read while the registry is made."""
        return iter(())
