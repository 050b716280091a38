"""The case's evidence: registers imported by somebody who asks for nothing there, and which probes stand in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.desk import at_desk, check_sees, is_one_of, sees_case
from beholden.actions.marks import mark_of, mark_of_digest
from beholden.errors import BadInput, Missing
from beholden.formats.exhibit_registers import Row, read_register
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.evidence import Evidence, EvidenceManifest
from beholden.records.exhibits import Exhibit, ExhibitFace, Origin
from beholden.records.people import Officer, Role

MANIFEST, ROW = "evidence/manifest", "evidence/row"
MAX_FILE_NAME = 255
REGISTRARS = (Role.STEWARD, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Register:
    """An imported register as a person reads it."""

    manifest: EvidenceManifest
    file: str
    sha256: str  # of the register file itself


def import_manifest(system: System, officer: Officer, content: bytes, *, case: str, file: str) -> EvidenceManifest:
    """Import an exhibit register or seizure list of a case: CSV as `formats/exhibit_registers.py` has it.

    `case` is the case's id or the agency's own file number: a steward sees no case, and has the number on paper. The digests are
    of the files as they lie with the evidence, cropped nowhere. A row whose file an earlier register has is not kept again,
    unless who imported that one has a part in the case by now: it counts no more.
    Raises `BadManifest` for a register with anything wrong in it, `BadInput` for one that was imported before, or with
    origins that have no place in the system's profile; nothing is imported then.
    """
    with audit.act(system, "evidence.imported", officer) as act, act.begin() as tx:
        there = _case(act, tx, case)
        act.purpose = there.purpose
        act.tell("case", there.id, there.id)
        act.permit(
            case_state=str(there.state),
            assigned=there.assigned,
            has_part=_has_part(tx, there, act.person.id),
        )
        rows = read_register(content)
        _check_origins(system, rows)
        mark = mark_of(system, content)
        before = tx.find(EvidenceManifest, case_id=there.id)
        counting = {one.id: one.mark for one in before if _stands(tx, there, one.imported_by)}
        if mark in counting.values():
            raise BadInput("this register was imported into the case before; nothing was imported")
        marks = [mark_of_digest(system, bytes.fromhex(row.sha256)) for row in rows]
        known = {one.mark for one in tx.find(Evidence, case_id=there.id) if one.manifest_id in counting}
        new = {mark: row for mark, row in zip(reversed(marks), reversed(rows), strict=True) if mark not in known}
        id = act.new_id()
        digest = hashlib.sha256(content).hexdigest()
        manifest = EvidenceManifest(
            id=id,
            version=0,
            kept=act.keep("exhibit"),
            case_id=there.id,
            mark=mark,
            details=system.keys.seal(id, canonical({"file": file[-MAX_FILE_NAME:], "sha256": digest}), MANIFEST),
            imported_by=act.person.id,
            rows=len(rows),
            new=len(new),
        )
        tx.add(manifest)
        for mark, row in new.items():
            told = {"exhibit_ref": row.exhibit_ref, "seized_at": row.seized_at, "held_by": row.held_by}
            tx.add(
                Evidence(
                    id=system.clock.new_id(),
                    version=0,
                    kept=manifest.kept,
                    case_id=there.id,
                    manifest_id=id,
                    mark=mark,
                    origin=row.origin,
                    details=system.keys.seal(id, canonical(told), ROW),
                )
            )
        act.tell("manifest", id, id)
        act.tell("register_sha256", digest, id)
        act.tell("rows", len(rows), id)
        act.tell("new", len(new), id)
    return manifest


def registers(system: System, officer: Officer, *, case_id: str) -> list[Register]:
    """What was imported into a case, the latest first. Raises `Missing` outside one's cases."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        return [_told(system, one) for one in look.find(EvidenceManifest, case_id=case_id, order="-created_at")]


def states(system: System, officer: Officer, *, case_id: str) -> dict[str, str]:
    """Of each exhibit of the case that a register has, by its id: the origin that the register gives. Raises `Missing`."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        return {id: str(origin) for id, origin in origins(look, look.find(Exhibit, case_id=case_id)).items()}


def manifested(look: Look, exhibit: Exhibit, *asking: str) -> bool:
    """Whether a register of the case, imported before or after, has the file that this exhibit was made from."""
    return exhibit.id in origins(look, [exhibit], *asking)


def origins(look: Look, exhibits: Iterable[Exhibit], *asking: str) -> dict[str, Origin]:
    """By exhibit id, the origin in the case's registers; those that none has are left out.

    A register counts as long as whoever imported it is none of those `asking` (ids of people) and has no part in the case.
    """
    known = {id: [of for by, of in its.items() if by not in asking] for id, its in vouched(look, exhibits).items()}
    return {id: its[0] for id, its in known.items() if its}


def vouched(look: Look, exhibits: Iterable[Exhibit]) -> dict[str, dict[str, Origin]]:
    """By exhibit id: of each person whose register has it and counts, the origin there; the earliest imported first."""
    there = list(exhibits)
    rows = look.find(Evidence, mark=OneOf(sorted({exhibit.mark for exhibit in there})), order="created_at")
    manifests = look.find(EvidenceManifest, id=OneOf(sorted({one.manifest_id for one in rows})))
    cases = {one.id: one for one in look.find(Case, id=OneOf(sorted({one.case_id for one in manifests})))}
    pairs = {(one.case_id, one.imported_by) for one in manifests}
    standing = {(case_id, by) for case_id, by in pairs if _stands(look, cases[case_id], by)}
    by = {one.id: one.imported_by for one in manifests if (one.case_id, one.imported_by) in standing}
    known: dict[tuple[str, str], dict[str, Origin]] = {}
    for one in rows:
        if one.manifest_id in by:
            known.setdefault((one.case_id, one.mark), {}).setdefault(by[one.manifest_id], one.origin)
    return {one.id: known[one.case_id, one.mark] for one in there if (one.case_id, one.mark) in known}


def unmanifested(
    look: Look, probes: Sequence[tuple[Exhibit, ExhibitFace]], *asking: str
) -> list[tuple[Exhibit, ExhibitFace]]:
    """Of these, the faces of files that no register of the case has which counts where these people ask."""
    there = origins(look, [exhibit for exhibit, _ in probes], *asking)
    return [(exhibit, face) for exhibit, face in probes if exhibit.id not in there]


def _case(act: Act, look: Look, named: str) -> Case:
    """By its id or number. To whoever neither registers evidence nor sees the case it is not there."""
    found = look.find(Case, id=named) or look.find(Case, reference=named)
    if len(found) != 1 or not (is_one_of(act.person, *REGISTRARS) or sees_case(look, act.person, found[0].id)):
        raise Missing("there is no such case; give its file number exactly as it was opened, or its id")
    return found[0]


def _stands(look: Look, case: Case, importer_id: str) -> bool:
    """Whether a register that this person imported counts: as at its import, whoever did wants nothing found in the case."""
    return importer_id not in case.assigned and not _has_part(look, case, importer_id)


def _has_part(look: Look, case: Case, person_id: str) -> bool:
    """Whether this person ever asked for authority in the case, or added an exhibit of it."""
    return bool(
        look.count(Authority, case_id=case.id, requested_by=person_id)
        or look.count(Exhibit, case_id=case.id, added_by=person_id)
    )


def _check_origins(system: System, rows: Sequence[Row]) -> None:
    synthetic = system.profile == "synthetic"
    if any((row.origin is Origin.SYNTHETIC) != synthetic for row in rows):
        which = "only synthetic evidence" if synthetic else "no synthetic evidence"
        raise BadInput(f"a system of profile {system.profile!r} takes {which}; nothing was imported")


def _told(system: System, manifest: EvidenceManifest) -> Register:
    details = json.loads(system.keys.open(manifest.id, manifest.details, MANIFEST))
    return Register(manifest, details["file"], details["sha256"])
