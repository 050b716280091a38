"""Chapter 9: an investigator searches before anybody approves, and a supervisor reviews it after."""

from __future__ import annotations

from beholden.actions import exigent, exigent_review, search
from beholden.demo.stage import INES, SVEN, Stage
from beholden.records.cases import Case
from beholden.records.exigent import Exigent
from beholden.records.sought import Sought

REASON = "A message of tonight says that the child is with the man of the series, who left his flat an hour ago."


def search_before_approval(stage: Stage, case: Case, sought: Sought) -> Exigent:
    begun = exigent.begin_exigent(
        stage.system,
        stage[INES],
        case_id=case.id,
        sought_id=sought.id,
        ground="child-in-danger",
        reason=REASON,
        place="unknown",
        time="tonight",
    )
    stage.act(INES, "is alone on duty at night, and searches before anybody approves:")
    stage.teller.say(f"“{REASON}”")
    found = search.run_search(stage.system, stage[INES], authority_id=begun.authority_id, sought_id=sought.id)
    stage.teller.say(f"• {found.statements[0]}")
    stage.expect_refusal(
        "to review one's own search before approval",
        lambda: exigent_review.uphold_exigent(stage.system, stage[INES], exigent_id=begun.id, reason=REASON),
    )
    upheld = exigent_review.uphold_exigent(
        stage.system, stage[SVEN], exigent_id=begun.id, reason="The message and the time of it were looked at."
    )
    stage.act(
        SVEN,
        f"was told at once, and upholds it; nobody's review until {begun.review_due:%Y-%m-%d %H:%M} UTC would have "
        "taken the list away and held up every other search.",
    )
    return upheld
