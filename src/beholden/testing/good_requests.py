"""For every act that a policy may be asked about, facts under which the person `ME` may do it, if they have the role."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from beholden.ports.policy import Fact
from beholden.records.limits import DAY_LIMITS

HOUR = 3_600_000  # milliseconds
NOW = 1_800_000_000_000
ME, OTHER, BOSS, THIRD = "per-me", "per-other", "per-boss", "per-third"
PURPOSES = ("imminent-threat", "victim-id-cse")

_CASE: Mapping[str, Fact] = {"case_state": "open", "assigned": (ME, OTHER)}
_SOURCE: Mapping[str, Fact] = {"valid_from": NOW - HOUR, "valid_until": NOW + HOUR}
_FINISHED_SEARCH: Mapping[str, Fact] = {
    "requested_by": OTHER,
    "searched_by": OTHER,
    "approved_by": BOSS,
    "assigned": (OTHER,),
}

_DAY: Mapping[str, Fact] = {"done_today": 9, "most_today": 10}

_WALLED: Mapping[str, Fact] = {"missing_walls": 0, "max_missing_walls": 0}

_LANE: Mapping[str, Fact] = {"state": "received", "photographs": 1, "casework": 0}

_OWN: Mapping[str, Mapping[str, Fact]] = {
    "person.added": {"fresh": True, "roles_given": ("steward",), "subject": OTHER},
    "person.changed": {"fresh": True, "roles_given": ("steward", "examiner"), "subject": OTHER},
    "person.suspended": {"subject": OTHER, "subject_state": "active"},
    "person.resumed": {"fresh": True, "subject": OTHER, "subject_state": "suspended"},
    "person.replaced": {"fresh": True, "subject": OTHER, "subject_state": "active"},
    "person.token_renewed": {"fresh": True, "subject": OTHER, "subject_state": "active"},
    "link.made": {"fresh": True, "profile": "synthetic", "subject_state": "active"},
    "passkey.added": {"fresh": True},
    "passkey.removed": {"fresh": True},
    "totp.begun": {"fresh": True},
    "totp.confirmed": {},
    "totp.removed": {"fresh": True},
    "session.refreshed": {},
    "source.proposed": {
        **_SOURCE,
        "authority_kind": "warrant",
        "citation_chars": 5,
        "purposes": ("victim-id-cse",),
        "pack_purposes": PURPOSES,
    },
    "source.approved": {"state": "proposed", "proposed_by": OTHER, "valid_until": NOW + HOUR},
    "source.refused": {"state": "proposed", "proposed_by": OTHER, "valid_until": NOW + HOUR},
    "source.suspended": {"state": "active"},
    "source.resumed": {"state": "suspended"},
    "gallery.opened": {"purposes": ("victim-id-cse",), "pack_purposes": PURPOSES},
    "gallery.closed": {"state": "open"},
    "image.enrolled": {
        **_SOURCE,
        **_WALLED,
        "source_state": "active",
        "gallery_state": "open",
        "source_purposes": PURPOSES,
        "gallery_purposes": ("victim-id-cse",),
    },
    "aside.shown": {},
    "image.judged": {"state": "waiting"},
    "case.opened": {"purpose": "victim-id-cse", "pack_purposes": PURPOSES},
    "case.assigned": {
        "case_state": "open",
        "assignee_roles": ("investigator",),
        "assignee_active": True,
        "assignee_owes_opinion": False,
    },
    "case.closed": {**_CASE, "searches_under_way": 0},
    "case.reopened": {"case_state": "closed"},
    "exhibit.added": {**_CASE, **_WALLED},
    "exhibit.shown": {"assigned": (ME, OTHER), "state": "held"},
    "exhibit.removed": {**_CASE, "state": "held", "sought_with_it": 0},
    "sought.declared": {
        **_CASE,
        "faces": 2,
        "foreign_faces": 0,
        "removed_faces": 0,
        "subject_role": "victim",
        "permitted_roles": ("victim",),
        "subjects_of_image": 2,
        "max_subjects_of_image": 2,
    },
    "sought.withdrawn": {**_CASE, "state": "declared"},
    "authority.requested": {
        **_CASE,
        "sought_state": "declared",
        "sought_of_case": True,
        "necessity_chars": 30,
        "min_necessity_chars": 30,
        "necessity_repeats": False,
        "galleries": 1,
        "unfit_galleries": 0,
        "searches": 3,
        "max_searches": 3,
        "starts_at": NOW,
        "ends_at": NOW + 24 * HOUR,
        "max_hours": 24,
    },
    "authority.approved": {
        "fresh": True,
        "case_state": "open",
        "state": "requested",
        "requested_by": OTHER,
        "assigned": (OTHER,),
        "galleries": 1,
        "galleries_not_requested": 0,
        "unfit_galleries": 0,
        "searches": 3,
        "searches_requested": 3,
        "starts_at": NOW,
        "ends_at": NOW + 24 * HOUR,
        "starts_at_requested": NOW,
        "ends_at_requested": NOW + 24 * HOUR,
    },
    "authority.refused": {"state": "requested", "requested_by": OTHER, "assigned": (OTHER,), "reason_chars": 5},
    "authority.revoked": {"state": "active", "reason_chars": 5},
    "authority.withdrawn": {"state": "requested", "requested_by": ME},
    "search.started": {
        "fresh": True,
        **_CASE,
        "purpose": "victim-id-cse",
        "pack_purposes": PURPOSES,
        "authority_state": "active",
        "authority_of_case": True,
        "authority_names_sought": True,
        "requested_by": OTHER,
        "approved_by": BOSS,
        "starts_at": NOW,
        "ends_at": NOW + HOUR,
        "searches": 3,
        "used": 2,
        "sought_state": "declared",
        "removed_faces": 0,
        "subject_role": "victim",
        "permitted_roles": ("victim",),
        "unfit_galleries": 0,
        "limit": 50,
        "max_limit": 50,
    },
    "search.read": {
        "fresh": True,
        "read_before": False,
        "assigned": (ME,),
        "search_state": "unsealed",
        "took_part": False,
    },
    "lead.shown": {
        "fresh": True,
        "read_before": False,
        "assigned": (ME,),
        "search_state": "unsealed",
        "took_part": False,
        "examined": True,
    },
    "review.opened": {"fresh": True, **_FINISHED_SEARCH, "search_state": "listed", "reviewer": ""},
    "review.shown": {"fresh": True, **_FINISHED_SEARCH, "search_state": "listed", "reviewer": ME},
    "review.decided": {**_FINISHED_SEARCH, "reviewer": ME, "review_state": "open", "pair_state": "pending"},
    "review.finished": {
        **_FINISHED_SEARCH,
        "reviewer": ME,
        "review_state": "open",
        "undecided": 0,
        "potential": 2,
        "max_potential": 2,
    },
    "examination.opened": {
        "fresh": True,
        **_FINISHED_SEARCH,
        "search_state": "reviewed",
        "reviewer": THIRD,
        "part": "second",
        "examiners": (THIRD,),
        "outcome": "potential",
        "disagreement": False,
    },
    "examination.shown": {
        "fresh": True,
        **_FINISHED_SEARCH,
        "search_state": "reviewed",
        "reviewer": THIRD,
        "part": "second",
        "examiners": (THIRD,),
        "outcome": "potential",
        "disagreement": False,
    },
    "examination.locked": {**_FINISHED_SEARCH, "examiner": ME, "state": "open", "missing": ()},
    "examination.revised": {"examiner": ME, "state": "locked", "search_state": "unsealed", "missing": ()},
    "disclosure.made": {
        "fresh": True,
        **_CASE,
        "search_state": "unsealed",
        "leads": 2,
        "max_leads": 2,
        "leads_not_examined": 0,
        "recipients": 1,
    },
    "disclosure.read": {"fresh": True, "assigned": (ME, OTHER), "state": "made", "ends_at": NOW + HOUR},
    "reference.found": {},
    "reference.shown": {**_LANE, "identity_checked": True, "unlisted": 0},
    "request.received": {"records": 1, "unknown_records": 0, "photograph": False},
    "request.read": {},
    "request.identity_checked": {"state": "received", "how_chars": 5},
    "request.records_chosen": {"state": "received", "records": 1, "unknown_records": 0},
    "request.granted": {"state": "received", "identity_checked": True, "records": 1, "reason_chars": 5},
    "request.refused": {"state": "received", "identity_checked": False, "records": 0, "reason_chars": 5},
    "request.withdrawn": {"state": "received"},
    "photograph.given": {**_LANE, **_WALLED, "photographs": 0},
    "photograph.shown": {**_LANE},
    "photograph.compared": {
        **_LANE,
        "fresh": True,
        "identity_checked": True,
        "received_by": OTHER,
        "identity_checked_by": OTHER,
        "given_by": OTHER,
        "comparisons": 2,
        "max_comparisons": 3,
        "other_face": False,
    },
    "photograph.taken_back": {"photographs": 1},
    "erasure.started": {"state": "granted", "granted_by": OTHER, "on_hold": 0},
    "erasure.read": {},
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
    "log.read": {},
    "log.exported": {},
    "picture.revealed": {"fresh": True, "reason_chars": 20, "min_reason_chars": 20, "reason_repeats": False},
    "system.checked": {},
    "index.rebuilt": {},
    "epoch.begun": {},
}

GOOD: Mapping[str, Mapping[str, Fact]] = MappingProxyType(
    {
        act: MappingProxyType({"now": NOW, "profile": "operational", **(_DAY if act in DAY_LIMITS else {}), **facts})
        for act, facts in _OWN.items()
    }
)
