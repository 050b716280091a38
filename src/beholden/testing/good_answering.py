"""Of the good requests those of who answers for searches: off-pattern use, samples, a list made again, incidents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from beholden.ports.policy import Fact
from beholden.testing.good_people import HOUR, NOW, OTHER

OF_ANSWERING: Mapping[str, Mapping[str, Fact]] = MappingProxyType(
    {
        "pattern.read": {},
        "reference.planted": {"words_chars": 30},
        "reference.unplanted": {},
        "sample.drawn": {"begins_at": NOW - 9 * HOUR, "ends_at": NOW, "share": 10},
        "sample.judged": {"verdict": "cannot_tell", "words_chars": 20},
        "sample.read": {},
        "search.replayed": {
            "fresh": True,
            "search_state": "unsealed",
            "reason_chars": 20,
            "removed_faces": 0,
            "same_model": True,
            "oversight_stop": False,
        },
        "incident.reported": {"words_chars": 20},
        "incident.contained": {"state": "open", "words_chars": 20},
        "incident.judged": {
            "state": "contained",
            "materiality": "not_material",
            "words_chars": 20,
            "about": OTHER,
            "opened_by": OTHER,
            "contained_by": OTHER,
        },
        "incident.closed": {
            "state": "contained",
            "materiality": "material",
            "notices_waiting": 0,
            "words_chars": 20,
            "about": OTHER,
        },
    }
)
