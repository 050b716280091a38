"""A pair goes to an examiner who has no system, and the opinion that they signed comes back, all by commands."""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
import pytest

from beholden.records.examination import COMPONENTS
from beholden.testing.drawn import draw
from tests.edges.terminal import Office, run

NAME = "olga.example"


@pytest.fixture
def search(office: Office) -> str:
    """Reviewed, and examined by erik: one pair waits for its second opinion."""
    found = office.reviewed()
    office.does("erik", "examine", "lock", office.describes("erik", found), "--opinion", "2", *seen(office))
    return found


def seen(office: Office) -> tuple[str, str]:
    file = office.folder / "seen.json"
    file.write_text(json.dumps(dict.fromkeys(COMPONENTS, "similar")), encoding="utf-8")
    return "--components-file", str(file)


def test_req_38_a_pair_travels_to_an_examiner_without_a_system_and_comes_back(office: Office, search: str) -> None:
    there = office.folder / "elsewhere"  # the examiner's own machine: nothing of this system is in it
    there.mkdir()
    made = run("examination", "make-keys", NAME, str(there / "keys"))
    assert made.code == 0, made
    line, recipient = made.out.splitlines()[-2:]
    keys = ("--vkey", line, "--recipient", recipient)
    registered = office.does("pia", "examination", "register", "Olga Outside", "--agency", "Elsewhere", *keys)
    assert (registered["name"], registered["agency"]) == ("Olga Outside", "Elsewhere")
    assert [one["id"] for one in office.does("sven", "examination", "examiners")] == [registered["id"]]
    packet = there / "packet.age"
    assert office.run("erik", "examination", "send", search, "Olga Outside", "--out", str(packet)).code != 0
    assert not packet.exists()
    sent = office.does("sven", "examination", "send", search, "Olga Outside", "--out", str(packet), "--days", "3")
    assert (sent["state"], set(sent) & {"candidate_id", "part"}) == ("sent", set())
    # elsewhere
    who = ("--age-key", str(there / "keys" / "age-key.txt"))
    looked = run("examination", "look", str(packet), *who, "--out", str(there / "pair"))
    assert (looked.code, "must be back before" in looked.out) == (0, True), looked
    assert sorted(path.name for path in (there / "pair").iterdir()) == ["reference.jpg", "sought-1.jpg"]
    for side, file in (("probe", "sought-1.jpg"), ("reference", "reference.jpg")):
        alone = run("examination", "look", str(packet), *who, "--out", str(there / side), "--side", side)
        assert (alone.code, [path.name for path in (there / side).iterdir()]) == (0, [file]), alone
        assert "Which of these can be judged" in alone.out and "years" not in alone.out
    sides = there / "sides.json"
    sides.write_text(
        json.dumps({side: {"suitable": True, "seen": list(COMPONENTS)} for side in ("probe", "reference")})
    )
    note = there / "opinion.note"
    signed = ("--key", str(there / "keys" / "signing.pem"), "--name", NAME, "--opinion", "-1")
    lacks = run("examination", "answer", str(packet), str(note), *who, *signed, "--component", "nose=similar")
    assert (lacks.code, "it lacks: face-shape" in lacks.err, note.exists()) == (4, True, False)
    lacks = run("examination", "answer", str(packet), str(note), *who, *signed, *seen(office))
    assert (lacks.code, "description of the reference" in lacks.err, note.exists()) == (4, True, False)
    (there / "none.json").write_text('{"probe": 1}')
    for file, code in ((there / "none.json", 4), (sides, 0)):
        answered = run(
            "examination", "answer", str(packet), str(note), *who, *signed, *seen(office), "--described", str(file)
        )
        assert answered.code == code, answered
    assert "limited support for different persons" in answered.out
    # here again
    assert office.does("sven", "examination", "take-back", str(note))["state"] == "taken_back"
    twice = office.run("sven", "examination", "take-back", str(note), "--json")
    assert (twice.code, twice.document["reasons"][0]["rule_id"]) == (3, "sent-opinion-is-awaited")
    assert [one["state"] for one in office.does("aude", "examination", "list")] == ["taken_back"]
    office.does("edda", "examine", "lock", office.describes("edda", search), "--opinion", "1", *seen(office))
    leads = office.does("ines", "search", "leads", search)["leads"]
    [examined] = [lead for lead in leads if lead["outcome"] == "potential"]
    assert [one["opinion"] for one in examined["opinions"]] == [2, -1, 1]


@pytest.mark.parametrize("wrong", ["another identity", "a photograph"])
def test_a_packet_that_does_not_open_says_so_and_leaves_nothing(tmp_path: Path, wrong: str) -> None:
    identity, packet, out = tmp_path / "olga.age", tmp_path / "packet.age", tmp_path / "pair"
    identity.write_text(str(pyrage.x25519.Identity.generate()))
    to = pyrage.x25519.Identity.generate().to_public()
    packet.write_bytes(draw(1) if wrong == "a photograph" else pyrage.encrypt(b"{}", [to]))
    ran = run("examination", "look", str(packet), "--age-key", str(identity), "--out", str(out))
    assert (ran.code, "does not open" in ran.err, out.exists()) == (4, True, False)


def test_a_key_without_a_proper_name_is_not_made(tmp_path: Path) -> None:
    ran = run("examination", "make-keys", "olga outside", str(tmp_path / "keys"))
    assert (ran.code, (tmp_path / "keys").exists()) == (4, False)
