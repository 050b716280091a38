"""Who may use which page, by hand: for every address its roles, in a case of their own and in somebody else's.

A new page needs its row here, or the matrix of pages fails. The words are those of `tests/api/route_table.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from beholden.records.examination import COMPONENTS
from tests.actions.test_evaluate import report
from tests.agency import PURPOSE
from tests.api import everywhere as at
from tests.api import office
from tests.api.everywhere import WORDS
from tests.api.route_table import (
    ALL,
    CASE,
    CASES,
    DAYS,
    PAST,
    PICTURE,
    PO,
    REASON,
    REGISTER,
    REGISTERED,
    REQUESTS,
    SITE,
    SOURCE,
    TOLD,
    Row,
    row,
)

REVIEWERS = f"{CASE} examiner"
ASK = {
    "sought_id": "{sought_id}",
    "gallery": "{gallery_id}",
    "less_intrusive": TOLD.less_intrusive,
    "why_person": TOLD.why_person,
    "why_now": TOLD.why_now,
    "hours": "4",
    "searches": "1",
}
OPINION = {f"component-{name}": "similar" for name in COMPONENTS} | {"opinion": "3", "limitations": "low light"}
DESCRIBED = {"of": "probe", "suitable": "yes", "seen": list(COMPONENTS), "words": ""}
VIEWED = {"views": '[{"tool": "zoom", "setting": "both x2.00", "seconds": 3}]'}
LEAVES = {"recipients": "Unit 4", "basis": "s. 8(2)(f)"}
REGISTER_ALL = "steward privacy_officer auditor"
DAY = {name: value[:10] for name, value in PAST.items()}
MANIFEST = b"file,person_ref\nnew.png,person 5\n"

# Before a sign-in there is nobody whose role could be asked: how one comes in, and what pages are made of.
OPEN = frozenset(
    {
        *("GET /sign-in", "POST /sign-in", "GET /sign-in/passkey/options", "POST /sign-in/passkey"),
        *("GET /sign-in/link", "POST /sign-in/link", "GET /sign-in/first", "POST /sign-in/first"),
        *("GET /sign-in/provider", "GET /sign-in/provider/back", "POST /sign-in/provider"),
        "GET /static/{of}/{name:path}",
    }
)
# Of nobody but who sits there: no id of anything else is in them.
OWN = frozenset(
    {
        *("GET /confirm/options", "GET /confirm/provider", "POST /confirm", "POST /confirm/passkey"),
        *("POST /account/passkeys", "POST /account/passkeys/remove", "POST /account/codes/confirm"),
        *("POST /account/codes/remove", "POST /account/link/confirm"),
    }
)
# What one page made and holds for minutes, for the session that it was made for (tests/web/test_held.py).
HELD = frozenset(
    {
        *("GET /held/{token}/{name}", "GET /disclosures/{disclosure_id}/files/{token}"),
        *("GET /sources/{source_id}/images/{token}", "GET /sources/{source_id}/archives/{token}"),
        "POST /sources/{source_id}/images/{token}",
        *("POST /held/{token}/{place}/reveal", "POST /held/{token}/pairs/{place}/reveal"),
    }
)

_PEOPLE = {
    "GET /": row(at.founded, ALL),
    "GET /account": row(at.founded, ALL),
    "GET /exposure": row(at.founded, ALL),
    "GET /exposure/line": row(at.founded, ALL),
    "GET /outcomes": row(at.founded, ALL),
    "POST /outcomes/{notice_id}/read": row(at.told, "investigator", "", path={"notice_id": "outcome_id"}),
    "GET /account/passkeys/options": row(at.founded, ALL),
    "GET /confirm": row(at.founded, ALL),
    "POST /account/codes": row(at.founded, ALL),
    "POST /account/sessions/end": row(at.founded, ALL, "", data={"session": "{session_id}"}),
    "POST /account/sessions/end-all": row(at.founded, ALL),
    "POST /account/keys": row(at.founded, ALL, data={"name": "nightly import", "days": "3"}),
    "POST /account/keys/revoke": row(at.founded, ALL, "", data={"key": "{key_id}"}),
    "POST /sign-out": row(at.founded, ALL),
    "GET /people": row(at.founded, ALL),
    "POST /people": row(at.founded, "administrator", data={"name": "olga", "role": "steward"}),
    "GET /people/{person_id}": row(at.founded, ALL, ALL),
    **{
        f"POST /people/{{person_id}}/{act}": row(stage, "administrator", path={"person_id": of}, data=data)
        for act, stage, of, data in (
            ("roles", at.founded, "spare_id", {"role": "examiner"}),
            ("suspend", at.founded, "spare_id", {}),
            ("sign-out", at.founded, "spare_id", {}),
            ("resume", office.invited, "noel_id", {}),
            ("replace", at.founded, "spare_id", {"name": "olga"}),
            ("token", office.invited, "nora_id", {}),
            (
                "certificates",
                at.founded,
                "spare_id",
                {"for_role": "investigator", "course": "investigator 1", "number": "118"},
            ),
        )
    },
    "POST /people/{person_id}/certificates/{certificate_id}/revoke": row(
        office.certified, "administrator", "administrator", path={"person_id": "holder_id"}, data=REASON
    ),
}

_REGISTER = {
    "GET /sources": row(at.founded, REGISTER, shows="source_id"),
    "POST /sources": row(
        at.founded,
        "steward",
        data={name: value for name, value in SOURCE.items() if name != "purposes"}
        | {"purpose": PURPOSE, "valid_from": "2026-11-22", "valid_until": "2027-05-01"},
    ),
    "GET /sources/{source_id}": row(at.founded, REGISTER),
    "POST /sources/{source_id}/approve": row(office.proposed, PO, path={"source_id": "proposed_id"}),
    "POST /sources/{source_id}/refuse": row(office.proposed, PO, path={"source_id": "proposed_id"}, data=REASON),
    "POST /sources/{source_id}/suspend": row(at.founded, PO, data=REASON),
    "POST /sources/{source_id}/resume": row(office.proposed, PO, path={"source_id": "suspended_id"}),
    "GET /sources/{source_id}/images": row(at.founded, REGISTER),
    "POST /sources/{source_id}/images": row(
        at.founded,
        "steward",
        data={"gallery": "{gallery_id}"},
        files={"photographs": PICTURE["file"], "manifest": ("manifest.csv", MANIFEST)},
    ),
    "POST /sources/{source_id}/images/manifest": row(
        at.founded, "steward", data={"gallery": "{gallery_id}"}, files={"manifest": ("manifest.csv", MANIFEST)}
    ),
    "GET /sources/{source_id}/archives": row(at.founded, REGISTER),
    "POST /sources/{source_id}/archives": row(
        at.founded,
        "steward",
        path={"source_id": "site_id"},
        data={"gallery": "{gallery_id}"},
        files={"archive": ("site.warc", SITE)},
    ),
    "GET /galleries": row(at.founded, REGISTER, shows="gallery_id"),
    "POST /galleries": row(at.founded, PO, data={"name": "another", "purpose": PURPOSE}),
    "GET /galleries/{gallery_id}": row(at.founded, REGISTER),
    "GET /galleries/{gallery_id}/quality.svg": row(at.founded, REGISTER_ALL),  # others: too few are held to be told
    "GET /galleries/{gallery_id}/pose.svg": row(at.founded, REGISTER_ALL),
    "GET /galleries/{gallery_id}/years.svg": row(at.founded, REGISTER_ALL),
    "POST /galleries/{gallery_id}/close": row(at.founded, PO),
    "POST /galleries/{gallery_id}/certify": row(at.founded, PO, data={"words": "orders of the quarter; none erased"}),
    "GET /asides": row(office.proposed, PO),
    "POST /asides/{aside_id}/judge": row(office.proposed, PO),
}

_CASES = {
    "GET /cases": row(at.founded, CASE, CASES, shows="case_id"),
    "POST /cases": row(at.founded, "investigator", data={"reference": "2026-9", "purpose": PURPOSE}),
    "GET /cases/{case_id}": row(at.founded, CASE, CASES),
    "POST /cases/{case_id}/assign": row(at.founded, "supervisor", "supervisor", data={"person_id": "{other_id}"}),
    "POST /cases/{case_id}/close": row(at.founded, "investigator supervisor", "supervisor", data={"outcome": "none"}),
    "POST /cases/{case_id}/reopen": row(at.closed, "supervisor", "supervisor"),
    "POST /cases/{case_id}/exhibits": row(
        at.founded, "investigator", "", files=PICTURE, data={"origin": "synthetic", "why": "on the same disk"}
    ),
    "GET /cases/{case_id}/exhibits/{exhibit_id}": row(at.founded, "investigator", ""),
    "POST /cases/{case_id}/exhibits/{exhibit_id}/faces": row(
        at.founded, "investigator", "", data={"box": "0.05,0.1,0.2,0.3", "why": "the detector found none here"}
    ),
    "POST /cases/{case_id}/exhibits/{exhibit_id}/edits": row(
        at.founded, "investigator", "", data={"position": "1", "edits": "contrast=1.1", "why": "haze"}
    ),
    "POST /cases/{case_id}/exhibits/{exhibit_id}/remove": row(at.withdrawn, "investigator", "", data=REASON),
    "GET /cases/{case_id}/faces": row(at.founded, "investigator", ""),
    "POST /cases/{case_id}/intake": row(
        at.founded,
        "investigator",
        "",
        files={"photographs": PICTURE["file"]},
        data={"origin": "synthetic", "why": "on the same disk"},
    ),
    "GET /cases/{case_id}/intake": row(at.founded, CASE, CASES),
    "GET /cases/{case_id}/timeline": row(at.founded, CASE, CASES),
    "GET /cases/{case_id}/exhibits/{exhibit_id}/frame": row(at.founded, CASE, CASES),
    "POST /cases/{case_id}/exhibits/{exhibit_id}/frame": row(at.founded, "investigator", "", data={"reason": WORDS}),
    "POST /cases/{case_id}/soughts": row(
        at.founded,
        "investigator",
        "",
        data={"face": "{face_id}", "subject_role": "victim", "why": "the same child"},
    ),
    "POST /cases/{case_id}/soughts/{sought_id}/withdraw": row(at.founded, "investigator", "", data=REASON),
    "GET /evidence": row(at.founded, ALL),
    "POST /evidence": row(
        at.founded,
        "steward supervisor",
        "steward supervisor",
        files={"file": ("register.csv", REGISTERED)},
        data={"case": "{reference}"},
    ),
}

_AUTHORITY = {
    "GET /authorities": row(at.founded, CASE, CASES, shows="authority_id"),
    "POST /authorities": row(
        at.approved,
        "supervisor privacy_officer",
        "supervisor privacy_officer",
        data={"authority_id": "{authority_id}"} | REASON,
    ),
    "GET /cases/{case_id}/authorities/new": row(at.founded, CASE, CASES),
    "POST /cases/{case_id}/authorities": row(at.founded, "investigator", "", data=ASK),
    "GET /authorities/{authority_id}": row(at.founded, CASE, CASES),
    "GET /authorities/{authority_id}/edit": row(at.drafted, CASE, CASES),
    "POST /authorities/{authority_id}/edit": row(at.drafted, "investigator", "", data=ASK),
    "POST /authorities/{authority_id}/submit": row(at.drafted, "investigator", ""),
    "POST /authorities/{authority_id}/return": row(
        at.founded, "supervisor", "supervisor", data={"questions": "which school?"}
    ),
    "GET /authorities/{authority_id}/probe": row(at.founded, CASE, CASES),
    "POST /authorities/{authority_id}/probe": row(at.founded, "supervisor", "supervisor"),
    "POST /authorities/{authority_id}/approve": row(
        at.looked_at, "supervisor", "supervisor", data={"gallery": "{gallery_id}", "searches": "1"}
    ),
    "POST /authorities/{authority_id}/refuse": row(at.founded, "supervisor", "supervisor", data=REASON),
    "POST /authorities/{authority_id}/revoke": row(at.approved, "supervisor", "supervisor", data=REASON),
    "POST /authorities/{authority_id}/withdraw": row(at.founded, "investigator", ""),
    "POST /authorities/{authority_id}/searches": row(at.approved, "investigator", ""),
    "POST /authorities/{authority_id}/comparisons": row(
        at.approved, "investigator", "", data={"face_id": "{reference_id}"}
    ),
    "GET /comparisons/{comparison_id}": row(at.compared, CASE, CASES),
    "GET /exigents": row(at.exigent, CASE, CASES, shows="exigent_id"),
    "GET /cases/{case_id}/exigents/new": row(at.founded, CASE, CASES),
    "POST /cases/{case_id}/exigents": row(
        at.founded, "investigator", "", data={"sought_id": "{sought_id}", "ground": "{word}"} | REASON
    ),
    "GET /exigents/{exigent_id}": row(at.exigent, CASE, CASES),
    "POST /exigents/{exigent_id}": row(at.exigent, "supervisor", "supervisor", data={"do": "uphold"} | REASON),
    "GET /exigents/{exigent_id}/path": row(at.exigent, "investigator", ""),  # of who began it
    "POST /exigents/{exigent_id}/path": row(
        at.alone, "investigator", "", data=LEAVES | {"do": "warn", "handle": "{handle}"}
    ),
    "GET /inbox": row(at.founded, "supervisor", "supervisor", params={"at": "{authority_id}"}),
    "POST /inbox/{authority_id}": row(at.looked_at, "supervisor", "supervisor", data={"do": "approve"}),
    "POST /inbox/{authority_id}/faces": row(at.founded, "supervisor", "supervisor"),
}

_SEARCHES = {
    "GET /searches": row(at.listed, REVIEWERS, f"{CASES} examiner", shows="search_id"),
    "GET /searches/{search_id}": row(at.listed, REVIEWERS, f"{CASES} examiner"),
    "GET /searches/{search_id}/leads": row(at.unsealed, REVIEWERS, CASES),
    "GET /searches/{search_id}/leads/{candidate_id}": row(at.unsealed, REVIEWERS, CASES),
    "GET /searches/{search_id}/leads/{candidate_id}/opinions": row(at.unsealed, REVIEWERS, CASES),
    "POST /searches/{search_id}/disclosures/preview": row(
        at.unsealed, "investigator", "", data=LEAVES | {"lead": "{candidate_id}"}
    ),
    "POST /searches/{search_id}/disclosures": row(
        at.unsealed, "investigator", "", data=LEAVES | {"lead": "{candidate_id}"}
    ),
    "GET /reviews/{search_id}": row(at.listed, REVIEWERS, f"{CASES} examiner"),
    "POST /reviews/{search_id}": row(at.listed, "examiner", "examiner"),
    "POST /reviews/{search_id}/pairs/{handle}": row(at.taken, "examiner", "", data={"outcome": "inconclusive"}),
    "POST /reviews/{search_id}/finish": row(at.taken, "examiner", ""),
    "GET /examinations/{search_id}": row(at.reviewed, REVIEWERS, f"{CASES} examiner"),
    "POST /examinations/{search_id}": row(at.reviewed, "examiner", "examiner"),
    "POST /examinations/{search_id}/describe": row(
        at.examining, "examiner", "", data=DESCRIBED | {"handle": "{handle}"}
    ),
    "POST /examinations/{search_id}/views": row(at.examining, "examiner", "", data=VIEWED | {"handle": "{handle}"}),
    "POST /examinations/{search_id}/lock": row(at.described, "examiner", "", data=OPINION | {"handle": "{handle}"}),
    "GET /examinations/{search_id}/opinions": row(at.unsealed, REVIEWERS, CASES),  # one's own; who reads the leads
    "POST /examinations/{search_id}/opinions/{handle}": row(at.unsealed, "examiner", "", data=OPINION),
    "GET /disclosures": row(at.disclosed, CASE, CASES, shows="disclosure_id"),
    "GET /disclosures/{disclosure_id}": row(at.disclosed, CASE, CASES),
    "POST /disclosures/{disclosure_id}/files": row(at.disclosed, "investigator", ""),
    "GET /disclosures/{disclosure_id}/after": row(at.disclosed, CASE, CASES),
    "POST /disclosures/{disclosure_id}/after": row(
        at.disclosed, "supervisor", "supervisor", data={"do": "recall"} | REASON
    ),
}

_REQUESTS = {
    "GET /requests": row(office.asked, REQUESTS),
    "GET /requests/new": row(at.founded, REQUESTS),
    "POST /requests/find": row(at.founded, PO, data={"person_ref": "person 1"}),
    "POST /requests": row(
        at.founded, PO, data={"record": "{reference_id}", "looked_for": "by name", "subject": "B. Person"}
    ),
    "GET /requests/{request_id}": row(office.asked, REQUESTS),
    "POST /requests/{request_id}/subject": row(office.asked, PO),
    "GET /requests/{request_id}/letter": row(office.asked, PO),
    "POST /requests/{request_id}/letter": row(
        office.asked,
        PO,
        data={"letter": "received", "language": "fr", "sender": "The agency", "complaints": "The commissioner"},
    ),
    "POST /requests/{request_id}/check": row(office.asked, PO, data={"how": "passport seen"}),
    "POST /requests/{request_id}/grant": row(office.checked, PO, data=REASON),
    "POST /requests/{request_id}/refuse": row(office.checked, PO, data=REASON),
    "POST /requests/{request_id}/withdraw": row(office.asked, PO),
    "POST /requests/{request_id}/erase": row(office.granted, "privacy_officer steward supervisor"),
    "POST /requests/{request_id}/restrict": row(
        office.granted, "privacy_officer steward supervisor", data={"reason": WORDS, "days": "90"}
    ),
    "POST /requests/{request_id}/keep-restricted": row(office.restricted, PO, data={"reason": WORDS, "days": "90"}),
    "POST /requests/{request_id}/end-restriction": row(office.restricted, PO, data={"reason": WORDS}),
    "GET /requests/{request_id}/receipt": row(office.erased, REQUESTS),
    "POST /requests/{request_id}/listings": row(office.erased, "auditor"),
    "GET /requests/{request_id}/photograph": row(office.photographed, PO),
    "POST /requests/{request_id}/photograph": row(office.by_photograph, PO, files=PICTURE),
    "POST /requests/{request_id}/photograph/compare": row(office.photographed, PO, data={"face": "1"}),
    "POST /requests/{request_id}/photograph/take-back": row(office.photographed, PO),
    "POST /requests/{request_id}/records": row(
        office.checked, PO, data={"record": "{reference_id}", "looked_for": "by name"}
    ),
    "GET /requests/{request_id}/photographs/{photograph_id}/receipt": row(office.taken_back, "privacy_officer auditor"),
}

_OVERSIGHT = {
    "GET /retention": row(at.founded, "privacy_officer auditor", params={"counted": "yes"}),
    "POST /retention": row(at.founded, PO),
    "GET /policy": row(at.founded, "supervisor privacy_officer auditor"),
    "GET /model": row(at.founded, ALL),
    "GET /evaluations": row(at.founded, ALL),
    "GET /calibrations": row(at.founded, ALL),
    "POST /calibrations": row(
        office.evaluated, "steward privacy_officer", files={"report": ("report.json", report(people=40))}
    ),
    "GET /calibrations/{calibration_id}": row(office.measured, ALL),
    "GET /calibrations/{calibration_id}/det.svg": row(office.measured, ALL),
    "POST /calibrations/{calibration_id}/accept": row(office.measured, PO),
    "POST /calibrations/{calibration_id}/refuse": row(office.measured, PO, data=REASON),
    "GET /pictures": row(at.founded, ALL),
    "GET /pictures/{of}/{id}": row(at.founded, ALL, path={"of": "of", "id": "face_id"}),
    "POST /pictures/{of}/{id}": row(
        at.founded, "auditor", "auditor", path={"of": "of", "id": "face_id"}, data={"reason": WORDS}
    ),
    "GET /notices": row(at.approved, "supervisor privacy_officer auditor", shows="notice_id"),
    "POST /notices/{notice_id}/sent": row(
        at.approved, "supervisor privacy_officer auditor", data={"how": "letter no. 14"}
    ),
    "GET /incidents": row(office.happened, "privacy_officer auditor", shows="incident_id"),
    "POST /incidents": row(at.founded, ALL, data={"words": WORDS}),
    "POST /incidents/{incident_id}/contain": row(office.happened, PO, data={"words": WORDS, "affected": "3"}),
    "POST /incidents/{incident_id}/judge": row(office.contained, PO, data={"materiality": "material", "words": WORDS}),
    "POST /incidents/{incident_id}/close": row(office.judged, PO, data={"lessons": WORDS}),
    "GET /patterns": row(at.listed, "auditor"),
    "POST /planted": row(at.founded, "auditor", data={"face_id": "{reference_id}", "words": WORDS}),
    "POST /planted/{planted_id}/remove": row(office.planted, "auditor"),
    "GET /samples": row(office.drawn_by_lot, "auditor"),
    "POST /samples": row(at.listed, "auditor", data=DAY | {"ends_at": "2026-11-22T09:00", "share": "50"}),
    "POST /samples/{sample_id}/judge": row(
        office.drawn_by_lot, "auditor", data={"use_id": "{use_id}", "verdict": "justified"}
    ),
    "GET /log": row(at.founded, "auditor privacy_officer"),
    "GET /log/verify": row(at.founded, "auditor privacy_officer"),
    "POST /log/verify": row(at.founded, "auditor privacy_officer"),
    "POST /log/proof": row(at.founded, "auditor privacy_officer", data={"n": "0"}),
    "GET /log/checkpoint": row(office.drawn_by_lot, "auditor privacy_officer"),
    "GET /log/keys": row(at.founded, "auditor privacy_officer"),
    "GET /oversight": row(at.founded, "auditor"),
    "GET /condition": row(at.founded, "administrator auditor"),
    "GET /searches/{search_id}/replay": row(at.unsealed, "auditor", "auditor"),
    "POST /searches/{search_id}/replay": row(at.unsealed, "auditor", "auditor", data={"reason": WORDS}),
    "GET /statement/uses.svg": row(
        at.founded, "auditor privacy_officer", params={name: day[:10] for name, day in DAYS.items()}
    ),
    "GET /statement": row(at.founded, "auditor privacy_officer", params={name: day[:10] for name, day in DAYS.items()}),
}

PAGES: Mapping[str, Row] = {
    **_PEOPLE,
    **_REGISTER,
    **_CASES,
    **_AUTHORITY,
    **_SEARCHES,
    **_REQUESTS,
    **_OVERSIGHT,
}
