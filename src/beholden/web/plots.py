"""Figures that people would rather look at than read: each a picture at its own address, with the same numbers as a table.

Nothing of them is text in a script or a style: the server draws them (`drawing.py`), for light, dark, wide and narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from beholden.actions import calibration_figures, gallery_figures, uses
from beholden.actions.calibration_figures import LEAST_FMR, Det, Trace
from beholden.actions.gallery_figures import GalleryFigures
from beholden.actions.uses import Uses
from beholden.errors import BadInput, Missing
from beholden.records.calibration import ALL_QUALITIES
from beholden.web import words
from beholden.web.drawing import Bars, Curve, Dot, Sheet, bars, curves
from beholden.web.of_process import the_one
from beholden.web.who import Seat
from beholden.web.words import _, ngettext

router = APIRouter()

# A draw opens a few hundred seals: not for each picture, and all of a page show one draw.
KEPT_FOR = timedelta(minutes=10)
HARD_POSE = 4  # tenths: below them the head is said to be turned away (records/quality.py)
LEAST_FNMR = 1e-3  # of a few hundred people nothing below it is known
_drawing = Lock()


def sheet(dark: bool = False, narrow: bool = False) -> Sheet:
    return Sheet(dark, narrow)


Asked = Annotated[Sheet, Depends(sheet)]


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure on a page: its picture's address, what it shows in words, and the numbers behind it."""

    path: str
    title: str
    alt: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    query: str = ""  # of the picture, beside how it is to look

    def src(self, **how: str) -> str:
        asked = "&".join(part for part in (self.query, urlencode(how)) if part)
        return f"{self.path}?{asked}" if asked else self.path


@router.get("/galleries/{gallery_id}/quality.svg")
def quality_picture(request: Request, seat: Seat, on: Asked, gallery_id: str) -> Response:
    figures = _told(request, seat, gallery_id)
    return _picture(bars(on, _("Quality of the references"), [_quality(figures)]))


@router.get("/galleries/{gallery_id}/pose.svg")
def pose_picture(request: Request, seat: Seat, on: Asked, gallery_id: str) -> Response:
    figures = _told(request, seat, gallery_id)
    return _picture(bars(on, _("How far heads are turned"), [_pose(figures)]))


@router.get("/galleries/{gallery_id}/years.svg")
def years_picture(request: Request, seat: Seat, on: Asked, gallery_id: str) -> Response:
    figures = _told(request, seat, gallery_id)
    return _picture(bars(on, _("When the photographs were taken"), [_years(figures)]))


@router.get("/calibrations/{calibration_id}/det.svg")
def det_picture(seat: Seat, on: Asked, calibration_id: str) -> Response:
    return _picture(_det(on, calibration_figures.det(*seat, calibration_id=calibration_id)))


@router.get("/statement/uses.svg")
def uses_picture(seat: Seat, on: Asked, begins_at: str, ends_at: str, public: str = "") -> Response:
    system, _officer = seat
    there = uses.uses_over_time(*seat, begins_at=day_of(begins_at), ends_at=day_of(ends_at), public=public == "yes")
    rows = [
        Bars(
            [_part(there, place) for place in range(len(there.parts))],
            counts,
            system.policy.pack.title(purpose, words.language()),
        )
        for purpose, counts in there.counts
    ]
    return _picture(bars(on, _("Uses over time"), rows or [Bars([""], [0], _("Nothing was compared."))]))


def gallery_plots(request: Request, seat: Seat, gallery_id: str) -> list[Plot]:
    """Of what is there to be told to this person; none where there is nothing."""
    try:
        figures = _told(request, seat, gallery_id)
    except Missing:
        return []
    path = f"/galleries/{gallery_id}"
    made = []
    if figures.read:
        drawn = _drawn(figures.read, figures.references)
        made = [
            _of_bars(f"{path}/quality.svg", _("Quality of the references"), _quality(figures), drawn),
            _of_bars(f"{path}/pose.svg", _("How far heads are turned"), _pose(figures), drawn),
        ]
    if figures.years:
        undated = _("%(num)s have no date.") % {"num": _count(figures.undated)} if figures.undated != 0 else ""
        opened = _drawn(figures.opened, figures.references)
        note = " ".join(
            part
            for part in (opened, undated, _("By what sources say of the photographs; nobody’s age is in it."))
            if part
        )
        made.append(_of_bars(f"{path}/years.svg", _("When the photographs were taken"), _years(figures), note))
    return made


def det_plot(there: Det) -> Plot:
    title = _("How often a person is missed, against how often somebody unrelated scores as high")
    rows = tuple(
        (
            words.number(mark.unrelated, "g"),
            words.number(mark.point.score, ".2f"),
            _one_in(mark.point.fmr),
            _percent(mark.point.fnmr),
            _("yes") if mark.point.extrapolated else _("no"),
        )
        for mark in there.marks
    )
    references = words.number(there.references)
    note = (
        _("Among the %(num)s references that are held now. One photograph as a probe, any quality.")
        if there.held
        else _(
            "Among %(num)s references, as in the largest gallery that was measured. One photograph as a probe, any quality."
        )
    ) % {"num": references}
    chosen = next((mark for mark in there.marks if mark.unrelated == 1), None)
    alt = (
        _("%(title)s. Where one unrelated person is expected, at a score of %(score)s, %(missed)s are missed.")
        % {
            "title": title,
            "score": words.number(chosen.point.score, ".2f"),
            "missed": _percent(chosen.point.fnmr),
        }
        if chosen
        else title
    )
    of = there.calibration.id if there.calibration else calibration_figures.OF_THE_MODEL
    heads = (
        _("Unrelated people expected"),
        _("Score"),
        _("Unrelated pairs that score as high"),
        _("Missed"),
        _("Extrapolated"),
    )
    return Plot(f"/calibrations/{of}/det.svg", title, alt, heads, rows, note)


def det_changes(there: Det, now: Det) -> list[tuple[str, str, str, str, str]]:
    """For each number of unrelated people: the score and who is missed, as lists quote it now, and by `there`."""
    before = {mark.unrelated: mark.point for mark in now.marks}
    return [
        (
            words.number(mark.unrelated, "g"),
            words.number(old.score, ".2f"),
            words.number(mark.point.score, ".2f"),
            _percent(old.fnmr),
            _percent(mark.point.fnmr),
        )
        for mark in there.marks
        if (old := before.get(mark.unrelated))
    ]


def uses_plot(seat: Seat, begins_at: str, ends_at: str, public: str) -> Plot | None:
    """None where nothing was compared in that time."""
    system, _officer = seat
    there = uses.uses_over_time(*seat, begins_at=day_of(begins_at), ends_at=day_of(ends_at), public=public == "yes")
    if not there.counts:
        return None
    pack = system.policy.pack
    heads = (
        _("Month") if there.by_month else _("Week from"),
        *(pack.title(name, words.language()) for name, _c in there.counts),
    )
    rows = tuple(
        (words.day(part), *(_count(counts[place]) for _name, counts in there.counts))
        for place, part in enumerate(there.parts)
    )
    alt = ngettext(
        "Searches and one-to-one comparisons for %(num)d purpose, over time.",
        "Searches and one-to-one comparisons for %(num)d purposes, over time, one row of bars for each.",
        len(there.counts),
    ) % {"num": len(there.counts)}
    asked = {"begins_at": begins_at, "ends_at": ends_at} | ({"public": public} if public else {})
    note = _("Searches and one-to-one comparisons that were begun.")
    return Plot("/statement/uses.svg", _("Uses over time"), alt, heads, rows, note, urlencode(asked))


def _told(request: Request, seat: Seat, gallery_id: str) -> GalleryFigures:
    """The last draw of the last minutes, unless references were added, erased or restricted since: they are in no figure."""
    system, officer = seat
    now: datetime = system.clock.now()
    holds = gallery_figures.holds(system, officer, gallery_id=gallery_id)
    with _drawing:
        kept = the_one(request.app.state, "gallery_figures", dict[str, GalleryFigures])
        for id in [id for id, one in kept.items() if now - one.at >= KEPT_FOR]:
            del kept[id]
        if gallery_id not in kept or kept[gallery_id].holds != holds:
            kept[gallery_id] = gallery_figures.gallery_figures(system, officer, gallery_id=gallery_id)
        drawn = kept[gallery_id]
    told = gallery_figures.as_told(system, officer, drawn)
    if told is None:
        raise Missing("there are no figures of this gallery for you now")
    return told


def _drawn(num: int, of: int) -> str:
    """What a figure says of the lot; nothing where all of them are in it."""
    if num == of:
        return ""
    return _("Of %(of)s references, %(num)s were drawn by lot.") % {"of": words.number(of), "num": words.number(num)}


def _quality(figures: GalleryFigures) -> Bars:
    labels = [f"{10 * band}–{100 if band == 9 else 10 * band + 9}" for band in range(len(figures.quality))]
    return Bars(labels, figures.quality, below=_("quality of 100; more is better"))


def _pose(figures: GalleryFigures) -> Bars:
    labels = [words.number(band / 10, ".1f") for band in range(len(figures.pose))]
    return Bars(
        labels,
        figures.pose,
        below=_("from 0, in profile, to 1, looking at the camera"),
        bound=HARD_POSE,
        bound_words=_("turned away"),
    )


def _years(figures: GalleryFigures) -> Bars:
    labels = [str(first) if first == last else f"{first}–{last % 100:02}" for first, last, _of in figures.years]
    counts = [count for _first, _last, count in figures.years]
    return Bars(labels, counts, below=_("year in which the photograph was taken"))


def _of_bars(path: str, title: str, drawn: Bars, note: str) -> Plot:
    told = [(label, count) for label, count in zip(drawn.labels, drawn.counts, strict=True) if count]
    label, _most = max(told, key=lambda one: one[1], default=("–", 0))
    alt = _("%(title)s: most stand at %(label)s.") % {"title": title, "label": label}
    rows = tuple((label, _count(count)) for label, count in zip(drawn.labels, drawn.counts, strict=True))
    return Plot(path, title, alt, (drawn.below[:1].upper() + drawn.below[1:], _("References")), rows, note)


def _det(on: Sheet, there: Det) -> str:
    lines = [_line(trace, leading=place == 0) for place, trace in enumerate(there.traces)]
    dots = [
        Dot(
            math.log10(mark.point.fmr),
            math.log10(max(mark.point.fnmr, LEAST_FNMR)),
            words.number(mark.point.score, ".2f"),
        )
        for mark in there.marks
        if mark.unrelated == 1
    ]
    return curves(
        on,
        _("How often a person is missed, against how often somebody unrelated scores as high"),
        lines,
        dots,
        x=(math.log10(LEAST_FMR), 0),
        y=(math.log10(LEAST_FNMR), 0),
        x_words=_("share of unrelated pairs that score as high"),
        y_words=_("share of people who are missed"),
    )


def _line(trace: Trace, *, leading: bool) -> Curve:
    points = [point for point in trace.points if point.fmr >= LEAST_FMR]
    solid = next((place for place, point in enumerate(points) if point.extrapolated), len(points))
    every = (trace.least_quality, trace.most_quality) == ALL_QUALITIES
    said = (
        _("any quality")
        if every
        else _("quality %(least)d–%(most)d") % {"least": trace.least_quality, "most": trace.most_quality}
    )
    at = [(math.log10(point.fmr), math.log10(max(point.fnmr, LEAST_FNMR))) for point in points]
    return Curve(at, max(0, solid - 1), said, leading)


def _part(there: Uses, place: int) -> str:
    return there.parts[place].strftime("%Y-%m" if there.by_month else "%m-%d")


def _count(count: int | None) -> str:
    return _("not told") if count is None else words.number(count)


def _percent(share: float) -> str:
    return f"{words.number(float(f'{100 * share:.2g}'), 'g')}\u00a0%"


def _one_in(rate: float) -> str:
    return _("1 in %(num)s") % {"num": words.number(round(float(f"{1 / rate:.2g}")))}


def _picture(svg: str) -> Response:
    return Response(svg, media_type="image/svg+xml")


def day_of(typed: str) -> datetime:
    """The begin of a day in UTC. Raises `BadInput` for what is none."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{typed[:40]!r} is no day; type it as 2026-11-22") from None
