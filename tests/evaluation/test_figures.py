"""Figures are drawn from the report alone, byte for byte the same, and not where there is nothing to draw."""

from __future__ import annotations

import copy
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from PIL import Image

from beholden.evaluation.drawing import DEEP, EARTH, INK, LOOKS, PALE, drawable, errors_of
from beholden.evaluation.figures import TITLES, draw, left_out
from beholden.evaluation.people import INSUFFICIENT
from tests.evaluation import sample_report

FULL = sample_report.full()


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return draw(FULL)


def words(svg: bytes) -> str:
    """The texts of a figure: matplotlib writes each beside the outlines of its letters."""
    return " ".join(re.findall(r"<!-- (.*?) -->", svg.decode()))


def only_cohorts() -> dict[str, Any]:
    return sample_report.bare() | {"cohorts": sample_report.full()["cohorts"]}


def without_people(report: dict[str, Any]) -> dict[str, Any]:
    """The same report with every rate of too few people."""

    def small(part: Any) -> Any:
        if isinstance(part, dict):
            return {"people": 7, "value": INSUFFICIENT} if "trials" in part and "people" in part else told(part)
        return [small(one) for one in part] if isinstance(part, list) else part

    def told(part: dict[str, Any]) -> dict[str, Any]:
        return {key: small(value) for key, value in part.items()}

    return told(report)


def test_every_figure_is_drawn_as_svg_and_png(drawn: dict[str, bytes]) -> None:
    assert set(drawn) == {f"{name}.{kind}" for name in TITLES for kind in ("svg", "png")}
    assert left_out(FULL) == {}
    for name, content in drawn.items():
        if name.endswith(".svg"):
            assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
        else:
            with Image.open(io.BytesIO(content)) as picture:
                assert picture.width == 1340  # 200 dots an inch at the width of a page


def test_the_same_report_gives_the_same_bytes(drawn: dict[str, bytes]) -> None:
    assert draw(copy.deepcopy(FULL)) == drawn


def test_a_figure_names_no_date_and_no_program(drawn: dict[str, bytes]) -> None:
    for content in drawn.values():
        assert b"atplotlib v" not in content
        assert b"<dc:date>" not in content
        assert b"Software" not in content


def test_nothing_in_a_figure_is_fetched_or_runs(drawn: dict[str, bytes]) -> None:
    for name, content in drawn.items():
        if name.endswith(".svg"):
            assert b"<script" not in content
            assert re.findall(rb'href="(?!#)[^"]*"', content) == []


def test_axes_name_what_they_show_and_operating_points_are_labelled(drawn: dict[str, bytes]) -> None:
    det = words(drawn["det.svg"])
    assert "FMR: share of non-mated pairs at or above the score" in det
    assert "FNMR: share of mated pairs below the score" in det
    for cell in FULL["all_pairs"]["tmr_at_fmr"].values():
        assert f"score {cell['threshold']:.3f}" in det
    assert "rank 1: 98.34" in words(drawn["cmc.svg"])
    assert "rank 10: 99.39\N{NO-BREAK SPACE}%, at least 99.07" in words(drawn["cmc.svg"])
    assert "References in the gallery" in words(drawn["fnir-by-gallery.svg"])


def test_a_cohort_with_too_few_people_is_named_and_says_so(drawn: dict[str, bytes]) -> None:
    told = words(drawn["cohorts.svg"])
    assert told.count("insufficient data") == 2  # once for FMR, once for FNMR
    for cell in FULL["cohorts"]["cells"]:
        assert cell["cohort"] in told


def test_lines_are_told_apart_without_colour() -> None:
    assert len({str(look["linestyle"]) for look in LOOKS}) == len({look["marker"] for look in LOOKS}) == len(LOOKS) == 6


def test_no_colour_is_a_verdict() -> None:
    for colour in (INK, DEEP, EARTH, PALE):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        assert not (red > 1.8 * max(green, blue))
        assert not (green > 1.3 * max(red, blue))


def test_where_nothing_was_measured_each_figure_says_why() -> None:
    assert draw(sample_report.bare()) == {}
    reasons = left_out(sample_report.bare())
    assert set(reasons) == set(TITLES)
    assert reasons["cohorts"] == "no labels.csv says who belongs to which cohort"


def test_where_there_are_too_few_people_no_figure_of_rates_is_drawn() -> None:
    few = without_people(FULL)
    few["identification"]["cmc"] = INSUFFICIENT
    few["all_pairs"] |= {"curve": None, "distribution": None, "tippett": None}
    assert draw(few) == {}
    assert left_out(few) == dict.fromkeys(TITLES, INSUFFICIENT)


def test_a_report_without_close_pairs_draws_its_cohorts_all_the_same() -> None:
    report = only_cohorts()
    for cell in report["cohorts"]["cells"]:
        for at in cell["at"].values():
            at["fmr"] = INSUFFICIENT
            del at["rates"]["fmr"]
    assert words(draw(report)["cohorts.svg"]).count("insufficient data") == 5


def test_a_cohort_may_have_any_name() -> None:
    report = only_cohorts()
    report["cohorts"]["cells"][0]["cohort"] = r"$\frac{1}{0}$ <b>&"
    report["cohorts"]["cells"][1]["cohort"] = "日本 \u202e " + "x" * 80
    told = draw(report)["cohorts.svg"]
    ElementTree.fromstring(told)
    assert b"<b>" not in re.sub(rb"<!--.*?-->", b"", told)
    assert drawable("日本 a") == "□□ a"


def test_bounds_of_errors_are_those_of_successes_turned_round() -> None:
    assert errors_of({"interval_95": [0.75, 1.0]}) == {"interval_95": [0.0, 0.25]}
    assert errors_of({"at_least": 0.75}) == {"at_most": 0.25}


def test_drawing_changes_no_setting_of_anybody_else() -> None:
    before = dict(mpl.rcParams)
    draw(sample_report.bare())
    assert dict(mpl.rcParams) == before


def test_drawing_leaves_nothing_in_the_persons_cache_and_takes_no_settings_of_theirs(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("lines.linewidth: 7\n")
    temporary.mkdir()
    program = "import beholden.evaluation.drawing, matplotlib; print(matplotlib.rcParams['lines.linewidth'])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MPL", "XDG"))}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"HOME": str(home), "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(ran.stdout) == 1.5
    assert not (home / ".cache").exists()
    assert list(temporary.iterdir()) == []
