"""Chapter 7: a reviewer goes through the list blind, examiners compare blind, and only then the scores open.

The people of the demo are scripted: no real person looks at these pictures, so their opinions come from what only the
demo knows, which rendered person is in which file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from beholden.actions import examine, review
from beholden.actions.enrol import PROVENANCE
from beholden.actions.examine import Lead
from beholden.demo.photographs import person_in
from beholden.demo.stage import EDDA, EMIL, ERIK, INES, ROSA, Player, Stage
from beholden.errors import Missing
from beholden.records.candidates import Candidate
from beholden.records.examination import COMPONENTS, Examination, Observation, Opinion, in_force
from beholden.records.images import Image
from beholden.records.review import Outcome, Pair
from beholden.records.searches import Search

# What each examiner is scripted to say of the person sought, and of the one who only looks alike.
OF_SOUGHT = {ERIK: Opinion.MODERATE_SAME, EDDA: Opinion.LIMITED_SAME, EMIL: Opinion.LIMITED_SAME}
OF_ANOTHER = {ERIK: Opinion.LIMITED_SAME, EDDA: Opinion.MODERATE_DIFFERENT, EMIL: Opinion.MODERATE_DIFFERENT}
LIMITATIONS = "A child and an adult are compared across many years; the light differs."


def say_that_they_are_scripted(stage: Stage) -> None:
    stage.teller.say(
        "The opinions below are SCRIPTED: no real person looks at these pictures. The demo's people look up"
    )
    stage.teller.say(
        "which rendered person is shown, which the system does not know. They show the procedure, no skill."
    )


def review_blind(stage: Stage, found: Search) -> None:
    """Rosa calls potential whom she takes for the sought child: the right one, and one who looks alike."""
    taken, shown = review.open_review(stage.system, stage[ROSA], search_id=found.id)
    stage.act(ROSA, f"reviews {len(shown)} pairs: photographs side by side, in an order of her own,")
    stage.teller.say("without name, source, place or score.")
    potential = _potential(stage, {pair.handle: _person_of_pair(stage, pair.handle) for pair in shown})
    for pair in shown:
        outcome = Outcome.POTENTIAL if pair.handle in potential else Outcome.NO
        review.decide_pair(stage.system, stage[ROSA], handle=pair.handle, outcome=outcome)
    review.finish_review(stage.system, stage[ROSA], review_id=taken.id)
    stage.act(ROSA, f"calls {len(potential)} of {len(shown)} potential; at most two may go on to examination.")


def examine_blind(stage: Stage, found: Search) -> None:
    """Two examiners for each potential candidate; where they disagree, a third is consulted."""
    for player in (ERIK, EDDA):
        done = _examine_all(stage, player, found)
        stage.act(player, f"examines {_count(done)} blind, not knowing who else has, and locks the opinion for good:")
        _tell(stage, done)
    done = _examine_all(stage, EMIL, found)
    if done:
        stage.act(EMIL, f"is consulted on {_count(done)}, where the two disagree. He does not know that, and says:")
        _tell(stage, done)
    else:
        stage.teller.say("The two agree; nobody needs to be consulted.")
    stage.teller.say("The last opinion that was needed is locked: the scores open, to everybody at the same moment.")


def read_leads(stage: Stage, found: Search) -> list[Lead]:
    leads = examine.read_leads(stage.system, stage[INES], search_id=found.id)
    stage.act(INES, "reads the list of leads:")
    top = [lead for lead in leads if lead.rank <= 5 or lead.outcome is Outcome.POTENTIAL]
    columns = ("place", "score", "references listed", "review", "opinions in force", "who it is (the demo alone knows)")
    stage.teller.table("Leads", columns, [_row(stage, lead) for lead in top])
    stage.teller.say(f"and {len(leads) - len(top)} more, reviewed as “no”.")
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


def _potential(stage: Stage, persons: Mapping[str, str]) -> set[str]:
    """Handles of the sought person and of the lookalike; of no others."""
    photographs = stage.photographs
    wanted = (photographs.sought, photographs.lookalike)
    return {handle for handle, person in persons.items() if person in wanted}


def _examine_all(stage: Stage, player: Player, found: Search) -> list[Opinion]:
    given: list[Opinion] = []
    while True:
        try:
            pair = examine.open_examination(stage.system, stage[player], search_id=found.id)
        except Missing:
            return given
        right = _person_examined(stage, pair.handle) == stage.photographs.sought
        opinion = (OF_SOUGHT if right else OF_ANOTHER)[player]
        examine.lock_examination(
            stage.system,
            stage[player],
            handle=pair.handle,
            components=_components(opinion),
            limitations=LIMITATIONS,
            opinion=opinion,
        )
        given.append(opinion)


def _components(opinion: Opinion) -> list[tuple[str, str]]:
    """One observation for each component of the face, of which the lines cannot be compared with a child's."""
    seen = Observation.SIMILAR if opinion > 0 else Observation.UNEXPLAINED
    return [(name, Observation.NOT_COMPARABLE if name == "lines-marks" else seen) for name in COMPONENTS]


def _tell(stage: Stage, given: Sequence[Opinion]) -> None:
    for opinion in given:
        stage.teller.say(f"• {opinion.words}")


def _count(given: Sequence[Opinion]) -> str:
    return "1 candidate" if len(given) == 1 else f"{len(given)} candidates"


def _row(stage: Stage, lead: Lead) -> tuple[object, ...]:
    person = person_of(stage, lead.candidate)
    who = {
        "": "somebody in the group photograph",
        stage.photographs.sought: f"{person}, the person sought",
    }.get(person, f"{person}, somebody else")
    words = "; ".join(Opinion(one.opinion or 0).words for one in in_force(lead.examinations))
    return (lead.rank, f"{lead.score:.4f}", lead.candidate.references, lead.outcome, words or "-", who)


def _person_of_pair(stage: Stage, handle: str) -> str:
    with stage.system.database.look() as look:
        candidate = look.get(Candidate, look.get(Pair, handle).candidate_id)
    return person_of(stage, candidate)


def _person_examined(stage: Stage, handle: str) -> str:
    with stage.system.database.look() as look:
        candidate = look.get(Candidate, look.get(Examination, handle).candidate_id)
    return person_of(stage, candidate)
