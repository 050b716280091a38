"""Chapter 5: authority to search is asked for by one person and given by another, for less than was asked."""

from __future__ import annotations

from datetime import timedelta

from beholden.actions import authorise
from beholden.demo.stage import INES, SVEN, Stage
from beholden.records.authority import Authority, Necessity
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.sought import Sought

NECESSITY = Necessity(
    less_intrusive="Schools, hospitals and the provider were asked; none of them knows the child in the photographs.",
    why_person="The child is the victim of the whole series and is known to no agency that was asked.",
    why_now="New photographs of the series appeared this week, so the abuse may be going on.",
)


def obtain_authority(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> Authority:
    starts_at = stage.system.clock.now()
    asked = authorise.request_authority(
        stage.system,
        stage[INES],
        case_id=case.id,
        sought_id=sought.id,
        gallery_ids=(gallery.id,),
        necessity=NECESSITY,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=48),
        searches=3,
    )
    stage.act(INES, "asks for authority: 3 searches of 1 gallery within 48 hours, and says why it is necessary:")
    for part in asked.necessity.parts():
        stage.teller.say(f"“{part}”")
    stage.act(INES, "tries to approve it herself.")
    stage.expect_refusal(
        "to approve one's own request for authority",
        lambda: authorise.approve_authority(stage.system, stage[INES], authority_id=asked.id),
    )
    given = authorise.approve_authority(
        stage.system,
        stage[SVEN],
        authority_id=asked.id,
        ends_at=starts_at + timedelta(hours=24),
        searches=2,
    )
    stage.act(
        SVEN,
        f"approves less than that: {given.searches} searches of {len(given.gallery_ids)} gallery "
        f"until {given.ends_at:%Y-%m-%d %H:%M} UTC.",
    )
    return given
