"""The photographs of the story: which rendered picture is a reference, which an exhibit, and which goes wrong on purpose."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from beholden.actions.intake import MANIFEST
from beholden.demo import composing
from beholden.formats.manifest import OPTIONAL, REQUIRED

HOST = "https://rendered.example"
# The dates are invented, the same for everybody: photograph 4 shows a child, 5 a youth, 6 another adult age.
TAKEN = ("2024-03-09", "2024-05-17", "2025-08-21", "2025-11-02", "2001-06-14", "2008-04-30", "2019-09-12")

GROUP, NO_FACE, COPY, CUT_SHORT = "group.jpg", "landscape.png", "copy-of-a-portrait.jpg", "cut-short.jpg"
MOVING, WITHOUT_ROW, WITHOUT_FILE, OUTSIDE = "moving.gif", "without-a-row.jpg", "never-sent.jpg", "../outside.jpg"
YOUNGER, OLDER = "exhibit-1.jpg", "exhibit-2.jpg"


@dataclass(frozen=True, slots=True)
class Portrait:
    """One rendered picture, by its person and number; the rest of its name is not taken along."""

    person: str
    number: int
    path: Path

    @property
    def key(self) -> str:
        return f"{self.person}_{self.number}"

    @property
    def name(self) -> str:
        """Its name in the intake folder."""
        return f"person-{self.person[1:]}-{self.number}.jpg"


@dataclass(frozen=True, slots=True)
class Photographs:
    """All portraits by key, those that are enrolled, and who plays which part."""

    all: dict[str, Portrait]
    references: tuple[Portrait, ...]
    sought: str  # person
    younger: Portrait
    older: Portrait
    lookalike: str  # person
    held_back: dict[str, tuple[Portrait, ...]]

    @property
    def duplicated(self) -> Portrait:
        return self.references[0]


def page_of(person: str) -> str:
    return f"{HOST}/person-{person[1:]}"


def reference_of(person: str) -> str:
    """How the source names the person: the `person_ref` of its manifest."""
    return f"rendered-{person[1:]}"


def person_in(file: str) -> str:
    """Who is in a file of the intake folder: the truth that only the demo knows. Empty for the group."""
    return f"p{file.split('-')[1]}" if file.startswith("person-") else ""


def choose(people: int | None) -> Photographs:
    """The photographs of so many people (all if None): always those of the sought person and the one who looks alike."""
    folder = files("beholden.demo")
    parts = tomllib.loads((folder / "people.toml").read_text(encoding="utf-8"))
    every = {portrait.key: portrait for portrait in _portraits(Path(str(folder / "people")))}
    sought, lookalike = parts["sought"], parts["lookalike"]["person"]
    younger = every[f"{sought['person']}_{sought['younger']}"]
    older = every[f"{sought['person']}_{sought['older']}"]
    held_back = {part: tuple(every[key] for key in keys) for part, keys in parts["held_back"].items()}
    elsewhere = {younger.key, older.key} | {portrait.key for some in held_back.values() for portrait in some}
    persons = list(dict.fromkeys([sought["person"], lookalike, *(portrait.person for portrait in every.values())]))
    chosen = set(persons[:people])
    references = tuple(
        portrait for portrait in every.values() if portrait.key not in elsewhere and portrait.person in chosen
    )
    return Photographs(every, references, sought["person"], younger, older, lookalike, held_back)


def lay_out_intake(photographs: Photographs, folder: Path) -> None:
    """The folder that the steward is given: portraits, a CSV manifest, and what usually goes wrong."""
    folder.mkdir()
    rows = []
    for portrait in photographs.references:
        (folder / portrait.name).write_bytes(portrait.path.read_bytes())
        rows.append(_row(portrait))
    held = photographs.held_back
    (folder / GROUP).write_bytes(composing.group(_contents(held["group"]), _contents(held["background"])))
    rows.append({"file": GROUP, **_page("group", "A group", "Two people, and one far behind them", "2025-06-01")})
    (folder / COPY).write_bytes(photographs.duplicated.path.read_bytes())
    rows.append(_row(photographs.duplicated) | {"file": COPY})
    cut = _contents(held["cut_short"])[0]
    (folder / CUT_SHORT).write_bytes(cut[: len(cut) * 3 // 5])
    (folder / NO_FACE).write_bytes(composing.landscape())
    (folder / MOVING).write_bytes(composing.moving(_contents(held["moving"])))
    (folder / WITHOUT_ROW).write_bytes(_contents(held["without_row"])[0])
    (folder / OUTSIDE).write_bytes(_contents(held["outside"])[0])
    for file in (CUT_SHORT, NO_FACE, MOVING, WITHOUT_FILE, OUTSIDE):
        rows.append({"file": file, **_page("odd", "Odds and ends", "Something is wrong here", "2025-06-01")})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*REQUIRED, *OPTIONAL], restval="")
    writer.writeheader()
    writer.writerows(rows)
    (folder / MANIFEST).write_text(text.getvalue(), encoding="utf-8", newline="")


def lay_out_exhibits(photographs: Photographs, folder: Path) -> None:
    """Two photographs of one child: alone when younger, and older beside somebody else."""
    folder.mkdir()
    (folder / YOUNGER).write_bytes(photographs.younger.path.read_bytes())
    beside = photographs.held_back["bystander"]
    (folder / OLDER).write_bytes(composing.side_by_side(_contents((photographs.older, *beside))))


def _portraits(folder: Path) -> Iterator[Portrait]:
    for path in sorted(folder.glob("*.jpg")):
        person, number, _ = path.stem.split("_")
        yield Portrait(person, int(number), path)


def _contents(portraits: tuple[Portrait, ...]) -> list[bytes]:
    return [portrait.path.read_bytes() for portrait in portraits]


def _row(portrait: Portrait) -> dict[str, str]:
    number = portrait.number
    page = page_of(portrait.person)
    return {
        "file": portrait.name,
        "person_ref": reference_of(portrait.person),
        "captured_at": TAKEN[number],
        "image_url": f"{page}/{number}.jpg",
        "page_url": page,
        "page_title": f"Rendered person {portrait.person[1:]}",
        "caption": f"Portrait {number} of somebody who does not exist, made for Beholden's demo",
    }


def _page(name: str, title: str, caption: str, taken: str) -> dict[str, str]:
    page = f"{HOST}/{name}"
    return {
        "captured_at": taken,
        "image_url": f"{page}/0.jpg",
        "page_url": page,
        "page_title": title,
        "caption": caption,
    }
