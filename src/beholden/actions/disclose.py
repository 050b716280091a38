"""Disclosure: the only way a lead leaves the agency, with everything that speaks for and against it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.actions import audit, log
from beholden.actions.audit import Act
from beholden.actions.calibrate import quoted_by
from beholden.actions.compare import comparisons_of, opened
from beholden.actions.enrol import PROVENANCE
from beholden.actions.examine import Lead, leads_of
from beholden.actions.review import capture_dates, captured_at, find_search, probe_chips, reference_chip
from beholden.actions.use import probes_of
from beholden.errors import BadInput, Changed, Fault
from beholden.formats import receipts
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.documents import Chip, Documents
from beholden.ports.system import System
from beholden.records.audit import canonical, instant
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.disclosures import LEAD_ONLY, DisclosedReference, Disclosure, DisclosureState, lacks
from beholden.records.edits import edits_told
from beholden.records.examination import ExaminationState, Opinion, disagree, in_force, is_complete
from beholden.records.faces import Face
from beholden.records.images import Image, Provenance, provenance_of, said_of_itself
from beholden.records.people import Officer, Role
from beholden.records.review import Outcome, Pair, Review
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.years import gap_words

JSON, SHEET, PAGES = "disclosure.json", "contact-sheet.png", "disclosure.pdf"
ENCLOSED, MANIFEST = "enclosed.note", "manifest.note"
NO_PAGES = f"{PAGES} was not made: install the extra `report` (pip install 'beholden[report]')"

SAME_WITHIN = timedelta(minutes=10)  # somebody presses a button twice, or goes back and sends again

PACKET, REFERENCE, CROP = "disclosure/packet", "disclosure/reference", "disclosure/crop"

NOT_MEASURED_HERE = "The accuracy of this model on photographs like these has not been measured here."
LIMITS = (
    "False candidates are more frequent among women than among men with this model, and its accuracy on children's "
    "faces, and across years of growing up, is not documented.",
    "A person who is not on the list may nevertheless be held, or exist elsewhere.",
    "Opinions are given on photographs alone; another person may look alike.",
)


@dataclass(frozen=True, slots=True)
class Packet:
    """What leaves: files by name. `manifest.note` is signed over the digests of all others."""

    disclosure: Disclosure
    files: Mapping[str, bytes]
    left_out: tuple[str, ...]  # what was not made, and why


def make_disclosure(
    system: System,
    officer: Officer,
    *,
    search_id: str,
    candidate_ids: Sequence[str],
    recipients: Sequence[str],
    basis: str,
) -> Packet:
    """One or two examined leads to named recipients; what left is kept, sealed, to the case's term.

    Raises `Changed` where the same left a moment ago: it is read again, and does not leave twice.
    """
    with audit.act(system, "disclosure.made", officer) as act, act.begin() as tx:
        search, case, authority = find_search(act, tx, search_id)
        # Whoever may not disclose is told nothing of a lead, not even by which reasons are given.
        works_on = act.person.id in case.assigned and Role.INVESTIGATOR in act.person.roles
        every = leads_of(system, tx, search) if works_on else []
        by_id = {lead.candidate.id: lead for lead in every}
        wanted = tuple(dict.fromkeys(candidate_ids))
        leads = [by_id[id] for id in wanted if id in by_id]
        named = tuple(dict.fromkeys(name.strip() for name in recipients if name.strip()))
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            search_state=str(search.state),
            leads=len(wanted),
            max_leads=system.rules.max_leads,
            leads_not_examined=sum(not is_complete(lead.examinations) for lead in leads),
            recipients=len(named),
        )
        if not basis.strip():
            raise BadInput("say on what legal basis this is disclosed")
        if unknown := [id for id in wanted if id not in by_id]:
            raise BadInput(f"no lead of this search: {', '.join(unknown)}; the list of its leads has their ids")
        _check_new(act, tx, search, leads, named, basis.strip())
        id = act.new_id()
        sought = tx.get(Sought, search.sought_id)
        references = {lead.candidate.id: _reference(system, tx, lead, sought) for lead in leads}
        frame = _frame(act, tx, id, search, case, authority, leads, list(by_id.values()), named)
        body = frame | {"leads": [_lead(n, lead) | references[lead.candidate.id] for n, lead in enumerate(leads, 1)]}
        if absent := lacks(body):
            raise Fault(f"the packet lacks {', '.join(absent)}: it was not made")
        chips = [reference_chip(system, tx, tx.get(Face, lead.candidate.face_id))[0] for lead in leads]
        probes = probe_chips(system, tx, sought)
        sheet = sheet_of(probes, chips)
        files = {JSON: canonical(body) + b"\n", SHEET: system.media.sheet(sheet)}
        if system.documents is not None:
            files[PAGES] = set_pages(system, system.documents, body, files[JSON], sheet, made_at=act.now)
        manifest = _manifest(system, files)
        disclosure = Disclosure(
            id=id,
            version=0,
            kept=act.keep("disclosure"),
            case_id=case.id,
            search_id=search.id,
            recipients=named,
            basis=basis.strip(),
            packet=system.keys.seal(id, canonical(frame), PACKET),
            manifest=manifest,
            state=DisclosureState.MADE,
        )
        tx.add(disclosure)
        for lead, chip in zip(leads, chips, strict=True):
            tx.add(_kept_reference(act, disclosure, lead, references[lead.candidate.id], chip))
            act.tell("disclosed", lead.candidate.face_id, lead.candidate.face_id)
        act.tell("disclosure", id, id)
        act.tell("recipients", list(named), id)
        act.tell("manifest_sha256", hashlib.sha256(manifest).hexdigest(), id)
    return Packet(disclosure, {**files, MANIFEST: manifest}, () if PAGES in files else (NO_PAGES,))


def _check_new(
    act: Act, tx: Transaction, search: Search, leads: Sequence[Lead], recipients: Sequence[str], basis: str
) -> None:
    """By the records: a command that is given twice, or a form after a restart, has no number that would tell."""
    wanted = sorted(lead.candidate.face_id for lead in leads)
    for one in tx.find(Disclosure, search_id=search.id, order="-created_at"):
        if act.now - one.kept.created_at >= SAME_WITHIN:
            return
        left = sorted(kept.face_id for kept in tx.find(DisclosedReference, disclosure_id=one.id))
        if (left, sorted(one.recipients), one.basis) == (wanted, sorted(recipients), basis):
            raise Changed(
                f"the same was disclosed to the same recipients at {one.kept.created_at:%H:%M} UTC ({one.id}), and did not "
                f"leave again; read that disclosure for its files, or wait {SAME_WITHIN.seconds // 60} minutes after it"
            )


def sheet_of(probes: Sequence[bytes], leads: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """The chips of a contact sheet with their words, which are no names."""
    sheet = [(f"sought {i}", chip) for i, chip in enumerate(probes, 1)]
    return sheet + [(f"lead {i}", chip) for i, chip in enumerate(leads, 1)]


def set_pages(
    system: System,
    documents: Documents,
    body: Mapping[str, object],
    content: bytes,
    sheet: Sequence[tuple[str, bytes]],
    *,
    made_at: datetime,
) -> bytes:
    """With the same data in it, signed: the manifest of the folder tells of these pages, and so cannot lie in them."""
    pack, purpose = system.policy.pack, str(body["purpose"])
    return documents.disclosure(
        {**body, "purpose": f"{pack.title(purpose)} ({purpose})"},
        made_at=made_at,
        chips=[Chip(words, chip) for words, chip in sheet],
        files={JSON: content, ENCLOSED: _manifest(system, {JSON: content})},
    )


def _manifest(system: System, files: Mapping[str, bytes]) -> bytes:
    return receipts.make_manifest(
        {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        *log.receipt_key(system),
    )


def _frame(
    act: Act,
    look: Look,
    id: str,
    search: Search,
    case: Case,
    authority: Authority,
    leads: Sequence[Lead],
    every: Sequence[Lead],
    recipients: Sequence[str],
) -> dict[str, object]:
    """The packet without what it says of each reference, which is sealed apart so that it can be erased."""
    pack, faces = act.system.policy.pack, [face for _, face in probes_of(look, look.get(Sought, search.sought_id))]
    return {
        "format": "beholden/disclosure/v1",
        "disclosure": id,
        "statement": LEAD_ONLY,
        "case_reference": case.reference,
        "purpose": authority.purpose,
        "authority": {
            "id": authority.id,
            "urgency": str(authority.urgency),
            "starts_at": instant(authority.starts_at),
            "ends_at": instant(authority.ends_at),
            "searches": authority.searches,
            "used": authority.used,
        },
        "search": {
            "id": search.id,
            "started_at": instant(search.started_at),
            "ended_at": instant(search.ended_at or search.started_at),
            "people_asked_for": search.limit,
            "people_listed": search.people,
            "statements": list(search.statements),
            "review_score_was_known": any(one.score_revealed for one in look.find(Review, search_id=search.id)),
        },
        "coverage": {
            "galleries": search.coverage.galleries,
            "references": search.coverage.references,
            "proven_exhaustive": search.coverage.proven,
            "waiting": search.coverage.waiting,
            "words": search.coverage.words(),
        },
        "model": {"name": search.model, "space": search.space_id, "files": dict(search.model_files)},
        "threshold": {"kind": "investigation", "words": "the best people by score; no score was required of them"},
        "calibration": _calibration(act.system, look, search),
        "probe": {
            "faces": len(search.probe_quality),
            "quality": list(search.probe_quality),
            "quality_of": "0 to 100",
            "drawn_by_hand": sum(bool(face.drawn_by) for face in faces),
            "quality_override": search.quality_override or None,
        },
        "edits": edits_told(faces),
        "leads": [_lead(number, lead) for number, lead in enumerate(leads, 1)],
        "other_candidates": {
            "listed": search.people,
            "no_longer_held": search.people - len(every),
            "potential": sum(lead.outcome is Outcome.POTENTIAL for lead in every) - len(leads),
            "no": sum(lead.outcome is Outcome.NO for lead in every),
            "inconclusive": sum(lead.outcome is Outcome.INCONCLUSIVE for lead in every),
            "examined": [
                {"rank": lead.rank, "disagreement": disagree(lead.examinations), "opinions": _opinions(lead)}
                for lead in every
                if lead.examinations and lead not in leads
            ],
        },
        "comparisons": [
            {"comparison": one.id, "made_at": instant(one.kept.created_at)}
            for one in comparisons_of(look, search.sought_id)
        ],
        "null_results": [
            {"search": other.id, "ended_at": instant(other.ended_at or other.started_at), "people_listed": other.people}
            for other in look.find(Search, case_id=case.id, state=SearchState.UNSEALED, order="started_at")
            if not _had_potential(look, other)
        ],
        "limits": [*([] if search.calibration_id else [NOT_MEASURED_HERE]), *LIMITS],
        "recipients": list(recipients),
        "made_at": instant(act.now),
        "policy": f"{pack.name}@{pack.digest}",
    }


def _calibration(system: System, look: Look, search: Search) -> dict[str, object] | None:
    """What the list's figures were taken from; null where nothing was measured."""
    measured = quoted_by(system, look, search.calibration_id, search.space_id)
    if measured is None:
        return None
    return {
        "id": search.calibration_id or None,
        "own": bool(search.calibration_id),
        "measured_on": measured.measured_on,
        "measured_at": measured.measured_at,
        "people": measured.people,
        "images": measured.images,
        "references": measured.references,
    }


def _had_potential(look: Look, search: Search) -> bool:
    """By the review itself: a potential candidate that was erased since does not make a search one without any."""
    reviews = [review.id for review in look.find(Review, search_id=search.id)]
    return bool(look.count(Pair, review_id=OneOf(reviews), outcome=Outcome.POTENTIAL))


def _lead(number: int, lead: Lead) -> dict[str, object]:
    return {
        "lead": number,
        "rank": lead.rank,
        "score": f"{lead.score:.4f}",
        "unrelated_expected": lead.unrelated
        and {"number": f"{lead.unrelated.number:.2g}", "extrapolated": lead.unrelated.extrapolated},
        "disagreement": disagree(lead.examinations),
        "opinions": _opinions(lead),
    }


def _opinions(lead: Lead) -> list[dict[str, object]]:
    """Every opinion on a candidate, also one that its author revised when the score was known."""
    return [
        {
            "part": str(examination.part),
            "opinion": Opinion(examination.opinion or 0).words,
            "step": examination.opinion,
            "components": dict(examination.components),
            "limitations": examination.limitations,
            "score_was_known": examination.score_revealed,
            "in_force": examination in in_force(lead.examinations),
        }
        for examination in lead.examinations
        if examination.state is ExaminationState.LOCKED
    ]


def _reference(system: System, look: Look, lead: Lead, sought: Sought) -> dict[str, object]:
    """What leaves of the reference: where it comes from, and nothing that says who it shows."""
    face = look.get(Face, lead.candidate.face_id)
    image, source = look.get(Image, face.image_id), look.get(Source, face.source_id)
    provenance = provenance_of(system.keys.open(image.id, image.provenance, PROVENANCE))
    return {
        "quality": face.quality.unified,
        "reference": {
            "image": image.id,
            "sha256": provenance.sha256,
            "image_url": provenance.image_url,
            "page_url": provenance.page_url,
            "page_title": provenance.page_title,
            "captured_at": provenance.captured_at,
            "caption": provenance.caption,
            "source": source.name,
            "authority_kind": str(source.authority_kind),
            "citation": source.citation,
            "references_of_this_person_listed": lead.candidate.references,
            "years_between": gap_words(capture_dates(system, look, sought), captured_at(system, look, face)),
            **_compared(system, look, sought, face),
            **_web_archive(provenance),
            **({"of_the_file": said} if (said := said_of_itself(provenance)) else {}),
        },
    }


def _compared(system: System, look: Look, sought: Sought, face: Face) -> dict[str, object]:
    """What comparisons of this sought with this reference gave, which goes with the reference; nothing where there is none."""
    made = [opened(system, one) for one in comparisons_of(look, sought.id) if one.face_id == face.id]
    told = [
        {
            "made_at": instant(one.comparison.kept.created_at),
            "score": f"{one.score:.4f}",
            "statements": list(one.statements),
        }
        for one in made
    ]
    return {"compared_one_to_one": told} if told else {}


def _web_archive(provenance: Provenance) -> dict[str, object]:
    """What the archive says of an image that came out of one; nothing of another."""
    if not provenance.archived_at:
        return {}
    return {
        "web_archive": {
            "archived_at": provenance.archived_at,
            "alt": provenance.alt,
            "http_date": provenance.http_date,
            "headers": list(provenance.headers),
            "record_id": provenance.record_id,
            "checked": list(provenance.checked),
            "opt_outs": list(provenance.opt_outs),
        }
    }


def _kept_reference(
    act: Act, disclosure: Disclosure, lead: Lead, reference: Mapping[str, object], chip: bytes
) -> DisclosedReference:
    keys, face_id = act.system.keys, lead.candidate.face_id
    return DisclosedReference(
        id=act.system.clock.new_id(),
        version=0,
        kept=act.keep("disclosure"),
        disclosure_id=disclosure.id,
        face_id=face_id,
        reference=keys.seal(face_id, canonical(reference), REFERENCE),
        crop=keys.seal(face_id, chip, CROP),
    )


def forget_references(tx: Transaction, face_ids: Sequence[str]) -> list[Disclosure]:
    """Empty what stored disclosures hold of erased references; the disclosures whose recipients must be told."""
    told = {}
    for face_id in face_ids:
        for kept in tx.find(DisclosedReference, face_id=face_id):
            tx.change(kept, reference=b"", crop=b"")
            told[kept.disclosure_id] = tx.get(Disclosure, kept.disclosure_id)
    return list(told.values())
