"""`beholden bench search`: every engine over the same rows in one run, in the promised shape, held to a comparison in float64."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.benching import drawing, identities, ours, rivals, searching, starting
from beholden.benching.bandwidth import read_bandwidth
from beholden.benching.measuring import LeftOut
from beholden.benching.searching import Asked, Found, Speed
from beholden.cli import bench, main
from beholden.errors import BadInput, Fault

KEYS = {"min_ms", "median_ms", "mates", "mates_found", "bytes_per_row"}
SMALL = ("search", "--rows", "2000", "--dim", "32", "--probes", "10", "--rounds", "2")


def told(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    assert main(["bench", *command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.timeout(300)
def test_ours_finds_every_mate_that_a_comparison_in_float64_finds_and_what_is_not_installed_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    figure = tmp_path / "search.svg"
    found = told(
        capfd,  # type: ignore[arg-type]  # the same, of all that is begun too
        *(*SMALL, "--engines", "beholden,numpy,lancedb", "--peers", sys.executable, "--plot", str(figure)),
    )
    assert (found["rows"], found["dim"]) == (2000, 32)
    assert found["bandwidth_gbps"] > 0
    assert list(found["engines"]) == list(searching.ENGINES)
    for name in ("beholden", "numpy"):
        engine = found["engines"][name]
        assert set(engine) >= KEYS
        assert 0 < engine["min_ms"] <= engine["median_ms"]
        assert engine["searches"] == 10
        assert engine["mates_found"] == engine["mates"] > 0
        assert engine["recall"] == 1
        assert engine["bytes_per_row"] > 0
    assert found["engines"]["beholden"]["share_of_bandwidth"] == found["beholden"]["share_of_bandwidth"] > 0
    assert found["beholden"]["proven"] is True
    assert found["beholden"]["rows"] == 2000
    assert found["beholden"]["rescored"] >= searching.LIMIT
    assert set(found["times_as_fast"]) == {"numpy"}
    assert found["engines"]["lancedb"] is None
    assert "lancedb is not installed" in found["left_out"]["lancedb"]
    assert found["left_out"]["usearch"] == "it was not asked for"
    assert list(place.iterdir()) == []
    assert figure.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--engines", "beholden,telepathy"), "there is no engine telepathy"),
        (("--seed", "1", "--threads", "-1"), "threads and searches at once are counted from 1"),
        (("--peers", "/nowhere/python"), "is no Python that can be run"),
        (("--beside", "/nowhere/figures.json"), "is no JSON of `beholden bench search`"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    wrong: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *SMALL, *wrong]) == 4
    assert words in " ".join(capsys.readouterr().err.split())


def test_faces_are_added_by_the_thousand_and_there_are_as_many_rows_as_probes() -> None:
    with pytest.raises(BadInput, match="by the thousand"):
        searching.check(Asked(rows=100, dimension=8, adding=10))
    with pytest.raises(BadInput, match="give at least as many rows as probes"):
        searching.check(Asked(rows=5, dimension=8, probes=6))


def test_the_same_seed_makes_the_same_people_and_others_make_others(tmp_path: Path) -> None:
    made = []
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        made.append(identities.make(tmp_path / name, rows=300, dimension=16, probes=30, seed=seed))
    contents = [one.references.read_bytes() + one.probes.read_bytes() for one in made]
    assert contents[0] == contents[1] != contents[2]
    references, probes = np.load(made[0].references), np.load(made[0].probes)
    assert references.dtype == probes.dtype == np.float32
    assert np.allclose(np.linalg.norm(references, axis=1), 1, atol=1e-6)
    genuine = (references[list(made[0].mates)] * probes).sum(axis=1)
    assert abs(genuine.mean() - identities.GENUINE) < 0.1
    assert genuine.std() > 0.02


def test_the_nearest_are_those_of_a_plain_comparison_however_the_rows_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = identities.make(tmp_path, rows=500, dimension=8, probes=20, seed=3)
    references, probes = np.load(made.references).astype(np.float64), np.load(made.probes).astype(np.float64)
    plain = [np.lexsort((np.arange(500), -(references @ probe)))[:7].tolist() for probe in probes]
    assert identities.best(made, 7) == plain
    monkeypatch.setattr(identities, "AT_ONCE", 60)
    assert identities.best(made, 7) == plain
    assert len(identities.best(made, 1000)[0]) == 500


def order(tmp_path: Path, rows: int = 600) -> dict[str, Any]:
    made = identities.make(tmp_path, rows=rows, dimension=16, probes=12, seed=4)
    return {
        "references": str(made.references),
        "probes": str(made.probes),
        "folder": str(tmp_path),
        "limit": 10,
        "threads": 1,
    }


def test_ours_is_asked_many_at_once_and_while_faces_are_added(tmp_path: Path) -> None:
    asked = ours.Searched(order(tmp_path))
    assert asked.about(None)["rows"] == 600
    assert asked.bandwidth(None) > 1e6
    assert 1e7 < read_bandwidth(2**22, threads=2, times=2) < 1e13
    both = asked.concurrent({"at_once": 4, "searches": 8, "rounds": 1})
    assert both["at_once"] == 4
    assert both["one_per_s"] > 0
    assert both["at_once_per_s"] > 0
    adding = asked.adding({"count": 3000, "batch": 1000, "searches": 5, "seed": 9})
    assert adding["added"] == 3000
    assert adding["searches"] > 0
    assert asked.about(None)["rows"] == 600, "what was added is not dropped again"
    assert threading.active_count() == 1 or all(not one.name.startswith("Thread-") for one in threading.enumerate())


def test_more_rows_than_stay_in_memory_are_read_from_sealed_segments_with_the_same_answers(tmp_path: Path) -> None:
    asked = order(tmp_path)
    sealed, plain = ours.Searched(asked, resident=100), ours.Searched(asked)
    assert sealed.engine.size().sealed_rows == 600
    assert sealed.about(None)["held_bytes_per_row"] < plain.about(None)["held_bytes_per_row"]
    assert [sealed.search(probe) for probe in sealed.probes] == [plain.search(probe) for probe in plain.probes]


def test_a_plain_product_answers_questions_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = order(tmp_path)
    lines = [json.dumps(asked), json.dumps({"probes": [0, 5]}), json.dumps({"twice": 4}), ""]
    monkeypatch.setattr("sys.stdin", StringIO("\n".join(lines) + "\n"))
    monkeypatch.setattr("os.sched_setaffinity", lambda *_: None)  # this process is the tests'
    monkeypatch.setattr("os.dup2", lambda *_: None)
    rivals.serve(rivals.plain_numpy, ("json",), {"twice": lambda given: 2 * given})
    ready, answer, twice = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert set(ready) == {"bytes_per_row", "loaded_s"}
    made = identities.Identities(Path(asked["references"]), Path(asked["probes"]), ())
    nearest = identities.best(made, 10)
    assert answer["found"] == [nearest[0], nearest[5]]
    assert len(answer["ms"]) == 2
    assert twice == 8


def test_people_read_what_json_says_of_searches_at_once_and_while_faces_are_added(tmp_path: Path) -> None:
    asked = Asked(rows=500, dimension=16, probes=4, rounds=1, engines=("beholden",), at_once=2, adding=1000)
    noted: list[str] = []
    document = searching.document(asked, searching.measure(asked, noted.append)) | {"start": None}
    assert "2 searches at once" in noted
    (tmp_path / "run.json").write_text(json.dumps(document))
    assert drawing.read([tmp_path / "run.json"]) == [document]
    words = "\n".join(line for line in bench._of_search(document) if isinstance(line, str))
    for part in (
        "2 searches at once: ",
        "while 1,000 faces are added",
        "This machine reads ",
        "numpy: it was not asked for.",
    ):
        assert part in words


def test_an_engine_that_fails_is_left_out_with_the_reason(tmp_path: Path) -> None:
    place = searching.Place((sys.executable, "-c", "pass"), "1")
    with searching._Running("broken", place, {"threads": 1}) as one:
        assert not one.ready()
        with pytest.raises(BadInput, match="broken ended by itself"):
            one.ask("probes", [1])
        assert searching._round({"broken": one}, range(3), backwards=False) == ["broken"]
    assert set(rivals.installed()) == set(rivals.ENGINES)
    assert rivals.installed()["numpy"] == np.__version__


def speed(ms: float) -> Speed:
    return Speed(
        min_ms=ms,
        median_ms=2 * ms,
        mates=9,
        mates_found=9,
        bytes_per_row=1.0,
        recall=1.0,
        processors=1.0,
        searches=10,
        loaded_s=1.0,
        version="1",
    )


def test_the_share_of_the_bandwidth_is_what_is_scanned_in_the_least_time() -> None:
    asked = Asked(rows=1_000_000, dimension=128)
    found = Found(
        {"beholden": speed(10.0), "numpy": speed(40.0), "usearch": LeftOut("x")}, 20.0, {"scanned_bytes_per_row": 136}
    )
    document = searching.document(asked, found)
    assert document["beholden"]["share_of_bandwidth"] == pytest.approx(136e6 / 0.010 / 20e9, abs=1e-3)
    assert document["times_as_fast"] == {"numpy": {"min": 4, "median": 4}}
    assert document["left_out"]["usearch"] == "x"
    without = searching.document(asked, Found({"numpy": speed(40.0)}, None, {}))
    assert without["beholden"]["share_of_bandwidth"] is None
    assert without["engines"]["beholden"] is None
    assert without["times_as_fast"] == {}


def test_the_same_figures_are_drawn_as_the_same_bytes_and_the_least_time_counts(tmp_path: Path) -> None:
    documents = [
        searching.document(
            Asked(rows=rows, dimension=128),
            Found({"beholden": speed(ms), "numpy": speed(3 * ms)}, 20.0, {"scanned_bytes_per_row": 136}),
        )
        for rows, ms in ((10_000, 0.1), (1_000_000, 9.0), (1_000_000, 8.0))
    ]
    times, memory = drawing.lines(documents)
    assert times["beholden"] == [(10_000, 0.1), (1_000_000, 8.0)]
    assert memory[-1] == (1_000_000, pytest.approx(6.8))
    for name in ("one.svg", "two.svg"):
        drawing.draw(documents, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_what_cannot_be_drawn_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = searching.document(Asked(rows=1000, dimension=512), Found({}, None, {}))
    drawing.check(tmp_path / "x.svg", [other], 512)
    with pytest.raises(BadInput, match="different numbers of dimensions"):
        drawing.check(tmp_path / "x.svg", [other], 128)
    assert main(["bench", *SMALL, "--plot", str(tmp_path / "nowhere" / "x.svg")]) == 4
    assert "make it, or draw into another" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setattr(drawing, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match="install the extra"):
        drawing.check(tmp_path / "x.svg", [], 128)


def test_a_start_from_the_sealed_copy_is_measured_beside_one_from_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["bench", *SMALL[:-4], "--probes", "2", "--rounds", "1", "--engines", "numpy", "--start"]) == 0
    words = capsys.readouterr().out
    assert "2,000 references from the sealed copy: open after" in " ".join(words.split())
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(starting.follow, "keep", lambda _: 0)  # then there is no copy to start from
    with pytest.raises(Fault, match="that is no start"):
        starting.measure(20, lambda _: None)
