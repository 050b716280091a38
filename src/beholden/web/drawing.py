"""Figures as SVG: bars and curves, drawn by hand in few shapes, for light and for dark, for a wide page and a narrow one.

Colours stand in attributes: a style sheet or a style attribute in a picture is what the policy of the pages keeps out. The
browser chooses among the four by `picture` and its media.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup

from beholden.web import words

# The tokens of own.css, which a picture cannot reach.
LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#ffffff",
        "ink": "#1c2426",
        "quiet": "#4f5b5e",
        "line": "#ccd3d5",
        "accent": "#17566a",
        "mark": "#b1480a",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#1b2225",
        "ink": "#e4eaec",
        "quiet": "#a9b6ba",
        "line": "#364146",
        "accent": "#82c6da",
        "mark": "#ffb066",
    }
)
LETTER = 7.0  # pixels of a letter, about, at the size of the labels
SIZE = 13
WITHHELD = 12.0  # the height of a bar of which nothing is told
FONT = "system-ui, -apple-system, Segoe UI, Noto Sans, Liberation Sans, sans-serif"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn on: how wide, and in which colours."""

    dark: bool = False
    narrow: bool = False

    @property
    def width(self) -> int:
        return 300 if self.narrow else 640

    def colour(self, name: str) -> str:
        return (DARK if self.dark else LIGHT)[name]


@dataclass(frozen=True, slots=True)
class Bars:
    """One row of bars. None in place of a count: too few to be told, drawn as an empty frame."""

    labels: Sequence[str]
    counts: Sequence[int | None]
    title: str = ""
    below: str = ""  # what the labels are
    bound: int | None = None  # before which bar a line stands, and what it says
    bound_words: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of (x, y), both as logarithms to the base 10; `solid` up to this place, and dashed from there."""

    points: Sequence[tuple[float, float]]
    solid: int
    words: str
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    words: str


def bars(sheet: Sheet, title: str, rows: Sequence[Bars]) -> str:
    """Rows of bars one below the other, all by one measure, so that their heights compare."""
    most = max((count or 0 for row in rows for count in row.counts), default=0)
    step = _step(most)
    top = max(step, math.ceil(most / step) * step)
    height = 200 if len(rows) == 1 else 120
    drawn, y = [], 8.0
    for row in rows:
        drawn.append(_row(sheet, row, y, height, top, step))
        y += height + (24 if row.title else 0) + 34 + (18 if row.below else 0)
    return _svg(sheet, title, y, drawn)


def curves(
    sheet: Sheet,
    title: str,
    lines: Sequence[Curve],
    dots: Sequence[Dot],
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    x_words: str,
    y_words: str,
) -> str:
    """Both axes by powers of ten, from and to these exponents. Lines are named on the left, where they lie apart."""
    left, top, right = 14.0 if sheet.narrow else 124.0, 30.0, 62.0
    height = 260.0
    across, bottom = sheet.width - left - right, top + height

    def at(point: tuple[float, float]) -> tuple[float, float]:
        along, up = (point[0] - x[0]) / (x[1] - x[0]), (point[1] - y[0]) / (y[1] - y[0])
        return left + across * min(max(along, 0), 1), bottom - height * min(max(up, 0), 1)

    drawn = [_text(sheet, sheet.width - 4, 16, y_words, "quiet", "end")]
    for power in range(math.ceil(y[0]), math.floor(y[1]) + 1):
        level = at((x[0], power))[1]
        drawn += [
            _line(sheet, left, level, left + across, level, "line"),
            _text(sheet, left + across + 6, level + 4, f"{'≤' if power == y[0] else ''}{_share(power)}", "quiet"),
        ]
    every = 3 if sheet.narrow else 2
    for power in range(math.ceil(x[0]), math.floor(x[1]) + 1):
        place = at((power, y[0]))[0]
        drawn.append(_line(sheet, place, bottom, place, bottom + 5, "quiet"))
        if power % every == 0:
            drawn.append(_text(sheet, place, bottom + 19, _one_in(power), "quiet", "middle"))
    drawn.append(_text(sheet, left, bottom + 40, _fitted(x_words, (sheet.width - left) / 6.2), "quiet"))
    taken: list[float] = []
    drawable = [line for line in lines if line.leading or not sheet.narrow]  # narrow, there is no room to name others
    for line in sorted(drawable, key=lambda line: -min(line.points)[1] if line.points else 0):
        drawn += _curve(sheet, line, [at(point) for point in line.points], taken)
    for dot in dots:
        place, level = at((dot.x, dot.y))
        drawn += [
            _line(sheet, place, level, place, bottom, "mark", dashed=True),
            Markup('<circle cx="{:.1f}" cy="{:.1f}" r="5" fill="{}" stroke="{}" stroke-width="2"/>').format(
                place, level, sheet.colour("mark"), sheet.colour("paper")
            ),
            _text(sheet, place + 4, bottom - 6, dot.words, "mark"),
        ]
    return _svg(sheet, title, bottom + 50, drawn)


def _row(sheet: Sheet, row: Bars, y: float, height: int, top: int, step: int) -> Markup:
    left, right = 44.0, 10.0
    drawn: list[Markup] = []
    if row.title:
        drawn.append(_text(sheet, 4, y + 14, _fitted(row.title, (sheet.width - 10) / LETTER), "ink", bold=True))
        y += 24
    bottom, across = y + height, sheet.width - left - right
    head = 16  # for the number above the highest bar
    for level in range(0, top + 1, step):
        at = bottom - (height - head) * level / top
        drawn += [
            _line(sheet, left, at, left + across, at, "quiet" if level == 0 else "line"),
            _text(sheet, left - 6, at + 4, words.number(level), "quiet", "end"),
        ]
    each = across / max(1, len(row.counts))
    wide = max(1.0, min(each * 0.76, 64.0))
    widest = max((len(label) for label in row.labels), default=1) * LETTER + 6
    every = max(1, math.ceil(widest / each))
    numbers = each >= max((len(words.number(count or 0)) for count in row.counts), default=1) * LETTER + 2
    for place, (label, count) in enumerate(zip(row.labels, row.counts, strict=True)):
        middle = left + each * (place + 0.5)
        tall = WITHHELD if count is None else (height - head) * count / top
        fill, edge = ("none", "accent") if count is None else (sheet.colour("accent"), "accent")
        if tall:
            drawn.append(
                Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" stroke="{}"{}/>').format(
                    middle - wide / 2,
                    bottom - tall,
                    wide,
                    tall,
                    fill,
                    sheet.colour(edge),
                    Markup(' stroke-dasharray="3 2"') if count is None else "",
                )
            )
        if numbers and count != 0:
            said = "–" if count is None else words.number(count)
            drawn.append(_text(sheet, middle, bottom - tall - 4, said, "ink", "middle"))
        if place % every == 0:
            drawn.append(_text(sheet, middle, bottom + 18, label, "quiet", "middle"))
    if row.bound is not None:
        at = left + each * row.bound
        drawn.append(_line(sheet, at, y, at, bottom, "mark", dashed=True))
        drawn.append(_text(sheet, at + 5, y + 11, row.bound_words, "mark"))
    if row.below:
        drawn.append(_text(sheet, left, bottom + 36, _fitted(row.below, across / 6.2), "quiet"))
    return Markup("").join(drawn)


def _curve(sheet: Sheet, line: Curve, points: Sequence[tuple[float, float]], taken: list[float]) -> list[Markup]:
    drawn = []
    for part, dashes in ((points[: line.solid + 1], ""), (points[line.solid :], "5 4")):
        if len(part) > 1:
            drawn.append(
                Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
                    " ".join(f"{x:.1f},{y:.1f}" for x, y in part),
                    sheet.colour("accent" if line.leading else "quiet"),
                    "2.5" if line.leading else "1.3",
                    Markup(' stroke-dasharray="{}"').format(dashes) if dashes else "",
                )
            )
    if points and not sheet.narrow:  # what would lie upon another name goes below it
        x, y = min(points)
        while any(abs(y - other) < SIZE + 2 for other in taken):
            y += 2
        taken.append(y)
        drawn.append(
            _text(sheet, x - 6, y + 4, line.words, "accent" if line.leading else "quiet", "end", bold=line.leading)
        )
    return drawn


def _svg(sheet: Sheet, title: str, height: float, drawn: Sequence[Markup]) -> str:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h:.0f}" viewBox="0 0 {w} {h:.0f}" role="img" '
        'font-family="{font}" font-size="{size}"><title>{title}</title>'
        '<rect width="100%" height="100%" fill="{paper}"/>{drawn}</svg>'
    ).format(
        w=sheet.width,
        h=height,
        font=FONT,
        size=SIZE,
        title=title,
        paper=sheet.colour("paper"),
        drawn=Markup("").join(drawn),
    )


def _text(
    sheet: Sheet, x: float, y: float, said: str, colour: str, anchor: str = "start", *, bold: bool = False
) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" fill="{}" text-anchor="{}"{}>{}</text>').format(
        x, y, sheet.colour(colour), anchor, Markup(' font-weight="600"') if bold else "", said
    )


def _line(sheet: Sheet, x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"{}/>').format(
        x1, y1, x2, y2, sheet.colour(colour), Markup(' stroke-dasharray="4 3"') if dashed else ""
    )


def _fitted(said: str, letters: float) -> str:
    return said if len(said) <= letters else f"{said[: int(letters) - 1].rstrip()}…"


def _step(most: int) -> int:
    """Of an axis: 1, 2 or 5 times a power of ten, so that three to five lines are drawn."""
    if most <= 4:
        return 1
    power = 10 ** math.floor(math.log10(most / 4))
    return next(int(power * times) for times in (1, 2, 5, 10) if most / (power * times) <= 5)


def _share(power: int) -> str:
    """0.1 %, 1 %, 10 %, 100 %."""
    return f"{words.number(10 ** (power + 2), 'g')}\u00a0%"


def _one_in(power: int) -> str:
    """1/1,000 for 10⁻³."""
    return "1" if power == 0 else f"1/{words.number(10**-power)}"
