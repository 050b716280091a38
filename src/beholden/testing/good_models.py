"""Of the good requests those about models: one that comes in, takes the place of another, or is measured."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from beholden.ports.policy import Fact
from beholden.testing.good_people import HOUR, ME, NOW, OTHER

OF_MODELS: Mapping[str, Mapping[str, Fact]] = MappingProxyType(
    {
        "model.added": {"fresh": True, "licence_kind": "permissive"},
        "upgrade.begun": {"fresh": True, "under_way": False, "other_space": True},
        "upgrade.switched": {
            "fresh": True,
            "state": "under_way",
            "switched": False,
            "lacking": 0,
            "measured": True,
            "approved": True,
        },
        "upgrade.returned": {"fresh": True, "state": "under_way", "switched": True, "lacking": 0},
        "upgrade.purged": {"fresh": True, "state": "under_way"},
        "evaluation.started": {
            "reason_chars": 10,
            "people": 30,
            "min_people": 30,
            "evaluations": 9,
            "max_evaluations": 10,
        },
        "evaluation.finished": {"state": "started", "started_by": ME},
        "calibration.proposed": {
            "state": "finished",
            "report_is_known": True,
            "of_this_model": True,
            "valid_until": NOW + HOUR,
        },
        "calibration.accepted": {
            "state": "proposed",
            "proposed_by": OTHER,
            "of_this_model": True,
            "valid_until": NOW + HOUR,
        },
        "calibration.refused": {"state": "proposed", "proposed_by": OTHER, "reason_chars": 5},
    }
)
