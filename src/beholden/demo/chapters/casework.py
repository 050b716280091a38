"""Chapter 4: a case, its exhibits with their register, and two faces that are declared to be the same unknown child."""

from __future__ import annotations

import hashlib
import json

from beholden.actions import cases, evidence, exhibits, sought
from beholden.demo.photographs import OLDER, YOUNGER, lay_out_exhibits
from beholden.demo.stage import INES, PURPOSE, STELLA, Stage
from beholden.records.cases import Case
from beholden.records.exhibits import ExhibitFace
from beholden.records.sought import Sought


def open_case(stage: Stage) -> tuple[Case, Sought]:
    lay_out_exhibits(stage.photographs, stage.places.exhibits)
    case = cases.open_case(stage.system, stage[INES], reference="2026-117", title="The attic series", purpose=PURPOSE)
    stage.act(INES, f"opens case {case.reference}, “{case.title}”, for the purpose {case.purpose}.")
    younger = _add(stage, case, YOUNGER, "a child of about seven, in an attic")
    older = _add(stage, case, OLDER, "the same series, years later; the child is beside somebody else")
    _register(stage, case)
    # The child is on the left of the second photograph; the other face is not declared, and is never searched.
    child = min(older, key=lambda face: face.box.left)
    declared = sought.declare_sought(
        stage.system,
        stage[INES],
        case_id=case.id,
        face_ids=(younger[0].id, child.id),
        subject_role="victim",
        why="the same attic, the same toy, and the same shape of the ears",
    )
    stage.act(
        INES,
        f"picks face 1 of {YOUNGER} and face {child.position} of {OLDER} (the one on the left), and declares them to be one "
        f"unknown child, the sought: “{declared.why}”.",
    )
    stage.teller.say("This is her assertion, with her name; it can be taken back. No template of an exhibit is kept.")
    return case, declared


def _register(stage: Stage, case: Case) -> None:
    """By somebody who asks for nothing in the case: what is searched with is bound to what was seized."""
    rows = [
        f"{hashlib.sha256((stage.places.exhibits / file).read_bytes()).hexdigest()},{number},synthetic"
        for number, file in enumerate((YOUNGER, OLDER), 1)
    ]
    content = "\n".join(("sha256,exhibit_ref,origin", *rows)).encode()
    made = evidence.import_manifest(stage.system, stage[STELLA], content, case=case.reference, file="seizure-list.csv")
    stage.act(STELLA, f"imports the seizure list of the case: {made.rows} files, each by its SHA-256.")
    stage.teller.say("A face of a file that stood in no such list would be marked wherever it is searched with.")


def _add(stage: Stage, case: Case, file: str, why: str) -> tuple[ExhibitFace, ...]:
    exhibit, faces = exhibits.add_exhibit(
        stage.system,
        stage[INES],
        (stage.places.exhibits / file).read_bytes(),
        case_id=case.id,
        file=file,
        origin="synthetic",
        why=why,
    )
    details = json.loads(stage.system.keys.open(exhibit.id, exhibit.details, exhibits.DETAILS))
    stage.act(INES, f"adds {file} as an exhibit: {why}.")
    many = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
    stage.teller.say(f"origin class {exhibit.origin}, {many}, SHA-256 {details['sha256']}")
    return faces
