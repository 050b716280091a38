"""Measuring at the terminal: on one's own, and in a system, where it is an act and what it leaves is put in force by two."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from beholden.actions import evaluate, people
from beholden.cli import sessions
from beholden.opening import open_folder
from beholden.testing.drawn import draw
from tests.edges.terminal import SOURCE, Office, intake, make, run

WHY = ("--reason", "drawn people of the generator manifest 1, to see how often the model errs")


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drawn photographs each of 101 people, a list of pairs, cohorts, a photograph of nobody and a damaged one."""
    folder = tmp_path_factory.mktemp("photographs")
    for person in range(101):
        (folder / f"p{person:03}").mkdir()
        for seed in range(3):
            (folder / f"p{person:03}" / f"{seed}.png").write_bytes(draw(person, width=192, seed=seed))
    (folder / "p000" / "9.png").write_bytes(draw(width=192))
    (folder / "p001" / "9.png").write_bytes(draw(1, width=192)[:90])
    rows = [f"p{n:03}/0.png,p{n:03}/1.png,1\np{n:03}/0.png,p{(n + 1) % 101:03}/1.png,0" for n in range(101)]
    (folder / "pairs.csv").write_text("image_a,image_b,mated\n" + "\n".join(rows) + "\n")
    (folder / "labels.csv").write_text("identity,cohort\n" + "\n".join(f"p{n:03},{'ab'[n % 2]}" for n in range(101)))
    return folder


def test_anybody_measures_on_their_own_photographs_and_reads_pages_figures_and_numbers(
    photographs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    arguments = ("evaluate", str(photographs), "--model", "drawn:", "--processes", "1", "--out", str(out))
    ran = run(*arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    report = ran.document
    assert report == json.loads((out / "report.json").read_text())
    assert (report["images"], report["people"]) == (305, 101)
    assert report["unreadable"] == ["p001/9.png"]
    assert report["faces_not_found"] == ["p000/9.png", "p001/9.png"]
    assert report["verification"]["pairs.csv"]["accuracy_at_best_threshold"] == 1.0
    assert report["identification"]["rank1"] < 1, "a photograph without a face is a miss"
    assert {"report.html", "report.md", "report.json", "figures"} == {path.name for path in out.iterdir()}
    assert {"det.svg", "det.png", "cmc.svg"} <= {path.name for path in (out / "figures").iterdir()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.rglob("*"))
    again = run(*arguments)
    assert (again.code, "is not an empty folder" in again.err) == (4, True)
    told = run("evaluate", str(photographs), "--model", "drawn:", "--processes", "1")
    assert "101 people" in told.out
    assert all(line.isprintable() for line in told.out.splitlines())


def test_a_second_run_makes_no_template_anew_and_forgets_them_when_told(photographs: Path, tmp_path: Path) -> None:
    arguments = ("evaluate", str(photographs), "--model", "drawn:", "--processes", "1", "--json")
    assert run(*arguments).code == 0
    [kept] = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    size = kept.stat().st_size
    assert size > 300 * 128
    assert run(*arguments).code == 0
    assert kept.stat().st_size == size
    assert run(*arguments, "--forget").code == 0
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert run(*arguments, "--no-cache").code == 0
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "wrong",
    [("--processes", "0"), ("--no-cache", "--forget"), ("--data", "somewhere", "--model", "drawn:")],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_told_before_anything_is_read(wrong: tuple[str, ...]) -> None:
    assert run("evaluate", "nowhere", *wrong).code == 2


def test_a_folder_that_cannot_be_measured_says_every_fault_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in" / "who").mkdir(parents=True)
    (tmp_path / "in" / "who" / "1.png").write_bytes(draw(1))
    (tmp_path / "in" / "pairs.csv").write_text("image_a,image_b,mated\nwho/1.png,who/2.png,yes\n")
    ran = run("evaluate", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--model", "drawn:")
    assert ran.code == 4
    assert "who/2.png" in ran.err
    assert "mated" in ran.err
    assert not (tmp_path / "out").exists()


def test_req_50_in_a_system_it_is_an_act_and_two_people_put_it_in_force(office: Office, photographs: Path) -> None:
    office.people()
    out = office.folder / "report"
    arguments = ("evaluate", str(photographs), "--processes", "1")
    refused = office.run("ines", *arguments, *WHY, "--json")
    assert (refused.code, refused.document["reasons"][0]["rule_id"]) == (3, "role-measures-model")
    assert office.run("stella", *arguments, "--out", str(out)).code == 3, "without a reason"
    assert not out.exists()
    report = office.does("stella", *arguments, *WHY, "--out", str(out))
    assert report["model"]["name"] == "drawn"
    assert not [path for path in (office.folder / "cache").rglob("*") if path.is_file()], "no template is left"
    made = office.does("stella", "calibrate", str(out / "report.json"), "--on", "drawn people")
    assert office.run("stella", "calibrate", "accept", made["id"][:8]).code == 3
    assert office.does("pia", "calibrate", "accept", made["id"][:8])["state"] == "in_force"
    listed = office.does("aude", "calibrate", "list")
    assert [one["state"] for one in listed["calibrations"]] == ["in_force"]
    assert [one["state"] for one in listed["evaluations"]] == ["finished"]
    shown = office.run("aude", "calibrate", "list").out
    assert "drawn people" in shown
    assert "model" in shown
    assert listed["calibrations"][0]["model"] in shown
    changed = office.folder / "changed.json"
    changed.write_bytes((out / "report.json").read_bytes().replace(b'"seed": 20', b'"seed": 21'))
    assert office.run("stella", "calibrate", str(changed)).code == 3
    _searched(office)


def test_what_an_abandoned_run_left_goes_with_the_next_run_and_what_others_have_there_stays(
    office: Office, photographs: Path
) -> None:
    office.people("stella")
    place = office.folder / "cache" / "beholden" / "evaluate"
    system = open_folder(office.data)
    try:
        officer = people.sign_in_as(system, name="stella")
        begun = [
            evaluate.start_evaluation(system, officer, reason=WHY[1], files=[f"{n}.jpg 1"], people=40) for n in range(2)
        ]
    finally:
        system.close()
    left = [place / one.id / "0.sealed" for one in begun]
    others = [place / ("0" * 32) / "0.sealed", place / "0.templates"]
    for path in (*left, *others):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(b"sealed")
    office.does("stella", "evaluate", str(photographs), "--processes", "1", *WHY)
    assert sorted(path for path in place.rglob("*") if path.is_file()) == sorted(others)
    assert {path.name for path in place.iterdir()} == {"0" * 32, "0.templates"}


def _searched(office: Office) -> None:
    """A list of this system quotes the calibration."""
    intake(office.folder / "intake", 3)
    office.does("stella", "source", "propose", "rendered", *SOURCE)
    office.does("pia", "source", "approve", "rendered")
    office.does("pia", "gallery", "open", "references", "--purpose", "victim-id-cse")
    told = ("--source", "rendered", "--gallery", "references")
    assert office.run("stella", "enrol", str(office.folder / "intake"), *told).code == 0
    _, sought = office.case_with_sought()
    necessity = (
        *("--less-intrusive", "asked the school and the provider, neither knows the child"),
        *("--why-person", "the child in these photographs is not known to any agency"),
        *("--why-now", "new photographs of the series appeared this week"),
    )
    asked = office.does(
        "ines", "authority", "request", "2026-117", "--sought", sought, "--gallery", "references", *necessity
    )
    office.looks("sven", asked["id"])
    office.does("sven", "authority", "approve", asked["id"])
    found = office.does("ines", "search", "run", "--authority", asked["id"])
    assert found["calibration_id"]
    assert [words for words in found["statements"] if words.startswith("Measured on drawn people")]


def test_who_works_with_an_operational_system_measures_within_it(tmp_path: Path, photographs: Path) -> None:
    made = make(tmp_path, "operational")
    data = ("--data", str(tmp_path / "data"))
    typed = f"{made['token']}\na long passphrase\n"
    assert run(*data, "people", "accept", "ada", "--passphrase-stdin", stdin=typed).code == 0
    ran = run("evaluate", str(photographs), "--model", "drawn:", "--json")
    assert (ran.code, ran.document["reasons"][0]["rule_id"]) == (3, "evaluation.within-the-system")
    assert sessions.remembered() == [(tmp_path / "data").resolve()]
