"""Figures as pictures: what they say, to whom, in which colours, and that the table beside each says the same."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from beholden.actions import enrol, gallery_figures, review
from beholden.actions.gallery_figures import gallery_figures as figures_of
from beholden.actions.marks import person_mark_of
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.sources import Source
from beholden.testing.drawn import draw
from beholden.web.drawing import DARK, LIGHT, WITHHELD, Bars, Curve, Dot, Sheet, bars, curves
from beholden.web.words import speaking
from tests.actions.test_evaluate import finish, in_force, report, start
from tests.agency import Agency
from tests.web.browser import Browser

SVG = "{http://www.w3.org/2000/svg}"
ALL = [Sheet(dark, narrow) for dark in (False, True) for narrow in (False, True)]


@pytest.fixture
def gallery(agency: Agency) -> Gallery:
    """Seven references of two sources: six with a date, one without."""
    made, source, other = agency.gallery(), agency.source(), agency.source(name="another register")
    for person in range(1, 7):
        take(agency, source, made, person, f"20{10 + person // 2}-05")
    take(agency, other, made, 7)
    return made


def take(agency: Agency, source: Source, gallery: Gallery, person: int, captured_at: str = "") -> str:
    """The id of the reference, of a photograph that was taken then."""
    told = enrol.TakenFrom(file=f"{person}.png", person_ref=f"person {person}", captured_at=captured_at)
    taken = enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(person),
        source_id=source.id,
        gallery_id=gallery.id,
        taken_from=told,
    )
    return taken.faces[0].id


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def numbers(page: str) -> dict[str, str]:
    """The rows of every table behind a figure."""
    return dict(re.findall(r'<tr><th scope="row">([^<]*)</th><td class="number">([^<]*)</td></tr>', page))


def test_figures_of_a_gallery_count_what_may_be_compared(agency: Agency, gallery: Gallery) -> None:
    found = figures_of(agency.system, agency["pia"], gallery_id=gallery.id)
    assert (found.references, found.read, found.opened, found.undated) == (7, 7, 7, 1)
    assert sum(count or 0 for count in found.quality) == sum(count or 0 for count in found.pose) == 7
    assert found.years == ((2010, 2010, 1), (2011, 2011, 2), (2012, 2012, 2), (2013, 2013, 1))
    supplies = gallery_figures.supplies(agency.system, agency["pia"], gallery_id=gallery.id)
    assert [(one.source.name, one.references) for one in supplies][-1] == ("another register", 1)


def test_the_page_of_a_gallery_has_each_figure_as_a_picture_and_as_a_table(agency: Agency, gallery: Gallery) -> None:
    pia = Browser(agency, "pia")
    page = pia.open(f"/galleries/{gallery.id}")
    rows = numbers(page.text)
    for name in ("quality", "pose", "years"):
        address = f"/galleries/{gallery.id}/{name}.svg"
        assert f'<img src="{address}" alt="' in page.text
        answer = pia.open(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        said = texts(answer.text)
        for label, count in rows.items():
            if label in said and count not in ("0", "not told"):
                assert count in said, (name, label)
    assert rows["2011"] == "2"
    assert "1 have no date." in pia.open(f"/galleries/{gallery.id}").text
    assert "In this gallery" not in pia.text
    assert "another register" in pia.text


def test_who_does_not_keep_the_register_is_told_no_small_count(agency: Agency, gallery: Gallery) -> None:
    ines, pia = Browser(agency, "ines"), Browser(agency, "pia")
    shown = ines.open(f"/galleries/{gallery.id}")
    assert "Counts below five, and what would give them away, are not told." in ines.text
    rows = numbers(shown.text)
    assert {rows[year] for year in ("2010", "2011", "2012", "2013")} == {"not told"}
    said = texts(ines.open(f"/galleries/{gallery.id}/years.svg").text)
    assert said.count("–") == 4
    assert numbers(pia.open(f"/galleries/{gallery.id}").text)["2011"] == "2"
    assert "Counts below five, and what would give them away, are not told." not in pia.text


def test_of_so_few_that_each_figure_would_be_of_single_photographs_nothing_is_told(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    take(agency, source, gallery, 1, "2012")
    ines = Browser(agency, "ines")
    assert "/quality.svg" not in ines.open(f"/galleries/{gallery.id}").text
    assert ines.open(f"/galleries/{gallery.id}/quality.svg").status_code == 404
    assert Browser(agency, "stella").open(f"/galleries/{gallery.id}/quality.svg").status_code == 200


def test_nothing_is_told_to_who_owes_a_blind_opinion_or_does_not_see_the_register(
    agency: Agency, gallery: Gallery
) -> None:
    for name in ("rosa", "ada"):
        for part in ("", "/quality.svg", "/years.svg"):
            assert Browser(agency, name).open(f"/galleries/{gallery.id}{part}").status_code == 404, (name, part)
    agency.change_roles("rosa", "examiner", "supervisor")
    rosa = Browser(agency, "rosa")
    assert "/quality.svg" in rosa.open(f"/galleries/{gallery.id}").text
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    shown = rosa.open(f"/galleries/{gallery.id}")
    assert shown.status_code == 200
    assert "/quality.svg" not in shown.text
    assert "another register" not in rosa.text
    assert rosa.open(f"/galleries/{gallery.id}/quality.svg").status_code == 404


def test_what_was_erased_is_in_no_figure_though_one_was_just_drawn(agency: Agency, gallery: Gallery) -> None:
    pia = Browser(agency, "pia")
    assert numbers(pia.open(f"/galleries/{gallery.id}").text)["2013"] == "1"
    [face] = [
        one for one in agency.find(Face) if one.person_mark == person_mark_of(agency.system, one.source_id, "person 6")
    ]
    agency.erase(face.id)
    assert "2013" not in numbers(pia.open(f"/galleries/{gallery.id}").text)


def test_as_many_that_are_added_as_erased_leave_no_figure_as_it_was(agency: Agency, gallery: Gallery) -> None:
    before = gallery_figures.holds(agency.system, agency["pia"], gallery_id=gallery.id)
    face = next(one for one in agency.find(Face) if one.gallery_id == gallery.id)
    agency.erase(face.id)
    after = gallery_figures.holds(agency.system, agency["pia"], gallery_id=gallery.id)
    assert (sum(after), after != before) == (sum(before), True)


@pytest.mark.parametrize("on", ALL)
def test_a_picture_is_one_well_formed_drawing_without_style_script_or_link(on: Sheet) -> None:
    drawn = [
        bars(on, "a <b> & c", [Bars(["1", "2"], [3, None], "title", "below", 1, "bound"), Bars(["x"], [0])]),
        curves(
            on,
            "det",
            [
                Curve([(-6, -1), (-3, -2), (0, -3)], 1, "any", leading=True),
                Curve([(0, -3)], 0, "one"),
                Curve([], 0, ""),
            ],
            [Dot(-3, -2, "0.41")],
            x=(-7, 0),
            y=(-3, 0),
            x_words="x",
            y_words="y",
        ),
    ]
    colours = set((DARK if on.dark else LIGHT).values())
    for svg in drawn:
        tree = ElementTree.fromstring(svg)
        assert tree.find(f"{SVG}title") is not None
        for element in tree.iter():
            assert element.tag.removeprefix(SVG) in {"svg", "title", "rect", "text", "line", "polyline", "circle"}
            assert not {"style", "class", "href", "onload"} & set(element.attrib)
            used = {element.get("fill"), element.get("stroke")} - {None, "none"}
            assert used <= colours, used
        assert int(tree.get("width") or 0) == on.width


def test_a_bar_that_is_not_told_has_no_height_of_its_own() -> None:
    _, hidden, told = ElementTree.fromstring(bars(Sheet(), "t", [Bars(["1", "2"], [None, 9])])).iter(f"{SVG}rect")
    assert (hidden.get("height"), hidden.get("fill")) == (f"{WITHHELD:.1f}", "none")
    assert told.get("fill") == LIGHT["accent"]


def test_years_that_are_many_are_put_together(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    for person, year in enumerate((1980, 1981, 1999, 2020), 1):
        take(agency, source, gallery, person, str(year))
    found = figures_of(agency.system, agency["pia"], gallery_id=gallery.id)
    assert [one for one in found.years if one[2]] == [(1980, 1984, 2), (1995, 1999, 1), (2020, 2024, 1)]
    assert "1980–84" in numbers(Browser(agency, "pia").open(f"/galleries/{gallery.id}").text)


def test_a_calibration_is_drawn_with_the_score_at_which_one_unrelated_person_is_expected(
    agency: Agency, gallery: Gallery
) -> None:
    made = in_force(agency, report())
    aude = Browser(agency, "aude")
    shown = aude.open(f"/calibrations/{made.id}")
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>((?:<td class="number">[^<]*</td>)+)</tr>', shown.text)
    [one] = [re.findall(r">([^<]*)</td>", cells) for unrelated, cells in rows if unrelated == "1"]
    assert one[1] == "1 in 7", "one unrelated person among the seven that are held"
    assert "Among the 7 references that are held now." in aude.text
    said = texts(aude.open(f"/calibrations/{made.id}/det.svg").text)
    assert one[0] in said, "the mark on the curve says its score"
    assert "any quality" in said
    assert aude.open("/calibrations/none").status_code == 404


def test_a_proposed_calibration_says_what_it_would_change(agency: Agency, gallery: Gallery) -> None:
    in_force(agency, report())
    assert "What would change" not in Browser(agency, "pia").open("/calibrations").text
    content = report(measured_on="other photographs", people=41)
    finish(agency, start(agency, files=["a/1.jpg 1"]), content)
    Browser(agency, "stella").send("/calibrations", {"measured_on": ""}, files={"report": ("report.json", content)})
    pia = Browser(agency, "pia")
    pia.open("/calibrations")
    [waits] = re.findall(r'action="/calibrations/([0-9a-f]+)/accept"', pia.page.text)
    pia.open(f"/calibrations/{waits}")
    assert "What would change" in pia.text
    assert "It waits for a privacy officer who did not propose it." in pia.text


def test_uses_are_counted_by_week_and_by_month_and_withheld_from_the_public(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.search(ready.authority)
    pia = Browser(agency, "pia")
    day = agency.clock.at
    query = f"begins_at={day - timedelta(days=14):%Y-%m-%d}&ends_at={day + timedelta(days=1):%Y-%m-%d}"
    page = pia.open(f"/statement?{query}")
    assert f'<img src="/statement/uses.svg?{query.replace("&", "&amp;")}"' in page.text
    monday = day - timedelta(days=day.weekday())
    assert numbers(page.text)[f"{monday:%Y-%m-%d}"] == "1"
    assert "1" in texts(pia.open(f"/statement/uses.svg?{query}").text)
    assert numbers(pia.open(f"/statement?{query}&public=yes").text)[f"{monday:%Y-%m-%d}"] == "not told"
    assert "–" in texts(pia.open(f"/statement/uses.svg?{query}&public=yes").text)
    long = f"begins_at={day - timedelta(days=800):%Y-%m-%d}&ends_at={day + timedelta(days=1):%Y-%m-%d}"
    assert numbers(pia.open(f"/statement?{long}").text)[f"{day:%Y-%m}-01"] == "1"
    nothing = "begins_at=2020-01-01&ends_at=2020-02-01"
    assert "/statement/uses.svg" not in pia.open(f"/statement?{nothing}").text
    assert "Nothing was compared." in texts(pia.open(f"/statement/uses.svg?{nothing}").text)
    assert pia.open("/statement/uses.svg?begins_at=x&ends_at=y").status_code == 422
    assert pia.open("/statement/uses.svg?begins_at=2020-02-01&ends_at=2020-01-01").status_code == 422
    assert Browser(agency, "ines").open(f"/statement/uses.svg?{query}").status_code == 404


def test_a_picture_speaks_the_reader_s_language(agency: Agency, gallery: Gallery) -> None:
    pia = Browser(agency, "pia")
    assert "quality of 100; more is better" in texts(pia.open(f"/galleries/{gallery.id}/quality.svg").text)
    pia.open("/galleries?lang=fr")
    french = texts(pia.open(f"/galleries/{gallery.id}/pose.svg").text)
    assert "0,4" in french
    with speaking("fr"):
        assert "1\u00a0000" in texts(bars(Sheet(), "t", [Bars(["1"], [1000])]))


def test_the_lines_of_a_curve_are_named_from_the_top_down_and_never_upon_each_other() -> None:
    lines = [
        Curve([(0, -3), (-6, height)], 1, name, leading=name == "any")
        for name, height in (("any", -0.7), ("worst", -0.3), ("best", -1.2), ("middle", -0.68))
    ]
    svg = curves(Sheet(), "t", lines, [], x=(-7, 0), y=(-3, 0), x_words="x", y_words="y")
    places = {
        one.text: float(one.get("y") or 0)
        for one in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if one.text in {"any", "worst", "best", "middle"}
    }
    assert sorted(places, key=lambda name: places[name]) == ["worst", "middle", "any", "best"]
    stands = sorted(places.values())
    assert all(below - above >= 15 for above, below in pairwise(stands))
