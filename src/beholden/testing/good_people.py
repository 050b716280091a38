"""Of the good requests those about people: who works here, what they were taught, and what they sign in with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from beholden.ports.policy import Fact

HOUR = 3_600_000  # milliseconds
NOW = 1_800_000_000_000
ME, OTHER, BOSS, THIRD = "per-me", "per-other", "per-boss", "per-third"

OF_PEOPLE: Mapping[str, Mapping[str, Fact]] = MappingProxyType(
    {
        "person.added": {"fresh": True, "roles_given": ("steward",), "subject": OTHER},
        "person.changed": {"fresh": True, "roles_given": ("steward", "examiner"), "subject": OTHER},
        "person.suspended": {"subject": OTHER, "subject_state": "active"},
        "person.resumed": {"fresh": True, "subject": OTHER, "subject_state": "suspended"},
        "person.replaced": {"fresh": True, "subject": OTHER, "subject_state": "active"},
        "person.token_renewed": {"fresh": True, "subject": OTHER, "subject_state": "active"},
        "certificate.entered": {
            "fresh": True,
            "subject": OTHER,
            "subject_state": "active",
            "issued_at": NOW - HOUR,
            "ends_at": NOW + HOUR,
            "max_days": 365,
        },
        "certificate.revoked": {"state": "entered", "reason_chars": 5},
        "person.linked": {"fresh": True, "subject": OTHER, "subject_state": "active"},
        "person.link_confirmed": {"fresh": True},
        "person.unlinked": {"subject": OTHER, "subject_state": "active"},
        "person.signed_out": {"subject": OTHER, "subject_state": "active"},
        "recovery_key.pinned": {"fresh": True},
        "recovery_key.removed": {},
        "api_key.made": {"fresh": True, "days": 90, "max_days": 90, "by_key": False},
        "api_key.revoked": {},
        "link.made": {"fresh": True, "profile": "synthetic", "subject_state": "active"},
        "passkey.added": {"fresh": True},
        "passkey.removed": {"fresh": True},
        "totp.begun": {"fresh": True},
        "totp.confirmed": {},
        "totp.removed": {"fresh": True},
        "session.refreshed": {},
    }
)
