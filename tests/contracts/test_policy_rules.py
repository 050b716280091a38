"""Every rule of the pack ca-2020 refuses alone: one fact of a good request is changed, and exactly that rule says no."""

from __future__ import annotations

import re
from functools import cache

import pytest

from beholden.policy.cedar import CedarPolicy
from beholden.policy.files import FLOOR
from beholden.policy.packs import shipped
from beholden.ports.policy import Asker, Fact
from beholden.records.audit import NEEDS_CERTIFICATE, READS_FILES
from beholden.records.limits import DAY_LIMITS
from beholden.testing.good_requests import BOSS, GOOD, HOUR, ME, NOW, OTHER, THIRD

DOER = {
    "model": "administrator",
    "upgrade": "administrator",
    "backup": "administrator",
    "disposal": "privacy_officer",
    "entry": "auditor",
    "person": "administrator",
    "certificate": "administrator",
    "link": "administrator",
    "passkey": "examiner",
    "session": "examiner",
    "api_key": "examiner",
    "recovery_key": "key_custodian",
    "totp": "examiner",
    "source": "privacy_officer",
    "source.proposed": "steward",
    "gallery": "privacy_officer",
    "image": "privacy_officer",
    "image.enrolled": "steward",
    "image.told_apart": "steward",
    "archive": "steward",
    "aside": "privacy_officer",
    "case": "supervisor",
    "case.opened": "investigator",
    "case.closed": "investigator",
    "exhibit": "investigator",
    "sought": "investigator",
    "authority": "supervisor",
    "notice": "supervisor",
    "authority.drafted": "investigator",
    "exigent": "supervisor",
    "exigent.begun": "investigator",
    "authority.requested": "investigator",
    "probe": "supervisor",
    "evidence": "steward",
    "authority.withdrawn": "investigator",
    "search": "investigator",
    "comparison": "investigator",
    "lead": "investigator",
    "review": "examiner",
    "examination": "examiner",
    "examiner": "privacy_officer",
    "examination.sent": "supervisor",
    "examination.taken_back": "supervisor",
    "disclosure": "investigator",
    "disclosure.recalled": "supervisor",
    "lead.refuted": "investigator",
    "reference": "privacy_officer",
    "search.replayed": "auditor",
    "incident.reported": "examiner",
    "incident.contained": "privacy_officer",
    "incident.judged": "privacy_officer",
    "incident.closed": "privacy_officer",
    "reference.planted": "auditor",
    "reference.unplanted": "auditor",
    "pattern": "auditor",
    "sample": "auditor",
    "request": "privacy_officer",
    "photograph": "privacy_officer",
    "restriction": "privacy_officer",
    "erasure": "steward",
    "erasure.read": "auditor",
    "evaluation": "steward",
    "calibration": "privacy_officer",
    "log": "auditor",
    "statement": "auditor",
    "picture": "auditor",
    "chip": "investigator",
    "outcome": "examiner",
    "sequestration": "auditor",
    "system": "auditor",
    "index": "administrator",
    "epoch": "administrator",
    "custodians": "administrator",
}
ON_A_CASE = (
    "exhibit.added exhibit.face_drawn exhibit.face_edited exhibit.removed sought.declared sought.withdrawn "
    "authority.drafted authority.requested exigent.begun search.started comparison.made disclosure.made disclosure.previewed"
)

GIVES_AN_OPINION = (
    "review.opened review.shown review.decided review.finished examination.opened examination.shown examination.described "
    "examination.viewed examination.locked"
)

USES = "search.started comparison.made"

REVIEWS = "exigent.upheld exigent.refused exigent.lapse_closed"

IN_THE_LANE = "photograph.given photograph.shown photograph.compared reference.shown"

# rule, acts, the one fact that changes
BROKEN: list[tuple[str, str, dict[str, Fact]]] = [
    ("day-limit", " ".join(DAY_LIMITS), {"done_today": 10}),
    ("day-limit", " ".join(DAY_LIMITS), {"most_today": 9}),
    ("reader-is-walled", " ".join(READS_FILES), {"missing_walls": 1}),
    ("training-is-current", " ".join(sorted(set(NEEDS_CERTIFICATE) - {"exigent.begun"})), {"certified": False}),
    ("certificate-is-not-ones-own", "certificate.entered", {"subject": ME}),
    ("certificate-is-for-somebody-here", "certificate.entered", {"subject_state": "suspended"}),
    ("certificate-is-for-somebody-here", "certificate.entered", {"subject_state": "left"}),
    ("certificate-has-begun", "certificate.entered", {"issued_at": NOW + 1}),
    ("certificate-is-not-over", "certificate.entered", {"ends_at": NOW}),
    ("certificate-lasts-a-year", "certificate.entered", {"ends_at": NOW + 365 * 24 * HOUR}),
    ("certificate-lasts-a-year", "certificate.entered", {"max_days": 0}),
    ("certificate-can-be-revoked", "certificate.revoked", {"state": "revoked"}),
    ("certificate-revocation-has-reason", "certificate.revoked", {"reason_chars": 4}),
    ("frame-is-not-kept", "exhibit.added", {"intake": "whole"}),
    ("session-is-fresh-for-leads", "search.read lead.shown comparison.read", {"fresh": False}),
    ("session-is-fresh-for-pictures", "picture.revealed sequestration.opened", {"fresh": False}),
    (
        "session-is-fresh-for-models",
        "model.added upgrade.begun upgrade.switched upgrade.returned upgrade.purged",
        {"fresh": False},
    ),
    ("upgrade-is-the-only-one", "upgrade.begun", {"under_way": True}),
    ("upgrade-has-another-space", "upgrade.begun", {"other_space": False}),
    ("upgrade-is-under-way", "upgrade.switched upgrade.returned upgrade.purged", {"state": "purging"}),
    ("upgrade-is-switched-once", "upgrade.switched", {"switched": True}),
    ("upgrade-was-switched", "upgrade.returned", {"switched": False}),
    ("upgrade-has-every-template", "upgrade.switched upgrade.returned", {"lacking": 1}),
    ("upgrade-is-measured", "upgrade.switched", {"measured": False}),
    ("upgrade-is-approved", "upgrade.switched", {"approved": False}),
    ("model-licence-is-fit", "model.added", {"licence_kind": "research-only"}),
    ("model-licence-is-fit", "model.added", {"licence_kind": "unknown"}),
    ("model-licence-is-fit", "model.added", {"licence_kind": "whatever"}),
    ("reveal-has-reason", "picture.revealed", {"reason_chars": 19}),
    ("frame-has-reason", "exhibit.frame_shown", {"reason_chars": 19}),
    ("chip-is-for-its-reader", "chip.revealed", {"of": "probe"}),
    ("chip-is-for-its-reader", "chip.revealed", {"of": "pair"}),
    ("chip-is-for-its-reader", "chip.revealed", {"of": "whatever"}),
    ("chip-is-for-its-reader", "chip.revealed", {"of": "given"}),
    ("outcome-is-for-its-reader", "outcome.read", {"recipient": OTHER}),
    ("outcome-reader-owes-no-opinion", "outcome.read", {"owes_opinion": True}),
    ("case-found-decides-retention", "case.closed", {"kept_decision": ""}),
    ("case-found-decides-retention", "case.closed", {"keep_reason_chars": 0}),
    ("reveal-reason-is-new", "picture.revealed", {"reason_repeats": True}),
    *(
        ("incident-has-words", f"incident.{what}", {"words_chars": 19})
        for what in ("reported", "contained", "judged", "closed")
    ),
    ("replay-is-of-unsealed", "search.replayed", {"search_state": "listed"}),
    ("replay-has-reason", "search.replayed", {"reason_chars": 19}),
    ("replay-probes-are-held", "search.replayed", {"removed_faces": 1}),
    ("replay-has-the-model", "search.replayed", {"same_model": False}),
    ("session-is-fresh-for-replays", "search.replayed", {"fresh": False}),
    ("incident-is-open", "incident.contained", {"state": "contained"}),
    ("incident-is-not-closed", "incident.judged", {"state": "closed"}),
    ("incident-materiality-is-known", "incident.judged", {"materiality": "undecided"}),
    *(("incident-is-not-about-oneself", f"incident.{what}", {"about": ME}) for what in ("judged", "closed")),
    ("incident-is-judged-by-another", "incident.judged", {"opened_by": ME}),
    ("incident-is-judged-by-another", "incident.judged", {"contained_by": ME}),
    ("incident-is-contained", "incident.closed", {"state": "open"}),
    ("incident-is-judged", "incident.closed", {"materiality": "undecided"}),
    ("incident-notices-are-sent", "incident.closed", {"notices_waiting": 1}),
    ("planted-reference-has-words", "reference.planted", {"words_chars": 4}),
    ("sample-runs-forward", "sample.drawn", {"begins_at": NOW}),
    ("sample-is-of-the-past", "sample.drawn", {"ends_at": NOW + 1}),
    ("sample-has-a-share", "sample.drawn", {"share": 0}),
    ("sample-has-a-share", "sample.drawn", {"share": 101}),
    ("sample-verdict-is-known", "sample.judged", {"verdict": "pending"}),
    ("sample-verdict-has-reason", "sample.judged", {"words_chars": 19}),
    ("role-is-given", "person.added person.changed", {"roles_given": ()}),
    ("evaluation-has-reason", "evaluation.started", {"reason_chars": 9}),
    ("evaluation-has-people", "evaluation.started", {"people": 29}),
    ("evaluations-are-few", "evaluation.started", {"evaluations": 10}),
    ("evaluation-is-under-way", "evaluation.finished", {"state": "finished"}),
    ("evaluation-is-ones-own", "evaluation.finished", {"started_by": OTHER}),
    ("calibration-has-evaluation", "calibration.proposed", {"state": "started"}),
    ("calibration-report-is-known", "calibration.proposed", {"report_is_known": False}),
    ("calibration-is-of-this-model", "calibration.proposed calibration.accepted", {"of_this_model": False}),
    ("calibration-is-recent", "calibration.proposed calibration.accepted", {"valid_until": NOW}),
    ("calibration-waits-for-decision", "calibration.accepted calibration.refused", {"state": "in_force"}),
    ("calibration-decider-is-not-proposer", "calibration.accepted calibration.refused", {"proposed_by": ME}),
    ("calibration-refusal-has-reason", "calibration.refused", {"reason_chars": 4}),
    ("role-is-known", "person.added person.changed", {"roles_given": ("steward", "chief")}),
    ("administrator-has-no-other-role", "person.added person.changed", {"roles_given": ("administrator", "steward")}),
    ("auditor-has-no-other-role", "person.added person.changed", {"roles_given": ("auditor", "steward")}),
    ("investigator-is-not-supervisor", "person.added person.changed", {"roles_given": ("supervisor", "investigator")}),
    *(
        ("privacy-officer-has-no-casework", "person.added person.changed", {"roles_given": ("privacy_officer", role)})
        for role in ("investigator", "examiner", "supervisor")
    ),
    *(
        ("key-custodian-has-no-casework", "person.added person.changed", {"roles_given": ("key_custodian", role)})
        for role in ("investigator", "examiner", "supervisor")
    ),
    ("administrator-keeps-own-role", "person.changed", {"subject": ME}),
    ("own-account-is-not-suspended", "person.suspended", {"subject": ME}),
    ("person-can-be-suspended", "person.suspended", {"subject_state": "suspended"}),
    ("person-can-be-suspended", "person.suspended", {"subject_state": "left"}),
    ("person-can-be-resumed", "person.resumed", {"subject_state": "active"}),
    ("person-can-be-resumed", "person.resumed", {"subject_state": "left"}),
    ("person-can-be-replaced", "person.replaced", {"subject_state": "left"}),
    ("person-can-have-a-token", "person.token_renewed", {"subject_state": "suspended"}),
    ("person-can-have-a-token", "person.token_renewed", {"subject_state": "left"}),
    ("source-kind-is-known", "source.proposed", {"authority_kind": "scraped"}),
    ("synthetic-source-in-synthetic-system", "source.proposed", {"authority_kind": "synthetic"}),
    ("only-synthetic-sources-here", "source.proposed", {"profile": "synthetic"}),
    ("source-has-citation", "source.proposed", {"citation_chars": 4}),
    ("source-has-purpose", "source.proposed", {"purposes": ()}),
    ("source-purposes-of-pack", "source.proposed", {"purposes": ("victim-id-cse", "fraud")}),
    ("source-validity-runs-forward", "source.proposed", {"valid_from": NOW + HOUR}),
    ("source-validity-is-not-over", "source.proposed source.approved", {"valid_until": NOW}),
    ("source-waits-for-decision", "source.approved source.refused", {"state": "active"}),
    ("source-decider-is-not-proposer", "source.approved source.refused", {"proposed_by": ME}),
    ("source-can-be-suspended", "source.suspended", {"state": "proposed"}),
    ("source-can-be-resumed", "source.resumed", {"state": "proposed"}),
    ("source-can-be-resumed", "source.resumed", {"state": "refused"}),
    ("gallery-has-purpose", "gallery.opened", {"purposes": ()}),
    ("gallery-purposes-of-pack", "gallery.opened", {"purposes": ("fraud",)}),
    ("gallery-can-be-closed", "gallery.closed", {"state": "closed"}),
    ("gallery-to-certify-is-open", "gallery.certified", {"state": "closed"}),
    ("certification-says-what-was-looked-at", "gallery.certified", {"words_chars": 9}),
    ("exigent-path-is-open", "exigent.begun", {"grounds": 0}),
    ("exigent-ground-of-pack", "exigent.begun", {"ground": "suspicion"}),
    ("exigent-reason-is-written", "exigent.begun", {"reason_chars": 19}),
    ("exigent-place-is-told", "exigent.begun", {"place_chars": 0}),
    ("exigent-time-is-told", "exigent.begun", {"time_chars": 0}),
    ("exigent-incidents-are-few", "exigent.begun", {"incidents": 3}),
    ("exigent-incidents-are-few", "exigent.begun", {"max_incidents": 2}),
    ("exigent-persons-are-few", "exigent.begun", {"persons": 5}),
    ("exigent-persons-are-few", "exigent.begun", {"max_persons": 4}),
    ("exigent-was-not-refused", "exigent.begun", {"refused_before": 1}),
    ("exigent-is-cosigned", "exigent.begun", {"frozen": True}),
    ("routine-is-not-frozen", USES, {"frozen": True}),
    ("galleries-are-certified", USES, {"uncertified_galleries": 1}),
    ("exigent-reviewer-is-another", REVIEWS, {"begun_by": ME}),
    ("exigent-reviewer-is-not-assigned", REVIEWS, {"assigned": (OTHER, ME)}),
    ("exigent-reviewer-gave-no-opinion", REVIEWS, {"took_part": True}),
    ("exigent-review-has-reason", REVIEWS, {"reason_chars": 19}),
    ("exigent-waits-for-review", "exigent.upheld exigent.refused", {"state": "lapsed"}),
    ("exigent-waits-for-review", "exigent.upheld exigent.refused", {"state": "upheld"}),
    ("exigent-lapse-is-open", "exigent.lapse_closed", {"state": "refused"}),
    ("exigent-lapse-is-open", "exigent.lapse_closed", {"reviewed": True}),
    ("source-is-active", "image.enrolled archive.read", {"source_state": "proposed"}),
    ("source-is-active", "image.enrolled archive.read", {"source_state": "suspended"}),
    ("source-is-already-valid", "image.enrolled archive.read", {"valid_from": NOW + 1}),
    ("source-is-still-valid", "image.enrolled archive.read", {"valid_until": NOW}),
    ("source-names-places", "archive.read", {"archive_places": 0}),
    ("gallery-takes-images", "image.enrolled archive.read", {"gallery_state": "closed"}),
    ("gallery-purpose-is-named", "image.enrolled archive.read", {"gallery_purposes": ()}),
    ("source-permits-gallery", "image.enrolled archive.read", {"source_purposes": ("imminent-threat",)}),
    ("image-waits-for-judgement", "image.judged", {"state": "released"}),
    ("images-told-apart-are-held", "image.told_apart", {"images_held": 1}),
    ("images-told-apart-look-alike", "image.told_apart", {"look_alike": False}),
    ("images-are-told-apart-once", "image.told_apart", {"told_before": True}),
    ("case-purpose-of-pack", "case.opened", {"purpose": "fraud"}),
    (
        "case-is-open",
        f"case.assigned case.closed authority.approved evidence.imported {ON_A_CASE}",
        {"case_state": "closed"},
    ),
    ("case-can-be-reopened", "case.reopened", {"case_state": "open"}),
    ("assignee-is-investigator", "case.assigned", {"assignee_roles": ("supervisor", "steward")}),
    ("assignee-is-active", "case.assigned", {"assignee_active": False}),
    (
        "session-is-fresh",
        f"{USES} exigent.begun exigent.upheld authority.approved review.opened review.shown examination.opened "
        "examination.shown disclosure.made disclosure.previewed "
        "disclosure.read examiner.registered examination.sent photograph.compared backup.made custodians.changed disposal.run",
        {"fresh": False},
    ),
    (
        "session-is-fresh-for-people",
        "person.added person.changed person.resumed person.replaced person.token_renewed "
        "person.linked certificate.entered link.made",
        {"fresh": False},
    ),
    (
        "session-is-fresh-for-account",
        "passkey.added passkey.removed totp.begun totp.removed api_key.made recovery_key.pinned person.link_confirmed",
        {"fresh": False},
    ),
    ("key-is-made-by-a-person", "api_key.made", {"by_key": True}),
    ("key-lasts-a-day-at-least", "api_key.made", {"days": 0}),
    ("key-ends-in-time", "api_key.made", {"days": 91}),
    ("key-ends-in-time", "api_key.made", {"max_days": 30}),
    ("person-can-be-linked", "person.linked", {"subject_state": "suspended"}),
    ("person-can-be-linked", "person.linked", {"subject_state": "left"}),
    ("link-is-not-ones-own", "person.linked", {"subject": ME}),
    ("person-can-be-signed-out", "person.signed_out", {"subject_state": "left"}),
    ("link-in-synthetic-system", "link.made", {"profile": "operational"}),
    ("link-is-for-somebody-here", "link.made", {"subject_state": "suspended"}),
    ("assignee-owes-no-opinion", "case.assigned", {"assignee_owes_opinion": True}),
    ("closer-is-assigned", "case.closed", {"assigned": (OTHER,)}),
    ("no-search-is-under-way", "case.closed", {"searches_under_way": 1}),
    (
        "investigator-is-assigned",
        f"exhibit.shown exhibit.frame_shown disclosure.read {ON_A_CASE}",
        {"assigned": (OTHER,)},
    ),
    (
        "exhibit-is-held",
        "exhibit.face_drawn exhibit.face_edited exhibit.shown exhibit.frame_shown exhibit.removed",
        {"state": "removed"},
    ),
    ("exhibit-is-not-in-use", "exhibit.removed", {"sought_with_it": 1}),
    ("sought-has-a-face", "sought.declared", {"faces": 0}),
    ("sought-is-of-this-cases-exhibits", "sought.declared", {"foreign_faces": 1}),
    ("sought-exhibits-are-held", f"sought.declared exigent.begun {USES}", {"removed_faces": 1}),
    ("subject-role-is-permitted", f"sought.declared exigent.begun {USES}", {"subject_role": "other"}),
    ("subjects-of-image-are-few", "sought.declared", {"subjects_of_image": 3}),
    ("sought-can-be-withdrawn", "sought.withdrawn", {"state": "withdrawn"}),
    ("sought-is-declared", f"authority.requested exigent.begun {USES}", {"sought_state": "withdrawn"}),
    ("sought-is-of-case", "authority.drafted authority.requested exigent.begun", {"sought_of_case": False}),
    ("necessity-is-written", "authority.requested", {"necessity_chars": 29}),
    ("necessity-is-new", "authority.requested", {"necessity_repeats": True}),
    ("gallery-is-named", "authority.requested authority.approved exigent.begun", {"galleries": 0}),
    ("galleries-are-fit", f"authority.requested authority.approved exigent.begun {USES}", {"unfit_galleries": 1}),
    ("a-search-is-named", "authority.requested authority.approved", {"searches": 0}),
    ("searches-are-few", "authority.requested", {"searches": 4}),
    ("window-runs-forward", "authority.requested authority.approved", {"starts_at": NOW + 24 * HOUR}),
    ("window-is-not-over", "authority.requested authority.approved", {"now": NOW + 24 * HOUR}),
    ("window-is-short", "authority.requested", {"ends_at": NOW + 24 * HOUR + 1}),
    ("request-waits-for-decision", "authority.approved authority.refused authority.returned", {"state": "withdrawn"}),
    (
        "approver-is-not-requester",
        "authority.approved authority.refused authority.returned probe.shown",
        {"requested_by": ME},
    ),
    (
        "approver-is-not-assigned",
        "authority.approved authority.refused authority.returned probe.shown",
        {"assigned": (ME, OTHER)},
    ),
    ("no-gallery-is-added", "authority.approved", {"galleries_not_requested": 1}),
    ("no-search-is-added", "authority.approved", {"searches": 4}),
    ("window-begins-no-earlier", "authority.approved", {"starts_at": NOW - 1}),
    ("window-ends-no-later", "authority.approved", {"ends_at": NOW + 24 * HOUR + 1}),
    (
        "decision-has-reason",
        "authority.refused authority.returned authority.revoked request.refused",
        {"reason_chars": 4},
    ),
    ("request-is-ones-own", "authority.drafted authority.requested", {"requested_by": OTHER}),
    ("request-can-be-written", "authority.drafted authority.requested", {"state": "active"}),
    ("question-is-answered", "authority.requested", {"state": "returned"}),
    ("like-request-was-approved", "authority.requested", {"like_approved": False}),
    ("difference-is-written", "authority.requested", {"difference_chars": 29}),
    ("difference-is-new", "authority.requested", {"difference_repeats": True}),
    ("external-reference-is-named", "authority.requested", {"missing_fields": ("external_ref",)}),
    ("offence-is-named", "authority.requested", {"missing_fields": ("offence",)}),
    ("corroboration-is-planned", "authority.requested", {"missing_fields": ("corroboration",)}),
    ("unmanifested-probe-is-looked-at", "authority.approved exigent.upheld", {"unopened_chips": 1}),
    ("probe-is-to-be-decided-about", "probe.shown", {"state": "active"}),
    ("probe-is-held", "probe.shown", {"removed_faces": 1}),
    ("notice-is-sent-once", "notice.sent", {"sent": True}),
    ("notice-says-how", "notice.sent", {"reason_chars": 4}),
    ("oversight-is-told-by-auditor", "notice.sent", {"recipient": "oversight"}),
    ("disposal-not-before-least-time", "disposal.run", {"too_early": 1}),
    ("importer-is-apart", "evidence.imported", {"assigned": (ME,)}),
    ("importer-asked-for-nothing", "evidence.imported", {"has_part": True}),
    ("authority-can-be-revoked", "authority.revoked", {"state": "requested"}),
    ("authority-can-be-withdrawn", "authority.withdrawn", {"state": "revoked"}),
    ("authority-can-be-withdrawn", "authority.withdrawn", {"state": "withdrawn"}),
    ("requester-withdraws", "authority.withdrawn", {"requested_by": OTHER}),
    ("search-purpose-of-pack", f"exigent.begun {USES}", {"purpose": "fraud"}),
    ("authority-is-active", USES, {"authority_state": "requested"}),
    ("authority-is-active", USES, {"authority_state": "revoked"}),
    ("authority-is-of-case", USES, {"authority_of_case": False}),
    ("authority-names-sought", USES, {"authority_names_sought": False}),
    ("approver-is-named", USES, {"approved_by": ""}),
    ("approver-is-named", USES, {"approved_by": "system"}),
    ("approver-was-not-requester", USES, {"requested_by": BOSS}),
    ("searcher-is-not-approver", USES, {"approved_by": ME}),
    ("approver-is-still-apart", USES, {"assigned": (ME, BOSS)}),
    ("window-has-begun", USES, {"starts_at": NOW + 1}),
    ("window-has-not-ended", USES, {"ends_at": NOW}),
    ("a-search-is-left", USES, {"used": 3}),
    ("sequestration-is-held", "sequestration.opened", {"state": "entrusted"}),
    ("sequestration-has-reason", "sequestration.opened", {"reason_chars": 19}),
    ("oversight-stop", f"{USES} photograph.compared search.replayed", {"oversight_stop": True}),
    ("probe-above-floor", USES, {"probe_quality": 4}),
    ("probe-above-floor", USES, {"min_probe_quality": 6}),
    ("log-is-witnessed", USES, {"unwitnessed_minutes": 61}),
    ("log-is-witnessed", USES, {"max_unwitnessed_minutes": 59}),
    ("log-has-a-witness", USES, {"witnesses": 0}),
    ("log-has-a-witness", USES, {"min_witnesses": 2}),
    ("comparison-gallery-is-named", "comparison.made", {"reference_in_galleries": False}),
    ("comparison-source-is-searchable", "comparison.made", {"source_is_searchable": False}),
    ("comparison-reference-has-template", "comparison.made", {"reference_has_template": False}),
    ("comparisons-of-image-are-few", "comparison.made", {"comparisons_of_image": 5}),
    ("comparisons-of-image-are-few", "comparison.made", {"max_comparisons_of_image": 4}),
    ("comparison-waits-for-opinions", "comparison.made", {"searches_under_way": 1}),
    ("comparison-reader-is-assigned", "comparison.read", {"assigned": (OTHER,)}),
    ("list-has-a-place", "search.started", {"limit": 0}),
    ("list-is-short", "search.started", {"limit": 51}),
    ("search-is-unsealed", "search.read lead.shown examination.revised", {"search_state": "reviewed"}),
    ("search-is-unsealed", "search.read lead.shown examination.revised", {"search_state": "failed"}),
    ("disclosed-search-is-unsealed", "disclosure.made disclosure.previewed", {"search_state": "reviewed"}),
    ("provisional-is-exigent", "disclosure.made", {"provisional": True}),
    ("provisional-leads-are-your-own", "disclosure.made", {"leads_not_own": 1}),
    ("provisional-leads-are-undisputed", "disclosure.made", {"leads_disagreed": 1}),
    ("provisional-leads-are-not-recalled", "disclosure.made", {"leads_recalled": 1}),
    ("provisional-is-in-time", "disclosure.made", {"second_overdue": True}),
    ("provisional-recipients-are-few", "disclosure.made", {"provisional_recipients": 6}),
    ("provisional-recipients-are-few", "disclosure.made", {"max_provisional_recipients": -1}),
    ("disclosed-exigent-is-upheld", "disclosure.made disclosure.previewed", {"exigent_state": "open"}),
    ("disclosed-exigent-is-upheld", "disclosure.made disclosure.previewed", {"exigent_state": "refused"}),
    ("own-opinion-is-the-first", "examination.opened examination.shown", {"own": True}),
    ("recalled-disclosure-stands", "disclosure.recalled", {"state": "recalled"}),
    ("recall-has-reason", "disclosure.recalled", {"reason_chars": 9}),
    ("refuter-works-on-the-case", "lead.refuted", {"assigned": (OTHER,)}),
    ("refutation-has-reason", "lead.refuted", {"reason_chars": 9}),
    ("refutation-names-its-source", "lead.refuted", {"source_chars": 0}),
    ("reader-is-assigned", "search.read lead.shown", {"assigned": (OTHER,)}),
    ("lead-shown-is-examined", "lead.shown", {"examined": False}),
    ("examiner-is-not-requester", GIVES_AN_OPINION, {"requested_by": ME}),
    ("examiner-is-not-searcher", GIVES_AN_OPINION, {"searched_by": ME}),
    ("examiner-is-not-approver", GIVES_AN_OPINION, {"approved_by": ME}),
    ("examiner-is-not-assigned", GIVES_AN_OPINION, {"assigned": (OTHER, ME)}),
    ("list-waits-for-review", "review.opened review.shown", {"search_state": "started"}),
    ("list-waits-for-review", "review.opened review.shown", {"search_state": "reviewed"}),
    ("list-has-one-reviewer", "review.opened review.shown", {"reviewer": OTHER}),
    ("review-is-your-own", "review.decided review.finished", {"reviewer": OTHER}),
    ("review-is-open", "review.decided review.finished", {"review_state": "finished"}),
    ("pair-is-undecided", "review.decided", {"pair_state": "decided"}),
    ("every-pair-is-decided", "review.finished", {"undecided": 1}),
    ("potential-candidates-are-few", "review.finished", {"potential": 3}),
    ("list-is-reviewed", "examination.opened examination.shown", {"search_state": "listed"}),
    ("list-is-reviewed", "examination.opened examination.shown", {"search_state": "unsealed"}),
    ("candidate-is-potential", "examination.opened examination.shown", {"outcome": "inconclusive"}),
    ("part-is-known", "examination.opened examination.shown", {"part": "third"}),
    ("examiner-is-new-to-candidate", "examination.opened examination.shown", {"examiners": (THIRD, ME)}),
    ("second-examiner-is-not-reviewer", "examination.opened examination.shown", {"reviewer": ME}),
    ("consultation-needs-disagreement", "examination.opened examination.shown", {"part": "consultation"}),
    (
        "examination-is-your-own",
        "examination.described examination.viewed examination.locked examination.revised",
        {"examiner": OTHER},
    ),
    ("examination-is-open", "examination.described examination.viewed examination.locked", {"state": "locked"}),
    ("sides-are-described-in-order", "examination.described", {"side": "reference"}),
    ("sides-are-described-in-order", "examination.described", {"stage": "pair"}),
    ("description-is-complete", "examination.described", {"missing": ("why it is not suitable",)}),
    ("examination-is-locked", "examination.revised", {"state": "open"}),
    ("opinion-is-complete", "examination.locked examination.revised", {"missing": ("nose",)}),
    ("sent-list-is-reviewed", "examination.sent", {"search_state": "listed"}),
    ("sent-opinion-is-the-second", "examination.sent", {"part": "first"}),
    ("sent-opinion-is-the-second", "examination.sent", {"part": "consultation"}),
    ("sent-opinion-has-a-term", "examination.sent", {"days": 0}),
    ("sent-opinion-has-a-term", "examination.sent", {"days": 31}),
    ("sent-opinion-is-awaited", "examination.taken_back", {"state": "taken_back"}),
    ("sent-opinion-is-awaited", "examination.taken_back", {"state": "lapsed"}),
    ("sent-opinion-is-in-time", "examination.taken_back", {"due_at": NOW}),
    ("sent-opinion-is-complete", "examination.taken_back", {"missing": ("nose",)}),
    ("lead-is-named", "disclosure.made disclosure.previewed", {"leads": 0}),
    ("leads-are-few", "disclosure.made disclosure.previewed", {"leads": 3}),
    ("leads-are-examined", "disclosure.made disclosure.previewed", {"leads_not_examined": 1}),
    ("recipient-is-named", "disclosure.made disclosure.previewed", {"recipients": 0}),
    ("disclosure-stands", "disclosure.read", {"state": "recalled"}),
    ("disclosure-stands", "disclosure.read", {"ends_at": NOW}),
    ("request-names-records", "request.received", {"records": 0}),
    ("request-records-are-named", "request.records_chosen request.granted", {"records": 0}),
    ("request-records-are-held", "request.received request.records_chosen", {"unknown_records": 1}),
    (
        "request-is-undecided",
        f"request.granted request.refused request.identity_checked request.records_chosen {IN_THE_LANE}",
        {"state": "granted"},
    ),
    ("requester-is-who-they-say", "request.granted photograph.compared reference.shown", {"identity_checked": False}),
    ("requester-check-is-told", "request.identity_checked", {"how_chars": 4}),
    ("photograph-is-the-only-one", "photograph.given", {"photographs": 1}),
    (
        "photograph-is-held",
        "photograph.shown photograph.compared photograph.taken_back reference.shown",
        {"photographs": 0},
    ),
    ("comparer-has-no-casework", IN_THE_LANE, {"casework": 1}),
    ("comparer-had-no-other-part", "photograph.compared", {"received_by": ME}),
    ("comparer-had-no-other-part", "photograph.compared", {"identity_checked_by": ME}),
    ("comparer-had-no-other-part", "photograph.compared", {"given_by": ME}),
    ("comparison-is-left", "photograph.compared", {"comparisons": 3}),
    ("compared-face-stays", "photograph.compared", {"other_face": True}),
    ("shown-reference-was-listed", "reference.shown", {"unlisted": 1}),
    ("request-can-be-withdrawn", "request.withdrawn", {"state": "fulfilled"}),
    ("request-is-granted", "erasure.started request.restricted", {"state": "received"}),
    ("request-is-granted", "erasure.started request.restricted", {"state": "fulfilled"}),
    ("eraser-did-not-grant", "erasure.started request.restricted", {"granted_by": ME}),
    ("restriction-has-reason", "request.restricted restriction.kept restriction.ended", {"reason_chars": 19}),
    ("restriction-is-reviewed-in-time", "request.restricted restriction.kept", {"days": 181}),
    ("restriction-is-reviewed-in-time", "request.restricted restriction.kept", {"days": 0}),
    ("restriction-is-in-force", "restriction.kept restriction.ended", {"state": "lifted"}),
    ("reviewer-did-not-restrict", "restriction.kept restriction.ended", {"restricted_by": ME}),
    ("nothing-is-on-hold", "erasure.started", {"on_hold": 1}),
]
CASES = [(rule, act, change) for rule, acts, change in BROKEN for act in acts.split()]

# Rules that a test of their own shows.
OTHERS = {
    "exigent-stands",
    "exigent-is-ones-own",
    "consultant-is-not-reviewer",
    "examiner-reads-own-searches",
    "archives-fit-authority",
    "publisher-controls-site",
}

# Rules about who asks: rule, act, person, roles, active.
ASKERS = [
    ("person-is-named", "case.opened", "", ("investigator",), True),
    ("person-is-named", "case.opened", "system", ("investigator",), True),
    ("person-is-active", "case.opened", ME, ("investigator",), False),
    ("administrator-acts-as-nothing-else", "case.opened", ME, ("investigator", "administrator"), True),
    ("auditor-acts-as-nothing-else", "case.opened", ME, ("investigator", "auditor"), True),
    ("investigator-acts-not-as-supervisor", "case.opened", ME, ("investigator", "supervisor"), True),
    *(
        ("privacy-officer-acts-apart-from-cases", act, ME, ("privacy_officer", role), True)
        for act in (
            f"{IN_THE_LANE} request.received request.read reference.found log.read log.exported log.witnessed_on_paper "
            "entry.proven statement.made"
        ).split()
        for role in ("investigator", "examiner", "supervisor")
    ),
    ("key-custodian-acts-apart-from-cases", "case.opened", ME, ("investigator", "key_custodian"), True),
    ("key-custodian-acts-apart-from-cases", "case.assigned", ME, ("supervisor", "key_custodian"), True),
    ("key-custodian-acts-apart-from-cases", "review.opened", ME, ("examiner", "key_custodian"), True),
]


@cache
def ca_2020() -> CedarPolicy:
    return CedarPolicy(shipped("ca-2020"))


def doer(act: str) -> str:
    return DOER.get(act) or DOER[act.partition(".")[0]]


def denied_by(act: str, asker: Asker, change: dict[str, Fact]) -> list[str]:
    decision = ca_2020().decide(act, asker, {**GOOD[act], **change})
    assert decision.error == ""
    assert decision.allowed is (decision.reasons == ())
    return [reason.rule_id for reason in decision.reasons]


@pytest.mark.parametrize("act", sorted(GOOD))
def test_a_good_request_passes(act: str) -> None:
    assert denied_by(act, Asker(ME, (doer(act),), True), {}) == []


@pytest.mark.parametrize(("rule", "act", "change"), CASES)
def test_one_changed_fact_is_refused_by_exactly_its_rule(rule: str, act: str, change: dict[str, Fact]) -> None:
    assert len(change) == 1
    assert denied_by(act, Asker(ME, (doer(act),), True), change) == [rule]


@pytest.mark.parametrize(("rule", "act", "person", "roles", "active"), ASKERS)
def test_another_asker_is_refused_by_exactly_the_rule(
    rule: str, act: str, person: str, roles: tuple[str, ...], active: bool
) -> None:
    assert denied_by(act, Asker(person, roles, active), {}) == [rule]


@pytest.mark.parametrize("act", USES.split())
def test_a_use_before_approval_needs_no_approver_and_stands_or_falls_with_its_own_record(act: str) -> None:
    asker = Asker(ME, ("investigator",), True)
    good: dict[str, Fact] = {
        "urgency": "exigent",
        "requested_by": ME,
        "approved_by": "",
        "exigent_state": "open",
    }
    assert denied_by(act, asker, good) == denied_by(act, asker, {**good, "exigent_state": "upheld"}) == []
    for state in ("none", "refused", "lapsed"):
        assert denied_by(act, asker, {**good, "exigent_state": state}) == ["exigent-stands"]
    assert denied_by(act, asker, {**good, "requested_by": OTHER}) == ["exigent-is-ones-own"]
    assert denied_by(act, asker, {**good, "frozen": True}) == ["exigent-is-cosigned"]
    assert denied_by(act, asker, {**good, "frozen": True, "cosigned": True}) == []
    assert denied_by(act, asker, {**good, "urgency": "prior"}) == ["approver-is-named"]
    assert denied_by(act, asker, {**good, "urgency": "urgent"}) == ["approver-is-named"]
    for passed in ({"certified": False, "lapsed_days": 30}, {"probe_quality": 0}, {"uncertified_galleries": 2}):
        assert denied_by(act, asker, {**good, **passed}) == []
    assert denied_by(act, asker, {**good, "certified": False, "lapsed_days": 31}) == ["training-is-current"]


def test_who_begins_a_search_before_approval_was_trained_thirty_days_ago_at_most() -> None:
    asker = Asker(ME, ("investigator",), True)
    assert denied_by("exigent.begun", asker, {"certified": False, "lapsed_days": 30}) == []
    assert denied_by("exigent.begun", asker, {"certified": False, "lapsed_days": 31}) == ["training-is-current"]
    assert denied_by("exigent.begun", asker, {"frozen": True, "cosigned": True}) == []


def test_a_consultation_that_is_otherwise_good_is_refused_to_the_reviewer_alone() -> None:
    good: dict[str, Fact] = {"part": "consultation", "disagreement": True}
    assert denied_by("examination.opened", Asker(ME, ("examiner",), True), good) == []
    refused = denied_by("examination.opened", Asker(ME, ("examiner",), True), {**good, "reviewer": ME})
    assert refused == ["consultant-is-not-reviewer"]


def test_a_supervisor_closes_a_case_without_being_assigned() -> None:
    assert denied_by("case.closed", Asker(ME, ("supervisor",), True), {"assigned": ()}) == []


@pytest.mark.parametrize("roles", [("supervisor",), ("auditor",), ("supervisor", "examiner")])
def test_whoever_oversees_reads_leads_without_being_assigned(roles: tuple[str, ...]) -> None:
    assert denied_by("search.read", Asker(ME, roles, True), {"assigned": ()}) == []


@pytest.mark.parametrize("roles", [("examiner",), ("examiner", "investigator"), ("examiner", "steward")])
def test_req_35_an_examiner_reads_the_leads_of_what_they_took_part_in_and_of_nothing_else(
    roles: tuple[str, ...],
) -> None:
    asker = Asker(ME, roles, True)
    assert denied_by("search.read", asker, {"assigned": (OTHER,), "took_part": True}) == []
    assert denied_by("search.read", asker, {"assigned": (OTHER,)}) == ["examiner-reads-own-searches"]


def test_an_authority_that_is_active_can_still_be_withdrawn_by_whoever_asked_for_it() -> None:
    assert denied_by("authority.withdrawn", Asker(ME, ("investigator",), True), {"state": "active"}) == []


def test_a_request_can_be_refused_without_anybody_having_been_recognised() -> None:
    assert denied_by("request.refused", Asker(ME, ("privacy_officer",), True), {"identity_checked": False}) == []


@pytest.mark.parametrize(
    ("act", "change"),
    [
        ("person.suspended", {"subject_state": "invited"}),
        ("person.replaced", {"subject_state": "invited"}),
        ("person.replaced", {"subject_state": "suspended"}),
        ("image.enrolled", {"valid_from": NOW}),
        ("sought.declared", {"faces": 1}),
        ("authority.requested", {"necessity_chars": 1, "min_necessity_chars": 1}),
        ("search.started", {"limit": 1}),
        ("search.started", {"probe_quality": 4, "override_chars": 20}),
        ("comparison.made", {"probe_quality": 0, "override_chars": 20}),
        ("review.opened", {"reviewer": ME}),
        ("disclosure.made", {"leads": 1}),
        ("request.withdrawn", {"state": "granted"}),
        ("request.received", {"records": 0, "photograph": True}),
        ("request.refused", {"records": 0}),
        ("photograph.compared", {"comparisons": 0}),
    ],
)
def test_what_lies_just_within_a_rule_is_allowed(act: str, change: dict[str, Fact]) -> None:
    assert denied_by(act, Asker(ME, (doer(act),), True), change) == []


@pytest.mark.parametrize("kind", ["statute", "consent-of-subject", "agency-own-record", "partner-agreement"])
def test_req_03_places_on_the_web_are_named_under_no_other_authority(kind: str) -> None:
    asker, change = Asker(ME, ("steward",), True), {"authority_kind": kind, "archive_places": 1}
    assert denied_by("source.proposed", asker, change) == ["archives-fit-authority"]


@pytest.mark.parametrize("kind", ["warrant", "production-order", "publisher-agreement"])
def test_req_03_places_on_the_web_are_named_under_a_warrant_an_order_or_a_publishers_agreement(kind: str) -> None:
    change = {"authority_kind": kind, "archive_places": 1, "control_chars": 20}
    assert denied_by("source.proposed", Asker(ME, ("steward",), True), change) == []


def test_req_03_a_publisher_is_shown_to_control_the_places_of_its_agreement() -> None:
    change: dict[str, Fact] = {"authority_kind": "publisher-agreement", "archive_places": 1, "control_chars": 19}
    asker = Asker(ME, ("steward",), True)
    assert denied_by("source.proposed", asker, change) == ["publisher-controls-site"]
    assert denied_by("source.proposed", asker, change | {"archive_places": 0}) == []


def test_the_tables_have_every_rule_of_the_files_and_no_other() -> None:
    text = "\n".join(file.read_text() for file in FLOOR.glob("*.cedar"))
    forbids = re.findall(r'^@id\("(.+)"\)\n(?:@\w+\(".*"\)\n)*forbid ', text, re.M)
    shown = {rule for rule, *_ in BROKEN} | {rule for rule, *_ in ASKERS} | OTHERS
    roles = {rule for rule in forbids if rule.startswith("role-")} - {"role-is-given", "role-is-known"}
    assert set(forbids) == shown | roles  # who may do what is the table of test_policy.py
    assert len(forbids) == len(set(forbids)) == text.count("\nforbid (")
