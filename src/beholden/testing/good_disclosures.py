"""Of the good requests those of what leaves: looked at before, made, read again, taken back, found to be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from beholden.ports.policy import Fact
from beholden.testing.good_people import HOUR, ME, NOW, OTHER

_MADE: Mapping[str, Fact] = {
    "fresh": True,
    "case_state": "open",
    "assigned": (ME, OTHER),
    "search_state": "unsealed",
    "leads": 2,
    "max_leads": 2,
    "leads_not_examined": 0,
    "recipients": 1,
    "provisional": False,
    "exigent_state": "none",
    "leads_not_own": 0,
    "leads_disagreed": 0,
    "leads_recalled": 0,
    "second_overdue": False,
    "provisional_recipients": 0,
    "max_provisional_recipients": 5,
}

OF_DISCLOSURES: Mapping[str, Mapping[str, Fact]] = MappingProxyType(
    {
        "disclosure.previewed": _MADE,
        "disclosure.made": _MADE,
        "disclosure.recalled": {"state": "made", "reason_chars": 10},
        "lead.refuted": {"assigned": (ME,), "reason_chars": 10, "source_chars": 1},
        "disclosure.read": {"fresh": True, "assigned": (ME, OTHER), "state": "made", "ends_at": NOW + HOUR},
    }
)
