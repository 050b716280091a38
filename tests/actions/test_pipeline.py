"""A folder read by other processes: the same records as without them, in bounded memory, and an end that is asked for is clean."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import intake, pipeline, register
from beholden.actions.enrol import Enrolled, Given, TakenFrom
from beholden.actions.intake import Answer, Fate
from beholden.actions.pipeline import Into, Preparers, enrol_in_turn
from beholden.actions.preparing import Order, Parts, Prepared, checked_model
from beholden.database.sql import SqlDatabase
from beholden.errors import BadInput, BeholdenError, Fault, NoRoom, Refused, Untrusted
from beholden.opening import open_address, open_preparing
from beholden.ports.model import ModelCard
from beholden.processes import Helpers
from beholden.records.audit import Entry
from beholden.records.faces import Face
from beholden.records.images import Aside, Image
from beholden.records.rules import Rules
from beholden.testing.drawn import DrawnModel
from tests import own_pack
from tests.agency import Agency, Ready, draw
from tests.trials.place import make_place
from tests.trials.test_kill_intake import wait_until_all_are_gone

COMMAND = "from beholden.cli import main; raise SystemExit(main())"
FILES = 30
drawn_parts = partial(open_preparing, "drawn:")


def deadly_parts() -> Parts:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it is dead")


@pytest.fixture(scope="module")
def helpers() -> Iterator[Preparers]:
    with Helpers(2, drawn_parts) as there:
        yield there


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready()


def folder_of(folder: Path, files: int = FILES) -> Path:
    """So many people, then a text, a picture of nobody, a copy of the first, and a row without a file."""
    folder.mkdir()
    for person in range(files):
        (folder / f"{person}.png").write_bytes(draw(person, width=256))
    (folder / "text.png").write_bytes(b"no picture")
    (folder / "nobody.png").write_bytes(draw(width=256))
    (folder / "copy.png").write_bytes(draw(0, width=256))
    names = [*(f"{person}.png" for person in range(files)), "text.png", "nobody.png", "copy.png", "absent.png"]
    (folder / "manifest.csv").write_text("file\n" + "".join(f"{name}\n" for name in names))
    return folder


def enrolled(agency: Agency, ready: Ready, folder: Path, **how: Any) -> list[Answer]:
    read = intake.read_folder(agency.system, agency["stella"], folder)
    into = {"source_id": ready.source.id, "gallery_id": ready.gallery.id, "received_from": "USB 7"}
    return list(intake.enrol_folder(agency.system, agency["stella"], read, **into, **how))


def in_turn(
    agency: Agency, ready: Ready, given: list[Given], helpers: Preparers, **how: Any
) -> Iterator[list[Enrolled | BeholdenError]]:
    into = Into(ready.source.id, ready.gallery.id)
    return enrol_in_turn(agency.system, agency["stella"], given, into, preparers=helpers, **how)


def givens(*contents: bytes) -> list[Given]:
    return [Given(content, TakenFrom(f"{number}.png")) for number, content in enumerate(contents)]


def test_other_processes_give_the_same_answers_entries_and_records(
    agency: Agency, ready: Ready, helpers: Preparers, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "given")
    before = len(agency.leaves())
    with_them = enrolled(agency, ready, folder, preparers=helpers)
    leaves = agency.leaves()[before:]
    fates = [Fate.ENROLLED] * FILES + [Fate.REJECTED] * 2 + [Fate.ALREADY_HELD, Fate.REJECTED]
    assert [one.fate for one in with_them] == fates
    assert [one.file for one in with_them][-4:] == ["text.png", "nobody.png", "copy.png", "absent.png"]
    enrolling = [leaf for leaf in leaves if leaf["event"] == "image.enrolled"]
    outcomes = ["done"] * (FILES + 1) + ["failed"] * 3
    assert sorted(leaf["outcome"] for leaf in enrolling) == outcomes
    assert [leaf["n"] for leaf in agency.leaves()] == list(range(len(agency.leaves())))
    images, faces = agency.find(Image), agency.find(Face)
    assert len(images) == len(faces) == FILES
    assert sorted(face.face_no for face in faces) == list(range(FILES))
    assert {one.image_id for one in with_them if one.fate is Fate.ENROLLED} == {image.id for image in images}
    again = enrolled(agency, ready, folder)
    assert [(one.file, one.reason) for one in again[-4:]] == [(one.file, one.reason) for one in with_them[-4:]]
    assert [one.image_id for one in again[:FILES]] == [one.image_id for one in with_them[:FILES]]


def test_so_many_files_are_recorded_in_one_transaction(
    agency: Agency, ready: Ready, helpers: Preparers, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []
    begin = SqlDatabase.begin
    monkeypatch.setattr(SqlDatabase, "begin", lambda self: begun.append(1) or begin(self))
    given = givens(*(draw(person, width=256) for person in range(2 * pipeline.TOGETHER)))
    outcomes = list(in_turn(agency, ready, given, helpers))
    assert [len(some) for some in outcomes] == [pipeline.TOGETHER] * 2
    assert len(begun) == 2


def test_what_one_file_is_refused_for_stops_only_that_one(agency: Agency, ready: Ready, helpers: Preparers) -> None:
    keys = len(agency.system.keys.names())
    bad = Given(draw(9, width=256), TakenFrom("9.png", captured_at="last summer"))
    given = [*givens(draw(1, width=256), b"text", draw(width=256)), bad, *givens(draw(2, width=256))]
    [outcomes] = list(in_turn(agency, ready, given, helpers))
    assert [type(one).__name__ for one in outcomes] == [
        "Enrolled",
        "UnreadableImage",
        "NoUsableFace",
        "BadInput",
        "Enrolled",
    ]
    entries = [one.entry for one in outcomes if isinstance(one, BeholdenError)]
    assert [agency.leaves()[n]["outcome"] for n in entries if n is not None] == ["failed"] * 3
    assert len(agency.system.keys.names()) == keys + 2 * 3


def test_a_source_that_is_suspended_meanwhile_takes_nothing_more_in(
    agency: Agency, ready: Ready, helpers: Preparers
) -> None:
    given = givens(*(draw(person, width=256) for person in range(pipeline.AHEAD * helpers.count * pipeline.TOGETHER)))
    keys = len(agency.system.keys.names())
    turns = in_turn(agency, ready, given, helpers)
    first = next(turns)  # all are being read by now
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="court order")
    [refused] = next(turns)
    assert isinstance(refused, Refused)
    turns.close()
    assert len(agency.find(Image)) == len(first) == pipeline.TOGETHER
    assert len(agency.system.keys.names()) == keys + 3 * len(first)
    assert len(list(agency.system.blobs.addresses())) == len(first) + 1  # and the exhibit of `ready`
    assert [leaf["outcome"] for leaf in agency.leaves()[-2:]] == ["done", "refused"]


def test_a_transaction_that_comes_to_nothing_leaves_no_key_and_no_picture(
    agency: Agency, ready: Ready, helpers: Preparers, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, blobs = agency.system.keys.names(), set(agency.system.blobs.addresses())
    given = givens(*(draw(person, width=256) for person in range(4)))
    added = pipeline.Batch._added
    done = []

    def full(*told: Any) -> Any:
        done.append(1)
        if len(done) == 3:
            raise NoRoom("the disk is full")
        return added(*told)

    monkeypatch.setattr(pipeline.Batch, "_added", full)
    before = len(agency.leaves())
    with pytest.raises(NoRoom):
        list(in_turn(agency, ready, given, helpers))
    assert (agency.find(Image), agency.find(Face)) == ([], [])
    assert (agency.system.keys.names(), set(agency.system.blobs.addresses())) == (keys, blobs)
    assert [leaf["outcome"] for leaf in agency.leaves()[before:]] == ["failed"]
    assert len(agency.find(Entry)) == before + 1


def test_a_file_that_is_erased_is_put_aside_by_other_processes_too(
    agency: Agency, ready: Ready, helpers: Preparers, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "given", 3)
    enrolled(agency, ready, folder, preparers=helpers)
    agency.erase(min(agency.find(Face), key=lambda face: face.face_no).id)
    again = enrolled(agency, ready, folder, preparers=helpers)
    assert [one.fate for one in again[:3]] == [Fate.ASIDE, Fate.ALREADY_HELD, Fate.ALREADY_HELD]
    assert again[5].fate is Fate.ASIDE  # its copy
    assert len(agency.find(Aside)) == 2


def test_only_so_many_files_are_in_memory_at_a_time(agency: Agency, ready: Ready, helpers: Preparers) -> None:
    given: list[int] = []

    def files() -> Iterator[Given]:
        for person in range(20 * pipeline.TOGETHER):
            given.append(person)
            yield Given(draw(person, width=256), TakenFrom(f"{person}.png"))

    into = Into(ready.source.id, ready.gallery.id)
    recorded = 0
    ahead = pipeline.AHEAD * helpers.count + 1
    for some in enrol_in_turn(agency.system, agency["stella"], files(), into, preparers=helpers):
        assert len(given) - recorded <= ahead * pipeline.TOGETHER
        recorded += len(some)
    assert recorded == len(given)


def test_large_files_are_not_read_ahead(
    agency: Agency, ready: Ready, helpers: Preparers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MOST_BYTES", 1)
    given: list[int] = []

    def files() -> Iterator[Given]:
        for person in range(3 * pipeline.TOGETHER):
            given.append(person)
            yield Given(draw(person, width=256), TakenFrom(f"{person}.png"))

    turns = enrol_in_turn(
        agency.system, agency["stella"], files(), Into(ready.source.id, ready.gallery.id), preparers=helpers
    )
    next(turns)
    assert len(given) == pipeline.TOGETHER


def test_an_end_that_is_asked_for_comes_between_two_batches(agency: Agency, ready: Ready, helpers: Preparers) -> None:
    asked: list[int] = []
    given = givens(*(draw(person, width=256) for person in range(6 * pipeline.TOGETHER)))
    outcomes: list[Enrolled | BeholdenError] = []
    for some in in_turn(agency, ready, given, helpers, stop=lambda: bool(asked)):
        outcomes += some
        asked.append(1)
    assert len(outcomes) == pipeline.TOGETHER == len(agency.find(Image))


def test_a_process_that_dies_is_told_and_on_record(agency: Agency, ready: Ready) -> None:
    with Helpers(1, deadly_parts) as dead, pytest.raises(Fault, match=r"ended by itself.*what was recorded stays"):
        list(in_turn(agency, ready, givens(draw(1, width=256)), dead))
    assert agency.find(Image) == []
    assert agency.leaves()[-1]["outcome"] == "failed"


def what_is_there(parts: Parts, order: Order) -> Prepared:
    """Tells what a process has in its memory: of a system, nothing."""
    there = {type(one).__name__ for one in gc.get_objects()} & {"System", "Vault", "MemoryKeys", "SqlDatabase"}
    raise BadInput(f"{parts[1].card.name}: {sorted(there)}")


def test_a_process_that_prepares_has_neither_keys_nor_records(helpers: Preparers) -> None:
    with pytest.raises(BadInput, match=r"^drawn: \[\]$"):
        helpers.ask(what_is_there, Order(b"four", Rules(retention_days={}), embed_now=True)).result()


def test_ctrl_c_ends_the_command_cleanly_and_the_rest_can_be_given_again(tmp_path: Path) -> None:
    place = make_place(tmp_path / "place")
    folder = folder_of(tmp_path / "given", 300)
    command = [sys.executable, "-c", COMMAND, "enrol", str(folder), "--source", place.source_id]
    command += ["--gallery", place.gallery_id, "--data", str(place.data), "--as", "stella", "--processes", "2"]
    out = tmp_path / "answers.jsonl"
    process = subprocess.Popen(
        [*command, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (out.exists() and out.stat().st_size) and process.poll() is None:
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "files had their answer before this" in errors
    assert "Traceback" not in errors
    wait_until_all_are_gone(process.pid)
    answered = len(out.read_text().splitlines())
    assert 0 < answered < 300
    agency = place.enter()
    try:
        assert len(agency.find(Image)) == answered
    finally:
        agency.system.close()


class OtherModel(DrawnModel):
    """It says of itself that it is another one."""

    @property
    def card(self) -> ModelCard:
        return replace(super().card, space_id="f" * 32)


def other_parts() -> Parts:
    return open_address("sandbox:"), OtherModel()


def test_req_121_what_another_model_prepared_is_never_recorded_in_the_name_of_the_systems_own(
    agency: Agency, ready: Ready
) -> None:
    keys = agency.system.keys.names()
    with Helpers(1, other_parts) as others, pytest.raises(Untrusted, match=r"prepared by another model \(space ffff"):
        list(in_turn(agency, ready, givens(draw(1, width=256)), others))
    assert (agency.find(Image), agency.system.keys.names()) == ([], keys)
    assert agency.leaves()[-1]["outcome"] == "failed"


def test_req_120_a_process_refuses_a_pack_that_is_not_the_one_that_was_checked_when_the_system_was_opened(
    agency: Agency, ready: Ready, tmp_path: Path
) -> None:
    manifest = own_pack.write_pack(tmp_path)
    address = f"pack:tiny?folder={tmp_path}"
    checked = checked_model(open_address(address))
    assert open_preparing(address, checked)[1].card.manifest_sha256 == checked[0]
    manifest.write_text(own_pack.text_of(own_pack.described(own_pack.tiny(), embedder__lengths=[2.0, 40.0])))
    assert checked_model(open_address(address))[1] == checked[1], "its space is the same, and still it is another pack"
    with (
        Helpers(1, partial(open_preparing, address, checked)) as exchanged,
        pytest.raises(Untrusted, match="the model tiny is not the one that was checked when the system was opened"),
    ):
        list(in_turn(agency, ready, givens(draw(1, width=256)), exchanged))
    assert agency.find(Image) == []
    assert agency.leaves()[-1]["outcome"] == "failed"
