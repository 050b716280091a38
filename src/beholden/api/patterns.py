"""`/patterns`, `/planted` and `/samples`: where an auditor looks first, and what they draw by lot."""

from __future__ import annotations

from fastapi import APIRouter

from beholden.actions import patterns, sample
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.patterns import (
    DrawSample,
    JudgeUse,
    Patterns,
    Planted,
    PlantReference,
    Rates,
    Sample,
    Sampled,
    SignShown,
    UnusualUse,
    UsualPair,
)
from beholden.api.who import Who
from beholden.records import patterns as records
from beholden.records import samples

router = APIRouter(tags=["patterns"], route_class=Route)


@router.get("/patterns")
def find_patterns(who: Who) -> Patterns:
    """Every use of authority weighed against all others, the most unusual first. That it was read is on record."""
    report = patterns.find_patterns(*who)
    return Patterns(
        uses=report.uses,
        flagged=[_unusual(one) for one in report.flagged],
        by_person=[Rates.model_validate(one) for one in report.by_person],
        by_case=[Rates.model_validate(one) for one in report.by_case],
        pairs=[UsualPair(requester=asked, approver=gave, uses=uses) for asked, gave, uses in report.pairs],
        planted=[_planted(one) for one in report.planted],
    )


@router.post("/planted", status_code=201)
def plant_reference(who: Who, given: PlantReference) -> Planted:
    """From now on the oversight body is told of each search on whose list this reference comes first."""
    return _planted(patterns.plant_reference(*who, face_id=given.face_id, words=given.words))


@router.post("/planted/{planted_id}/remove", status_code=204)
def unplant_reference(who: Who, planted_id: Id) -> None:
    """Watch for it no more."""
    patterns.unplant_reference(*who, planted_id=planted_id)


@router.get("/samples")
def list_samples(who: Who, paging: Paging) -> Page[Sample]:
    """The newest first. That they were read is on record."""
    shown, following = paging.part(sample.read_samples(*who), lambda one: one.sample.id)
    return Page[Sample](items=[_sample(one) for one in shown], next=following)


@router.post("/samples", status_code=201)
def draw_sample(who: Who, given: DrawSample) -> Sample:
    """Draw by lot: the log is signed first and the seed made then, so nobody could know which uses are taken."""
    found = sample.draw_sample(*who, begins_at=given.begins_at, ends_at=given.ends_at, share=given.share)
    return _sample(found)


@router.post("/samples/{sample_id}/judge")
def judge_use(who: Who, sample_id: Id, given: JudgeUse) -> Sampled:
    """Say of one use whether it was justified; it stands."""
    judged = sample.judge_use(*who, sample_id=sample_id, use_id=given.use_id, verdict=given.verdict, words=given.words)
    return _sampled(judged)


def _unusual(one: records.Weighed) -> UnusualUse:
    use = one.use
    return UnusualUse(
        use=use.id,
        at=use.at,
        by=use.by,
        case_id=use.case_id,
        sought_id=use.sought_id,
        bits=round(one.bits, 2),
        signs=[SignShown(sign=sign, bits=round(bits, 2)) for sign, bits in one.signs],
    )


def _planted(one: records.Planted) -> Planted:
    return Planted.model_validate(one)


def _sampled(one: samples.Sampled) -> Sampled:
    return Sampled.model_validate(one)


def _sample(found: sample.Found) -> Sample:
    one = found.sample
    return Sample(
        id=one.id,
        drawn_by=one.drawn_by,
        begins_at=one.begins_at,
        ends_at=one.ends_at,
        share=one.share,
        size=one.size,
        root=one.root,
        seed=one.seed,
        uses=one.uses,
        taken=[_sampled(each) for each in found.taken],
        not_justified_at_most=found.not_justified_at_most,
    )
