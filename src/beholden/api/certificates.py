"""`/people/{person_id}/certificates` and `/certificates`: the training that acts ask for, entered by an administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import training
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, behind, on
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.people import Certificate, Certify, Revoke
from beholden.api.who import Who
from beholden.records import training as records
from beholden.records.people import Person

router = APIRouter(tags=["certificates"], route_class=Route)
OfPerson = Annotated[Acting, behind(Person, "person_id")]
OnCertificate = Annotated[Acting, on(records.Certificate, "certificate_id")]


@router.get("/people/{person_id}/certificates")
def list_certificates(who: Who, person_id: Id, paging: Paging) -> Page[Certificate]:
    """The certificates of training of a person: to an administrator those of anybody, to everybody else their own."""
    shown, following = paging.part(training.certificates(*who, person_id=person_id), lambda one: one.id)
    return Page[Certificate](items=[Certificate.model_validate(one) for one in shown], next=following)


@router.post("/people/{person_id}/certificates", status_code=201)
def enter_certificate(
    acting: OfPerson, person_id: Id, given: Certify, request: Request, response: Response
) -> Certificate:
    """Enter the certificate of training that a person showed."""
    certificate = training.enter_certificate(
        *acting,
        person_id=person_id,
        role=given.role,
        course=given.course,
        number=given.number,
        issued_at=given.issued_at,
        ends_at=given.ends_at,
        bands=given.bands,
    )
    made(request, response, "certificates", certificate)
    return Certificate.model_validate(certificate)


@router.get("/certificates/{certificate_id}")
def show_certificate(who: Who, certificate_id: Id, response: Response) -> Certificate:
    """One certificate of training."""
    certificate = training.certificate(*who, certificate_id=certificate_id)
    tag(response, certificate)
    return Certificate.model_validate(certificate)


@router.post("/certificates/{certificate_id}/revoke")
def revoke_certificate(acting: OnCertificate, certificate_id: Id, given: Revoke) -> Certificate:
    """Revoke a certificate of training, at once."""
    revoked = training.revoke_certificate(*acting, certificate_id=certificate_id, reason=given.reason)
    return Certificate.model_validate(revoked)
