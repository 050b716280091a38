"""Chapter 7: a reviewer goes through the list blind, examiners compare blind, and only then the scores open.

The people of the demo are scripted: no real person looks at these pictures, so their opinions come from what only the
demo knows, which rendered person is in which file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from beholden.actions import describe, examine, review
from beholden.actions.enrol import PROVENANCE
from beholden.actions.examine import Lead
from beholden.demo.photographs import person_in
from beholden.demo.stage import EDDA, EMIL, ERIK, INES, ROSA, Player, Stage
from beholden.records.candidates import Candidate
from beholden.records.examination import COMPONENTS, Examination, Observation, Opinion, Part, Side, in_force
from beholden.records.images import Image
from beholden.records.review import Outcome, Pair
from beholden.records.searches import Search, SearchState

# What each examiner is scripted to say of the person sought, and of the one who only looks alike.
OF_SOUGHT = {ERIK: Opinion.MODERATE_SAME, EDDA: Opinion.LIMITED_SAME, EMIL: Opinion.LIMITED_SAME}
OF_ANOTHER = {ERIK: Opinion.LIMITED_SAME, EDDA: Opinion.MODERATE_DIFFERENT, EMIL: Opinion.MODERATE_DIFFERENT}
LIMITATIONS = "A child and an adult are compared across many years; the light differs."


def say_that_they_are_scripted(stage: Stage) -> None:
    stage.teller.say(
        "The opinions below are SCRIPTED: no real person looks at these pictures. The demo's people look up which rendered "
        "person is shown, which the system does not know. They show the procedure, not anybody's skill."
    )


def review_blind(stage: Stage, found: Search) -> int:
    """Rosa calls potential whom she takes for the sought child: the right one, and one who looks alike. How many."""
    taken, shown = review.open_review(stage.system, stage[ROSA], search_id=found.id)
    stage.act(
        ROSA,
        f"reviews {len(shown)} pairs: photographs side by side, in an order of her own, without name, source, place or "
        "score.",
    )
    hesitates_over = (stage.photographs.sought, stage.photographs.lookalike)
    potential = 0
    for pair in shown:
        outcome = Outcome.POTENTIAL if _person_of_pair(stage, pair.handle) in hesitates_over else Outcome.NO
        review.decide_pair(stage.system, stage[ROSA], handle=pair.handle, outcome=outcome)
        potential += outcome is Outcome.POTENTIAL
    review.finish_review(stage.system, stage[ROSA], review_id=taken.id)
    stage.act(ROSA, f"calls {potential} of {len(shown)} potential; at most two may go on to examination.")
    return potential


def examine_blind(stage: Stage, found: Search, potential: int) -> None:
    """Two examiners for each potential candidate; where they disagree, a third is consulted."""
    for player in (ERIK, EDDA):
        given = [_examine_next(stage, player, found) for _ in range(potential)]
        many = "1 candidate" if potential == 1 else f"{potential} candidates"
        stage.act(player, f"examines {many} blind, not knowing who else has, and locks each opinion for good:")
        _tell(stage, given)
    if _waits(stage, found):
        stage.teller.say("The two disagree about one candidate.")
        given = [_examine_next(stage, EMIL, found)]
        stage.act(EMIL, "is consulted as the third. He is not told that the others disagree, and says:")
        _tell(stage, given)
    else:
        stage.teller.say("The two agree: nobody needs to be consulted.")
    stage.teller.say("The last opinion that was needed is locked: the scores open, to everybody at the same moment.")


def read_leads(stage: Stage, found: Search) -> list[Lead]:
    leads = examine.read_leads(stage.system, stage[INES], search_id=found.id)
    stage.act(INES, "reads the list of leads:")
    top = [lead for lead in leads if lead.rank <= 5 or lead.outcome is Outcome.POTENTIAL]
    columns = ("place", "score", "references listed", "review", "opinions in force", "who it is (the demo alone knows)")
    stage.teller.table("Leads", columns, [_row(stage, lead) for lead in top])
    stage.teller.say(f"and {len(leads) - len(top)} more people, none of them potential.")
    return leads


def say_what_a_list_is_not(stage: Stage, leads: Sequence[Lead]) -> None:
    """What the places say about who is sought, which the demo alone can tell."""
    place = next((lead.rank for lead in leads if person_of(stage, lead.candidate) == stage.photographs.sought), None)
    if place == 1:
        stage.teller.say(
            "Here the first place is right, and another at a hair's breadth is not. A list is not an answer."
        )
    elif place:
        stage.teller.say(
            f"The person sought is at place {place}: those before are somebody else. A list is not an answer."
        )
    else:
        stage.teller.say("The person sought is not on the list, although held. A list is not an answer.")


def person_of(stage: Stage, candidate: Candidate) -> str:
    """The truth that only the demo knows, from the name of the file; empty for a group."""
    with stage.system.database.look() as look:
        image = look.get(Image, candidate.image_id)
    told = json.loads(stage.system.keys.open(image.id, image.provenance, PROVENANCE))
    return person_in(told["file"])


def supported(leads: Sequence[Lead]) -> list[Lead]:
    """The leads of which every opinion in force says the same person."""
    return [
        lead
        for lead in leads
        if lead.examinations and all((one.opinion or 0) in range(1, 4) for one in in_force(lead.examinations))
    ]


def _waits(stage: Stage, found: Search) -> bool:
    """Whether the search still waits for an opinion."""
    with stage.system.database.look() as look:
        return look.get(Search, found.id).state is SearchState.REVIEWED


def _examine_next(stage: Stage, player: Player, found: Search) -> Opinion:
    pair = examine.open_examination(stage.system, stage[player], search_id=found.id)
    right = _person_examined(stage, pair.handle) == stage.photographs.sought
    opinion = (OF_SOUGHT if right else OF_ANOTHER)[player]
    for side in Side:
        describe.describe_side(
            stage.system,
            stage[player],
            handle=pair.handle,
            of=side,
            suitable=True,
            seen=[name for name in COMPONENTS if name != "lines-marks"],
            words="",
        )
    examine.lock_examination(
        stage.system,
        stage[player],
        handle=pair.handle,
        components=_components(opinion),
        limitations=LIMITATIONS,
        opinion=opinion,
    )
    return opinion


def _components(opinion: Opinion) -> list[tuple[str, str]]:
    """One observation for each component of the face, of which the lines cannot be compared with a child's."""
    seen = Observation.SIMILAR if opinion > 0 else Observation.UNEXPLAINED
    return [(name, Observation.NOT_COMPARABLE if name == "lines-marks" else seen) for name in COMPONENTS]


def _tell(stage: Stage, given: Sequence[Opinion]) -> None:
    for opinion in given:
        stage.teller.say(f"• {opinion.words}")


def _row(stage: Stage, lead: Lead) -> tuple[object, ...]:
    person = person_of(stage, lead.candidate)
    who = {
        "": "somebody in the group photograph",
        stage.photographs.sought: f"{person}, the person sought",
    }.get(person, f"{person}, somebody else")
    given = sorted(in_force(lead.examinations), key=lambda one: list(Part).index(one.part))
    words = "\n".join(f"{one.part}: {Opinion(one.opinion or 0).words}" for one in given)
    return (lead.rank, f"{lead.score:.4f}", lead.candidate.references, lead.outcome, words or "-", who)


def _person_of_pair(stage: Stage, handle: str) -> str:
    with stage.system.database.look() as look:
        candidate = look.get(Candidate, look.get(Pair, handle).candidate_id)
    return person_of(stage, candidate)


def _person_examined(stage: Stage, handle: str) -> str:
    with stage.system.database.look() as look:
        candidate = look.get(Candidate, look.get(Examination, handle).candidate_id)
    return person_of(stage, candidate)
