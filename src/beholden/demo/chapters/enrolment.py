"""Chapter 3: a folder with its manifest is enrolled, and every file, row and face that is not taken gets its reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from beholden.actions import enrol, intake
from beholden.actions.intake import Answer, Fate
from beholden.demo.photographs import GROUP, lay_out_intake
from beholden.demo.stage import STELLA, Stage
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.sources import Source

RECEIVED_FROM = "the renderer of the demo"
SHOWN = ("image_url", "page_url", "page_title", "captured_at", "caption", "person_ref", "sha256")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a folder, or of a web archive."""

    answers: tuple[Answer, ...]

    @property
    def images(self) -> int:
        return sum(answer.fate is Fate.ENROLLED for answer in self.answers)

    @property
    def references(self) -> int:
        return sum(answer.faces for answer in self.answers if answer.fate is Fate.ENROLLED)

    @property
    def already_held(self) -> tuple[str, ...]:
        return tuple(answer.file for answer in self.answers if answer.fate is Fate.ALREADY_HELD)

    @property
    def rejected(self) -> tuple[tuple[str, str], ...]:
        """Files, rows and single faces that were not taken, each with the reason."""
        files = [(answer.file, answer.reason) for answer in self.answers if answer.fate is Fate.REJECTED]
        faces = [(f"a face in {answer.file}", why) for answer in self.answers for why in answer.rejected_faces]
        return (*files, *faces)


def enrol_everything(stage: Stage, source: Source, gallery: Gallery) -> Taken:
    lay_out_intake(stage.photographs, stage.places.intake)
    ready = intake.read_folder(stage.system, stage[STELLA], stage.places.intake)
    stage.act(STELLA, f"enrols the folder {ready.folder.name}/ with its CSV manifest ({len(ready)} rows and files):")
    stage.teller.say("decode → detect → align → embed → seal → record → index")
    answers = []
    with stage.teller.bar("enrolling", len(ready)) as progress:
        for answer in intake.enrol_folder(
            stage.system,
            stage[STELLA],
            ready,
            source_id=source.id,
            gallery_id=gallery.id,
            received_from=RECEIVED_FROM,
        ):
            answers.append(answer)
            progress.advance(progress.task_ids[0])
    taken = Taken(tuple(answers))
    stage.teller.say(f"{taken.images} images enrolled with {taken.references} references (faces): {GROUP} has two.")
    for file in taken.already_held:
        stage.teller.say(f"{file} is held already, byte for byte: nothing was added.")
    stage.teller.table("Not taken, and why", ("file, row or face", "reason"), taken.rejected)
    show_provenance(stage, answers[0], SHOWN)
    return taken


def enrol_again(stage: Stage, source: Source, gallery: Gallery, file: str) -> str:
    """Give one file of the folder again; the answer in words."""
    content = (stage.places.intake / file).read_bytes()
    enrolled = enrol.enrol_image(
        stage.system,
        stage[STELLA],
        content,
        source_id=source.id,
        gallery_id=gallery.id,
        taken_from=enrol.TakenFrom(file=file, received_from=RECEIVED_FROM),
    )
    return enrol.HELD_ASIDE if enrolled.image is None else f"enrolled as image {enrolled.image.id}"


def show_provenance(stage: Stage, answer: Answer, wanted: Sequence[str]) -> None:
    """What is kept, sealed, of where an image comes from. Opened here to show it: no door of the product lists it."""
    with stage.system.database.look() as look:
        image = look.get(Image, answer.image_id)
    told = json.loads(stage.system.keys.open(image.id, image.provenance, enrol.PROVENANCE))
    said = [(name, "; ".join(told[name]) if isinstance(told[name], list) else told[name]) for name in wanted]
    stage.teller.table(f"The provenance kept with {answer.file}", ("what", "value"), said)
