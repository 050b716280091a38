"""What a packet says: of the search, of its leads, and of everything that was not chosen. Nothing of it can be left out."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.actions.audit import Act
from beholden.actions.calibrate import quoted_by
from beholden.actions.compare import comparisons_of, opened
from beholden.actions.enrol import PROVENANCE
from beholden.actions.examine import Lead
from beholden.actions.review import capture_dates, captured_at
from beholden.actions.use import probes_of
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import instant
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.disclosures import LEAD_ONLY
from beholden.records.edits import edits_told
from beholden.records.examination import ExaminationState, Opinion, disagree, in_force
from beholden.records.faces import Face
from beholden.records.images import Image, Provenance, provenance_of, said_of_itself
from beholden.records.review import Outcome, Pair, Review
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.years import gap_words

NOT_MEASURED_HERE = "The accuracy of this model on photographs like these has not been measured here."
LIMITS = (
    "False candidates are more frequent among women than among men with this model, and its accuracy on children's "
    "faces, and across years of growing up, is not documented.",
    "A person who is not on the list may nevertheless be held, or exist elsewhere.",
    "Opinions are given on photographs alone; another person may look alike.",
)


def frame_of(
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
            "shelves": search.coverage.shelves,
            "scored_exactly": search.coverage.rescored if search.coverage.rescored >= 0 else None,
            "engine": search.coverage.engine or None,
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
        "leads": [lead_of(number, lead) for number, lead in enumerate(leads, 1)],
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


def lead_of(number: int, lead: Lead) -> dict[str, object]:
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
            "scale": examination.scale,
            "tools": dict(examination.tools),
            "score_was_known": examination.score_revealed,
            "in_force": examination in in_force(lead.examinations),
        }
        for examination in lead.examinations
        if examination.state is ExaminationState.LOCKED
    ]


def reference_of(system: System, look: Look, lead: Lead, sought: Sought) -> dict[str, object]:
    """What leaves of the reference: where it comes from, what examiners saw in it, and nothing that says who it shows."""
    face = look.get(Face, lead.candidate.face_id)
    locked = [one for one in lead.examinations if one.state is ExaminationState.LOCKED]
    image, source = look.get(Image, face.image_id), look.get(Source, face.source_id)
    provenance = provenance_of(system.keys.open(image.id, image.provenance, PROVENANCE))
    return {
        "quality": face.quality.unified,
        "sides_alone": [
            {
                "part": str(one.part),
                "side": str(each.of),
                "suitable": each.suitable,
                "judged": ", ".join(each.seen),
                "said": each.words,
            }
            for one in locked
            if not one.supersedes  # who revises an opinion describes nothing anew
            for each in one.described
        ],
        "marks": [
            {
                "part": str(one.part),
                "side": str(mark.on),
                "photograph": mark.photograph + 1,
                "component": mark.component,
                "place_of": f"{mark.x:.4f} from the left, {mark.y:.4f} from the top",
            }
            for one in locked
            if not one.supersedes
            for mark in one.marks
        ],
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
