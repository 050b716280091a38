"""A small agency in a real data folder that can be left, crashed and entered again; and what must hold whenever it is."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import beholden_verify
from beholden.actions import check, exporting, log
from beholden.actions.recover import KEYED
from beholden.clock import WallClock
from beholden.formats import notes, tiles
from beholden.opening import open_folder
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.authority import Authority
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.exhibits import Exhibit, ExhibitState
from beholden.records.faces import Face, FaceState
from beholden.records.images import Block, Image, ImageState
from beholden.records.limits import DAY_LIMITS
from beholden.records.people import Officer
from beholden.records.requests import Request, RequestState
from beholden.records.searches import Search, SearchState
from beholden.records.sequestration import UNFINISHED, Sequestration
from tests.agency import Agency, StillClock, agency_on_disk

LONG = os.environ.get("BEHOLDEN_TRIALS") == "long"


@dataclass(frozen=True)
class Place:
    """One folder with the data, the keys, the file that unlocks them, and everybody's sessions."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def told(self) -> Path:
        """Where a child writes down, durably, what an act gave back to it."""
        return self.folder / "told.jsonl"

    @property
    def source_id(self) -> str:
        return str(self._notes()["source"])

    @property
    def gallery_id(self) -> str:
        return str(self._notes()["gallery"])

    def enter(self, client: str = "trial") -> Agency:
        """Open the folder as anybody would: what a crash left half-done is finished first.

        A trial does the work of weeks in minutes, and so without the limits of a day.
        """
        opened = open_folder(self.data, client=client)
        system = replace(opened, rules=replace(opened.rules, **dict.fromkeys(DAY_LIMITS.values(), 1_000_000)))
        officers = {name: Officer(name, session) for name, session in self._notes()["sessions"].items()}
        return Agency(system, StillClock(WallClock().now()), officers)

    def copied(self, folder: Path) -> Place:
        """The same system in another folder: it costs a tenth of making one."""
        shutil.copytree(self.folder, folder)
        settings = folder / "data" / "beholden.toml"
        settings.write_text(settings.read_text().replace(str(self.folder), str(folder)))
        return Place(folder)

    def lines(self) -> list[dict[str, Any]]:
        """What the children wrote down; a line cut short by a kill was never finished."""
        if not self.told.exists():
            return []
        whole = self.told.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.split(b"\n") if line]

    def files(self) -> dict[str, bytes]:
        """Every byte of data and keys, but for the ballast, which is random."""
        paths = [path for folder in (self.data, self.keys) for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths if path.name != "ballast"}

    def _notes(self) -> dict[str, Any]:
        notes: dict[str, Any] = json.loads((self.folder / "notes.json").read_text())
        return notes


def make_place(folder: Path) -> Place:
    """People in every role, a source and a gallery."""
    folder.mkdir(parents=True, exist_ok=True)
    agency = agency_on_disk(folder)
    try:
        notes = {
            "sessions": {name: officer.session for name, officer in agency.officers.items()},
            "source": agency.source().id,
            "gallery": agency.gallery().id,
        }
    finally:
        agency.system.close()
    (folder / "notes.json").write_text(json.dumps(notes))
    return Place(folder)


def check_whole(agency: Agency) -> int:
    """Nothing is half-done, nothing is left over, and everything that is told is there; how many entries the log has."""
    system = agency.system
    with system.database.look() as look:
        assert look.count(Face, state=FaceState.ERASING) == 0
        assert look.count(Image, state=ImageState.ERASING) == 0
        assert look.count(Search, state=SearchState.STARTED) == 0
        erasures = look.find(Erasure)
        assert {erasure.state for erasure in erasures} <= {ErasureState.ERASED}
        fulfilled = {request.id for request in look.find(Request, state=RequestState.FULFILLED)}
        assert fulfilled == {erasure.request_id for erasure in erasures}
        for erasure in erasures:
            _check_erased(system, look, erasure)
        for authority in look.find(Authority):
            assert authority.used == look.count(Search, authority_id=authority.id)
        _check_nothing_left_over(system, look)
        entries = look.count(Entry)
        assert log.check_log(system, look) == entries
    assert tiles.read_head(notes.text_of(system.witness.read(tiles.CHECKPOINT))).size == entries
    # These trials ask the engine past the log, to see what it holds: its count says so, and nothing else is amiss.
    amiss = [
        finding for finding in check.check(system, agency["aude"]) if not finding.holds and finding.part != "engine"
    ]
    assert amiss == []
    return entries


def verify(what: str, path: Path, keys: Sequence[str], *more: str) -> dict[str, Any]:
    """What `beholden-verify` says to an outsider who knows the keys; whether it `holds`."""
    trusted = path.parent / f"{path.name}.keys"
    trusted.write_text("".join(f"{key}\n" for key in keys))
    with io.StringIO() as said, redirect_stdout(said):
        code = beholden_verify.main([what, str(path), "--keys", str(trusted), *more, "--json"])
        report: dict[str, Any] = json.loads(said.getvalue())
    assert code == (0 if report["holds"] else 7)
    return report


def export(agency: Agency, folder: Path) -> dict[str, Any]:
    """Export the log; the verifier's report, which must hold."""
    exporting.export(agency.system, agency["aude"], folder=folder)
    report = verify("log", folder, log.vkeys(agency.system))
    assert report["holds"], report["problems"]
    return report


def _check_erased(system: System, look: Look, erasure: Erasure) -> None:
    with TemporaryDirectory() as folder:
        receipt = Path(folder) / "receipt.note"
        receipt.write_bytes(erasure.receipt)
        report = verify("receipt", receipt, log.vkeys(system))
    assert report["holds"]
    assert (report["receipt"]["erasure"], report["entry"]["event"]) == (erasure.id, "erasure.finished")
    assert report["receipt"]["records"] == list(erasure.face_ids)
    assert system.keys.names().isdisjoint(erasure.keys)
    for face in look.find(Face, id=OneOf(erasure.face_ids)):
        assert (face.state, face.template, face.person_mark) == (FaceState.ERASED, b"", "")
    for image in look.find(Image, id=OneOf(erasure.whole_image_ids)):
        assert (image.state, image.blob, image.provenance) == (ImageState.ERASED, "", b"")


def _check_nothing_left_over(system: System, look: Look) -> None:
    """Every key and blob belongs to a record, and every record has its own."""
    images, exhibits = look.find(Image), look.find(Exhibit)
    blob_keys = [image.blob_key for image in images] + [exhibit.blob_key for exhibit in exhibits]
    print_keys = [block.print_key for block in look.find(Block)]
    named = {"system"}.union(blob_keys, print_keys, *(look.ids(kind) for kind in KEYED))
    named.update(key for one in look.find(Sequestration, state=OneOf(UNFINISHED)) for key in one.keys)
    named.update(system.index.tidy())  # the keys of the segments in force
    assert system.keys.names() <= named
    held = {image.blob for image in images if image.state is ImageState.HELD}
    held |= {exhibit.blob for exhibit in exhibits if exhibit.state is ExhibitState.HELD}
    assert set(system.blobs.addresses()) == held
