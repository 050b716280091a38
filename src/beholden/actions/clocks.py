"""What runs out: when requests are to be answered, galleries certified, restrictions looked at again, authorities renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.database import OneOf
from beholden.ports.system import System
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.galleries import Gallery, GalleryState, certify_by
from beholden.records.people import Officer, Role, has_part_in_requests
from beholden.records.requests import Request, RequestState, Restriction, RestrictionState
from beholden.records.sources import Source, SourceState

MOST = 50  # of each kind, those that come first


class Of(StrEnum):
    REQUEST = "request"  # to be answered
    RESTRICTION = "restriction"  # to be looked at again
    GALLERY = "gallery"  # to be certified
    SOURCE = "source"  # whose authority ends
    CALIBRATION = "calibration"  # that lists quote no more


@dataclass(frozen=True, slots=True)
class Clock:
    of: Of
    id: str  # of the record that has the page
    name: str  # empty for a request, which is called by its id
    at: datetime


def clocks(system: System, officer: Officer) -> tuple[Clock, ...]:
    """Those that run, the first first, overdue ones too. For a privacy officer or auditor; else `Missing`."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.PRIVACY_OFFICER, Role.AUDITOR):
            raise Missing("there is nothing that runs out for you; a privacy officer or an auditor is told of it")
        found: list[Clock] = []
        if has_part_in_requests(person, (Role.PRIVACY_OFFICER, Role.AUDITOR)):
            undone = OneOf((RequestState.RECEIVED, RequestState.GRANTED))
            asked = look.find(Request, state=undone, order="due_at", limit=MOST)
            held = look.find(Restriction, state=RestrictionState.IN_FORCE, order="review_by", limit=MOST)
            found += [Clock(Of.REQUEST, one.id, "", one.due_at) for one in asked]
            found += [Clock(Of.RESTRICTION, one.request_id, "", one.review_by) for one in held]
        days = system.rules.certification_days
        found += [
            Clock(Of.GALLERY, one.id, one.name, certify_by(one, days))
            for one in look.find(Gallery, state=GalleryState.OPEN)
        ]
        found += [
            Clock(Of.SOURCE, one.id, one.name, one.valid_until)
            for one in look.find(Source, state=SourceState.ACTIVE, order="valid_until", limit=MOST)
        ]
        found += [
            Clock(Of.CALIBRATION, one.id, one.measured_on, one.valid_until)
            for one in look.find(Calibration, state=CalibrationState.IN_FORCE)
        ]
    return tuple(sorted(found, key=lambda clock: (clock.at, clock.of, clock.id)))
