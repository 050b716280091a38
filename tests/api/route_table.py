"""Who may do what over REST, by hand: for every operation its roles, in a case of their own and in somebody else's.

Nothing here is made from the rules of the policy. A new operation needs its row here, or the matrix of routes fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from beholden.records.audit import instant
from beholden.records.examination import COMPONENTS
from beholden.records.people import Role
from beholden.testing.drawn import draw
from tests.actions.test_evaluate import report
from tests.agency import PURPOSE, START, necessity
from tests.api import everywhere as at
from tests.api import office
from tests.api.everywhere import PASSPHRASE, WORDS, Stage
from tests.oversight_body import order
from tests.web_archive import Archive

ALL = " ".join(Role)
CASE = "investigator supervisor auditor"  # who reads a case of their own
CASES = "supervisor auditor"  # who reads every case
REGISTER = "steward privacy_officer investigator supervisor auditor"
REQUESTS = "privacy_officer auditor steward supervisor"
PO = "privacy_officer"


@dataclass(frozen=True)
class Row:
    """`own`, `foreign`: roles that may. `foreign` is None for what is of no case and of nobody. Words in braces are ids."""

    stage: Stage
    own: str
    foreign: str | None = None
    path: Mapping[str, str] = field(default_factory=dict)  # parameter of the path → name of its id, where it differs
    shows: str = ""  # of a list: only what names this id is a breach
    how: Mapping[str, Any] = field(default_factory=dict)  # the rest of the request


def row(stage: Stage, own: str, foreign: str | None = None, /, *, path: Mapping[str, str] | None = None,
        shows: str = "", **how: Any) -> Row:  # fmt: skip
    return Row(stage, own, foreign, path or {}, shows, how)


REASON = {"reason": "the message of the mother was looked at"}
DAYS = {"begins_at": instant(START - timedelta(days=2)), "ends_at": instant(START + timedelta(days=2))}
PAST = DAYS | {"ends_at": instant(START)}
PICTURE = {"file": ("new.png", draw(5, seed=4), "image/png")}
TOLD = necessity(99)
AUTHORITY = {
    "case_id": "{case_id}",
    "sought_id": "{sought_id}",
    "gallery_ids": ["{gallery_id}"],
    "necessity": {
        "less_intrusive": TOLD.less_intrusive,
        "why_person": TOLD.why_person,
        "why_now": TOLD.why_now,
    },
    "starts_at": instant(START),
    "ends_at": instant(START + timedelta(hours=4)),
    "searches": 1,
}
SOURCE = {
    "name": "a new source",
    "controller": "the project",
    "authority_kind": "synthetic",
    "citation": "generator manifest 2",
    "document_sha256": "0" * 64,
    "jurisdiction": "CA",
    "purposes": [PURPOSE],
    "valid_from": instant(START),
    "valid_until": instant(START + timedelta(days=200)),
}
OPINION = {"components": dict.fromkeys(COMPONENTS, "similar"), "opinion": 3}
LEAVES = {"recipients": ["Unit 4"], "basis": "s. 8(2)(f)"}
USE = {"authority_id": "{authority_id}", "sought_id": "{sought_id}"}
FACES = {"face_ids": ["{reference_id}"], "looked_for": "by name"}
BOX = {"left": 0.05, "top": 0.1, "width": 0.2, "height": 0.3}
INTO = {"source_id": "{source_id}", "gallery_id": "{gallery_id}"}
SITE = Archive().page("/", "<title>A page</title>").content
REGISTERED = f"sha256,exhibit_ref,origin\n{'0' * 64},E-1,synthetic".encode()

# Before anybody is signed in: how one comes in, and what proves itself by its signature.
OPEN = {
    "sign_in": row(at.founded, ALL, json={"name": "ines", "passphrase": PASSPHRASE}),
    "accept": row(office.invited, ALL, json={"name": "nils", "token": "{token}", "passphrase": PASSPHRASE}),
    "give_order": row(at.founded, ALL, json={"note": "{order}"}),
}

_OWN_ACCOUNT = {
    "list_sessions": row(at.founded, ALL, "", shows="session_id"),
    "end_every_session": row(at.founded, ALL),
    "whoami": row(at.founded, ALL),
    "sign_out": row(at.founded, ALL),
    "confirm": row(at.founded, ALL, json={"passphrase": PASSPHRASE}),
    "end_session": row(at.founded, ALL, ""),
    "list_keys": row(at.founded, ALL, "", shows="key_id"),
    "make_key": row(at.founded, ALL, json={"name": "nightly import", "days": 3}),
    "revoke_key": row(at.founded, ALL, ""),
}

_PEOPLE = {
    "list_people": row(at.founded, ALL, shows="spare_id"),
    "add_person": row(at.founded, "administrator", json={"name": "olga", "roles": ["steward"]}),
    "show_person": row(at.founded, ALL, ALL),
    "change_roles": row(at.founded, "administrator", path={"person_id": "spare_id"}, json={"roles": ["examiner"]}),
    "suspend_person": row(at.founded, "administrator", path={"person_id": "spare_id"}),
    "link_person": row(at.founded, "administrator", path={"person_id": "spare_id"}, json={"subject": "77aa"}),
    "unlink_person": row(office.invited, "administrator", path={"person_id": "nils_id"}),
    "sign_out_person": row(at.founded, "administrator", path={"person_id": "spare_id"}),
    "resume_person": row(office.invited, "administrator", path={"person_id": "noel_id"}),
    "replace_person": row(at.founded, "administrator", path={"person_id": "spare_id"}, json={"name": "olga"}),
    "renew_token": row(office.invited, "administrator", path={"person_id": "nora_id"}),
    "list_certificates": row(
        office.certified,
        "investigator administrator",
        "administrator",
        path={"person_id": "holder_id"},
        shows="certificate_id",
    ),
    "enter_certificate": row(
        at.founded,
        "administrator",
        path={"person_id": "spare_id"},
        json={"role": "investigator", "course": "investigator 1", "number": "118"},
    ),
    "show_certificate": row(office.certified, "investigator administrator", "administrator"),
    "revoke_certificate": row(office.certified, "administrator", "administrator", json=REASON),
}

_REGISTER = {
    "list_sources": row(at.founded, REGISTER, shows="source_id"),
    "propose_source": row(at.founded, "steward", json=SOURCE),
    "show_source": row(at.founded, REGISTER),
    "approve_source": row(office.proposed, PO, path={"source_id": "proposed_id"}),
    "refuse_source": row(office.proposed, PO, path={"source_id": "proposed_id"}, json=REASON),
    "suspend_source": row(at.founded, PO, json=REASON),
    "resume_source": row(office.proposed, PO, path={"source_id": "suspended_id"}),
    "list_galleries": row(at.founded, REGISTER, shows="gallery_id"),
    "open_gallery": row(at.founded, PO, json={"name": "another", "purposes": [PURPOSE]}),
    "show_gallery": row(at.founded, REGISTER),
    "close_gallery": row(at.founded, PO),
    "certify_gallery": row(at.founded, PO, json={"words": "orders and withdrawals of the quarter; none erased"}),
    "enrol": row(at.founded, "steward", files=PICTURE, data=INTO),
    "tell_images_apart": row(office.proposed, "steward examiner", json={"other_image_id": "{other_image_id}"}),
    "enrol_archive": row(
        at.founded,
        "steward",
        files={"file": ("site.warc", SITE)},
        data={"source_id": "{site_id}", "gallery_id": "{gallery_id}"},
    ),
    "list_asides": row(office.proposed, PO, shows="aside_id"),
    "judge_aside": row(office.proposed, PO),
}

_CASES = {
    "list_cases": row(at.founded, CASE, CASES, shows="case_id"),
    "open_case": row(at.founded, "investigator", json={"reference": "2026-9", "purpose": PURPOSE}),
    "show_case": row(at.founded, CASE, CASES),
    "assign_case": row(at.founded, "supervisor", "supervisor", json={"person_id": "{other_id}"}),
    "close_case": row(at.founded, "investigator supervisor", "supervisor", json={"outcome": "none"}),
    "reopen_case": row(at.closed, "supervisor", "supervisor"),
    "list_exhibits": row(at.founded, CASE, CASES),
    "add_exhibit": row(
        at.founded, "investigator", "", files=PICTURE, data={"origin": "synthetic", "why": "on the same disk"}
    ),
    "show_exhibit": row(at.founded, CASE, CASES),
    "show_face": row(at.founded, "investigator", ""),
    "draw_face": row(at.founded, "investigator", "", json={"box": BOX, "why": "the detector found none here"}),
    "edit_face": row(at.founded, "investigator", "", json={"edits": ["contrast=1.1"], "why": "haze"}),
    "remove_exhibit": row(at.withdrawn, "investigator", "", json=REASON),
    "import_evidence": row(
        at.founded,
        "steward supervisor",
        "steward supervisor",
        files={"file": ("register.csv", REGISTERED)},
        data={"case": "{reference}"},
    ),
    "list_evidence": row(at.founded, CASE, CASES),
    "list_manifested": row(at.founded, CASE, CASES),
    "list_soughts": row(at.founded, CASE, CASES),
    "declare_sought": row(
        at.founded,
        "investigator",
        "",
        json={"face_ids": ["{face_id}"], "subject_role": "victim", "why": "the same child"},
    ),
    "show_declared": row(at.founded, CASE, CASES),
    "withdraw_sought": row(at.founded, "investigator", "", json=REASON),
}

_AUTHORITY = {
    "list_authorities": row(at.founded, CASE, CASES, shows="authority_id"),
    "request_authority": row(at.founded, "investigator", "", json=AUTHORITY),
    "authorities_in_figures": row(at.founded, "auditor supervisor privacy_officer", params=DAYS),
    "show_authority": row(at.founded, CASE, CASES),
    "draft_authority": row(at.founded, "investigator", "", json=AUTHORITY),
    "edit_authority": row(at.drafted, "investigator", "", json={"searches": 2}),
    "submit_authority": row(at.drafted, "investigator", "", json={}),
    "return_authority": row(at.founded, "supervisor", "supervisor", json={"questions": "which school?"}),
    "show_probe": row(at.founded, "supervisor", "supervisor"),
    "approve_authority": row(at.looked_at, "supervisor", "supervisor", json={}),
    "refuse_authority": row(at.founded, "supervisor", "supervisor", json=REASON),
    "revoke_authority": row(at.approved, "supervisor privacy_officer", "supervisor privacy_officer", json=REASON),
    "withdraw_authority": row(at.founded, "investigator", ""),
    "begin_exigent": row(
        at.founded,
        "investigator",
        "",
        json={"case_id": "{case_id}", "sought_id": "{sought_id}", "ground": "{word}"} | REASON,
    ),
    "list_exigents": row(at.exigent, CASE, CASES, shows="exigent_id"),
    "show_exigent": row(at.exigent, CASE, CASES),
    "uphold_exigent": row(at.exigent, "supervisor", "supervisor", json=REASON),
    "refuse_exigent": row(at.exigent, "supervisor", "supervisor", json=REASON),
    "close_lapse": row(at.lapsed, "supervisor", "supervisor", json=REASON),
    "exigents_in_figures": row(at.founded, "auditor supervisor privacy_officer", params=DAYS),
}

_SEARCHES = {
    "run_search": row(at.approved, "investigator", "", json=USE),
    "list_searches": row(at.listed, f"{CASE} examiner", f"{CASES} examiner", shows="search_id"),
    "show_search": row(at.listed, f"{CASE} examiner", f"{CASES} examiner"),
    "replay_search": row(at.unsealed, "auditor", "auditor", json=REASON),
    "read_leads": row(at.unsealed, f"{CASE} examiner", CASES),
    "show_lead": row(at.unsealed, "investigator supervisor examiner", "supervisor"),
    "make_comparison": row(at.approved, "investigator", "", json=USE | {"face_id": "{reference_id}"}),
    "list_comparisons": row(at.compared, CASE, CASES, shows="comparison_id"),
    "read_comparison": row(at.compared, CASE, CASES),
    "open_review": row(at.listed, "examiner", "examiner"),
    "list_reviews": row(at.taken, "examiner", "", shows="review_id"),
    "show_review": row(at.taken, "examiner", ""),
    "show_reference": row(at.taken, "examiner", ""),
    "show_sought": row(at.taken, "examiner", ""),
    "decide_pair": row(at.taken, "examiner", "", json={"outcome": "inconclusive"}),
    "finish_review": row(at.taken, "examiner", ""),
    "open_examination": row(at.reviewed, "examiner", "examiner"),
    "list_examinations": row(at.examining, "examiner", "", shows="handle"),
    "show_examination": row(at.examining, "examiner", ""),
    "describe_side": row(at.examining, "examiner", "", json={"of": "probe", "suitable": True, "seen": ["nose"]}),
    "note_views": row(at.examining, "examiner", "", json={"views": [{"tool": "zoom", "setting": "2", "seconds": 3}]}),
    "lock_examination": row(at.described, "examiner", "", json=OPINION),
    "revise_examination": row(at.unsealed, "examiner", "", json=OPINION),
    "make_disclosure": row(at.unsealed, "investigator", "", json=LEAVES | {"candidate_ids": ["{candidate_id}"]}),
    "warn": row(at.alone, "investigator", "", json=LEAVES | {"examinations": ["{handle}"]}),
    "recall_disclosure": row(at.disclosed, "supervisor", "supervisor", json=REASON),
    "refute_lead": row(
        at.disclosed, "investigator supervisor", "supervisor", json={"lead": 1, "source": "her school"} | REASON
    ),
    "list_disclosures": row(at.disclosed, CASE, CASES, shows="disclosure_id"),
    "show_disclosure": row(at.disclosed, CASE, CASES),
    "read_disclosure": row(at.disclosed, "investigator", ""),
}

_REQUESTS = {
    "find_references": row(at.founded, PO, json={"person_ref": "person 1"}),
    "list_requests": row(office.asked, REQUESTS, shows="request_id"),
    "receive_request": row(at.founded, PO, json=FACES | {"subject": "B. Person"}),
    "show_request": row(office.asked, REQUESTS),
    "read_request": row(office.asked, PO),
    "check_identity": row(office.asked, PO, json={"how": "passport seen"}),
    "choose_records": row(office.checked, PO, json=FACES),
    "grant_request": row(office.checked, PO, json=REASON),
    "refuse_request": row(office.checked, PO, json=REASON),
    "withdraw_request": row(office.asked, PO),
    "list_photographs": row(office.photographed, "privacy_officer auditor"),
    "give_photograph": row(office.by_photograph, PO, files=PICTURE),
    "show_given_face": row(office.photographed, PO),
    "compare_photograph": row(office.photographed, PO, json={"face": 1}),
    "show_listed_reference": row(office.nearest, PO),
    "take_back_photograph": row(office.photographed, PO),
    "show_destruction": row(office.taken_back, "privacy_officer auditor"),
    "restrict_records": row(office.granted, "privacy_officer steward supervisor", json={"reason": WORDS}),
    "show_restriction": row(office.restricted, REQUESTS),
    "show_restriction_receipt": row(office.restricted, REQUESTS),
    "keep_restricted": row(office.restricted, PO, json={"reason": WORDS}),
    "end_restriction": row(office.restricted, PO, json={"reason": WORDS}),
    "start_erasure": row(office.granted, "privacy_officer steward supervisor"),
    "list_erasures": row(office.erased, REQUESTS, shows="erasure_id"),
    "show_erasure": row(office.erased, REQUESTS),
    "show_receipt": row(office.erased, REQUESTS),
    "show_listings": row(office.erased, "auditor"),
}

_MEASURING = {
    "show_model": row(at.founded, ALL),
    "list_evaluations": row(office.measured, ALL, shows="evaluation_id"),
    "show_evaluation": row(office.measured, ALL),
    "list_calibrations": row(office.measured, ALL, shows="calibration_id"),
    "propose_calibration": row(
        office.evaluated, "steward privacy_officer", files={"report": ("report.json", report(people=40))}
    ),
    "show_calibration": row(office.measured, ALL),
    "accept_calibration": row(office.measured, PO),
    "refuse_calibration": row(office.measured, PO, json=REASON),
}

_OVERSIGHT = {
    "reveal_picture": row(
        at.founded, "auditor", "auditor", json={"of": "exhibit-face", "id": "{face_id}", "reason": WORDS}
    ),
    "list_notices": row(at.approved, "supervisor privacy_officer auditor", shows="notice_id"),
    "mark_notice_sent": row(at.approved, "supervisor privacy_officer auditor", json={"how": "letter no. 14"}),
    "list_incidents": row(office.happened, "privacy_officer auditor", shows="incident_id"),
    "report_incident": row(at.founded, ALL, json={"words": WORDS}),
    "show_incident": row(office.happened, "privacy_officer auditor"),
    "contain_incident": row(office.happened, PO, json={"words": WORDS, "affected": 3}),
    "judge_incident": row(office.contained, PO, json={"materiality": "material", "words": WORDS}),
    "close_incident": row(office.judged, PO, json={"lessons": WORDS}),
    "find_patterns": row(at.listed, "auditor"),
    "plant_reference": row(at.founded, "auditor", json={"face_id": "{reference_id}", "words": WORDS}),
    "unplant_reference": row(office.planted, "auditor"),
    "list_samples": row(office.drawn_by_lot, "auditor", shows="sample_id"),
    "draw_sample": row(at.listed, "auditor", json=PAST | {"share": 50}),
    "judge_use": row(office.drawn_by_lot, "auditor", json={"use_id": "{use_id}", "verdict": "justified"}),
    "list_orders": row(at.founded, ALL),
    "list_entries": row(at.founded, "auditor privacy_officer"),
    "state_use": row(at.founded, "auditor privacy_officer", params=DAYS),
    "show_checkpoint": row(at.founded, ALL),
    "show_readiness": row(at.founded, ALL),
}

TABLE: Mapping[str, Row] = {
    **_OWN_ACCOUNT,
    **_PEOPLE,
    **_REGISTER,
    **_CASES,
    **_AUTHORITY,
    **_SEARCHES,
    **_REQUESTS,
    **_MEASURING,
    **_OVERSIGHT,
}


def signed_order(origin: str) -> str:
    return order("stop", "system", origin=origin).decode()
