"""What stands behind the routes that are of no case: requests, photographs, measuring, incidents, oversight, people.

Stages like those of `everywhere`, of which each is made once and used in copies.
"""

from __future__ import annotations

from datetime import timedelta

from beholden.actions import (
    calibrate,
    compare_given,
    enrol,
    erase,
    evaluate,
    patterns,
    people,
    photograph,
    provider,
    register,
    request,
    respond,
    restrict,
    sample,
)
from beholden.records.images import Aside
from beholden.records.people import Role
from beholden.records.sources import Source
from beholden.records.training import Certificate
from beholden.testing.drawn import draw
from tests.actions.test_alike import ANNA, copy_of, picture
from tests.actions.test_evaluate import report
from tests.api.everywhere import SIDES, WORDS, Everywhere, after, founded, listed


@after(founded)
def asked(there: Everywhere) -> None:
    """A data subject asks about one reference; Paul took it in."""
    agency = there.agency
    made = request.receive_request(
        agency.system,
        agency["paul"],
        face_ids=[there.own["reference_id"]],
        looked_for="by the source's person reference",
        subject="A. Person, by letter",
    )
    there.both(request_id=made.id)


@after(asked)
def checked(there: Everywhere) -> None:
    agency = there.agency
    request.check_identity(agency.system, agency["paul"], request_id=there.own["request_id"], how="passport seen")


@after(checked)
def granted(there: Everywhere) -> None:
    agency = there.agency
    request.grant_request(agency.system, agency["paul"], request_id=there.own["request_id"], reason="it is theirs")


@after(granted)
def restricted(there: Everywhere) -> None:
    agency = there.agency
    restrict.restrict_records(
        agency.system,
        agency["stella"],
        request_id=there.own["request_id"],
        reason="evidence in the proceedings until the judgment",
    )


@after(granted)
def erased(there: Everywhere) -> None:
    agency = there.agency
    done = erase.erase(agency.system, agency["stella"], request_id=there.own["request_id"])
    there.both(erasure_id=done.id)


@after(founded)
def by_photograph(there: Everywhere) -> None:
    """Asked by a photograph that is still to be given."""
    agency = there.agency
    made = request.receive_request(
        agency.system, agency["paul"], face_ids=[], looked_for="by photograph", subject="A. Person", photograph=True
    )
    request.check_identity(agency.system, agency["paul"], request_id=made.id, how="passport seen")
    there.both(request_id=made.id)


@after(by_photograph)
def photographed(there: Everywhere) -> None:
    agency = there.agency
    photograph.give_photograph(agency.system, agency["paul"], draw(1, seed=3), request_id=there.own["request_id"])


@after(photographed)
def nearest(there: Everywhere) -> None:
    agency = there.agency
    found = compare_given.compare_photograph(agency.system, agency["pia"], request_id=there.own["request_id"])
    there.both(handle=found.listed[0].handle)


@after(photographed)
def taken_back(there: Everywhere) -> None:
    agency = there.agency
    gone = photograph.take_back_photograph(agency.system, agency["paul"], request_id=there.own["request_id"])
    there.both(photograph_id=gone.id)


def _measure(there: Everywhere, people_in_it: int) -> bytes:
    system, stella = there.agency.system, there.agency["stella"]
    started = evaluate.start_evaluation(system, stella, reason="our own records", files=[], people=people_in_it)
    content = report(people=people_in_it)
    evaluate.finish_evaluation(system, stella, evaluation_id=started.id, report=content)
    there.both(evaluation_id=started.id)
    return content


@after(founded)
def evaluated(there: Everywhere) -> None:
    """What nobody proposed yet to quote."""
    _measure(there, 40)


@after(evaluated)
def measured(there: Everywhere) -> None:
    """Another evaluation, that is proposed."""
    agency = there.agency
    proposed = calibrate.propose_calibration(agency.system, agency["stella"], report=_measure(there, 41))
    there.both(calibration_id=proposed.id)


@after(founded)
def proposed(there: Everywhere) -> None:
    """A source that is proposed, one that is suspended, two images that look alike, and a file put aside."""
    system, agency, ids = there.agency.system, there.agency, there.own
    site = agency.get(Source, ids["source_id"])
    fields = ("name", "controller", "authority_kind", "citation", "document_sha256", "jurisdiction", "purposes")
    told = {name: getattr(site, name) for name in (*fields, "valid_from", "valid_until")}
    waiting = register.propose_source(system, agency["stella"], **told | {"name": "fourth"})
    held = agency.source(name="fifth")
    register.suspend_source(system, agency["pia"], source_id=held.id, reason="by order")
    alike = [
        enrol.enrol_image(
            system,
            agency["stella"],
            content,
            source_id=ids["source_id"],
            gallery_id=ids["gallery_id"],
            taken_from=enrol.TakenFrom("a copy"),
        ).image
        for content in (picture(ANNA), copy_of(picture(ANNA)))
    ]
    one, other = (image.id for image in alike if image is not None)
    agency.enrol(site, agency.gallery("elsewhere"), 1)
    [aside] = agency.find(Aside)
    there.both(proposed_id=waiting.id, suspended_id=held.id, image_id=one, other_image_id=other, aside_id=aside.id)


@after(founded)
def happened(there: Everywhere) -> None:
    made = respond.report_incident(there.agency.system, there.agency["rosa"], words=WORDS)
    there.both(incident_id=made.id)


@after(happened)
def contained(there: Everywhere) -> None:
    system, paul = there.agency.system, there.agency["paul"]
    respond.contain_incident(system, paul, incident_id=there.own["incident_id"], words=WORDS)


@after(contained)
def judged(there: Everywhere) -> None:
    agency, id = there.agency, there.own["incident_id"]
    respond.judge_incident(agency.system, agency["pia"], incident_id=id, materiality="not_material", words=WORDS)


@after(listed)
def drawn_by_lot(there: Everywhere) -> None:
    agency = there.agency
    at = agency.clock.at
    made = sample.draw_sample(agency.system, agency["aude"], begins_at=at - timedelta(days=1), ends_at=at, share=100)
    there.both(sample_id=made.sample.id, use_id=there.own["search_id"])


@after(founded)
def planted(there: Everywhere) -> None:
    agency = there.agency
    made = patterns.plant_reference(
        agency.system, agency["aude"], face_id=there.own["reference_id"], words="of a colleague who agreed"
    )
    there.both(planted_id=made.id)


@after(founded)
def certified(there: Everywhere) -> None:
    """Ines and Ivo have certificates of training; everybody else asks for those of Ines."""
    agency = there.agency
    for side, officer, _ in SIDES:
        [one] = agency.find(Certificate, person_id=agency.ids[officer])
        there.ids(side).update(certificate_id=one.id, holder_id=agency.ids[officer])


@after(founded)
def invited(there: Everywhere) -> None:
    """Nora, whom nobody has let in yet; Noel, who is suspended; Nils, who is linked."""
    system, agency = there.agency.system, there.agency
    ids = {}
    for name in ("nora", "noel", "nils"):
        person, token = people.add_person(system, agency["ada"], name=name, roles=(Role.STEWARD,))
        ids[name] = person.id
    people.suspend_person(system, agency["ada"], person_id=ids["noel"])
    provider.record_provider(system)
    provider.link_person(system, agency["ada"], person_id=ids["nils"], subject="8d1f2c")
    there.both(nora_id=ids["nora"], noel_id=ids["noel"], nils_id=ids["nils"], token=token)
