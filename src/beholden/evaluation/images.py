"""The folder to measure on: photographs by person, lists of pairs, cohorts and ages, as somebody labelled them."""

from __future__ import annotations

import csv
import errno
import math
import os
import stat
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import numpy as np

from beholden.errors import BadInput
from beholden.evaluation.faces import Whole, Yes

# Not all of the last six can be read: the report then names the file as unreadable, rather than passing it over.
PICTURES = (
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".jpe",
    ".gif",
    ".avif",
    ".jp2",
    ".heic",
    ".heif",
)
TOLD = 20  # faults told one by one; the others are counted
LONGEST_QUOTED = 100  # characters of a cell in a fault: a file name has 255 at most, and is known by its line
FIRST_YEAR = 1826  # of photography
OLDEST = 130.0  # years


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """One file of pairs: places in the names, and whether the two are said to show one person."""

    a: Whole
    b: Whole
    mated: Yes


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    root: Path
    names: tuple[str, ...]  # paths below the folder, with `/`, sorted
    identities: tuple[str, ...]  # sorted
    people: Whole  # a place in `identities` for each name, −1 for a photograph directly in the folder
    pairs: Mapping[str, Pairs]  # by the name of the file
    cohorts: Mapping[str, str]  # identity → cohort; none where its cell is empty (so it is for one person of LFW)
    captured: Mapping[str, date]  # image → when it was taken
    ages: Mapping[str, float]  # image → age in years of who it shows


@dataclass(slots=True)
class _Faults:
    """What is wrong with the folder: the first are kept, the others counted."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, words: str) -> None:
        self.count += 1
        if self.count <= TOLD:
            self.first.append(words)

    def tell(self, root: Path) -> None:
        if self.count:
            more = [f"and {self.count - TOLD:,} more faults"] if self.count > TOLD else []
            raise BadInput(f"{str(root)!r} cannot be measured on; mend this first: " + "; ".join(self.first + more))


def read_images(root: Path) -> LabelledImages:
    """The photographs in `root` (one folder a person) and what its lists say of them.

    Hidden files and folders are passed over, and so are files that are neither pictures nor lists. A pair that the
    folders contradict is no fault: labels err, and that is measured. Raises `BadInput` with every fault, each with its
    file and line, 20 of them in words.
    """
    if not root.is_dir():
        raise BadInput(f"{str(root)!r} is no folder; name the folder that holds one folder of photographs a person")
    wrong = _Faults()
    names, lists = _files(root, wrong)
    if not names:
        wrong.add(
            "it holds no photograph; put each person's photographs into a folder of that person (read are "
            f"{', '.join(PICTURES)})"
        )
        wrong.tell(root)
    owners = [name.rpartition("/")[0] for name in names]
    identities = sorted({owner for owner in owners if owner})
    places = {identity: place for place, identity in enumerate(identities)}
    known = {name: place for place, name in enumerate(names)}
    captured, ages = _ages(root, lists, known, wrong)
    images = LabelledImages(
        root=root,
        names=tuple(names),
        identities=tuple(identities),
        people=np.array([places.get(owner, -1) for owner in owners], dtype=np.int64),
        pairs={name: _pairs(root / name, known, wrong) for name in lists if name.lower().startswith("pairs")},
        cohorts=_cohorts(root, lists, places, wrong),
        captured=captured,
        ages=ages,
    )
    wrong.tell(root)
    return images


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file of the folder, waiting for nothing. Raises OSError for a pipe or a device, which have no end.

    A file without a length is empty: those of /proc are made while they are read, and reading some of them waits for ever.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device", str(path))
        yield file if state.st_size else BytesIO()


def _files(root: Path, wrong: _Faults) -> tuple[list[str], list[str]]:
    """The photographs, and the `.csv` files of the folder itself, sorted."""
    names, lists = [], []
    whole = root.resolve()
    for entry in _entries(root, "", wrong):
        if entry.is_dir():
            if entry.is_symlink() and _leads_back(Path(entry.path), whole):
                wrong.add(f"{entry.name!r} is a link to a folder that is measured already; remove the link")
                continue
            names += _photographs(Path(entry.path), f"{entry.name}/", wrong)
        elif _is_photograph(entry, "", wrong):
            names.append(entry.name)
        elif entry.name.lower().endswith(".csv"):
            if entry.is_file():
                lists.append(entry.name)
            else:
                wrong.add(f"{entry.name!r} is no file, or a link to nothing; remove it")
    return sorted(names), lists


def _photographs(folder: Path, before: str, wrong: _Faults) -> list[str]:
    names = []
    for entry in _entries(folder, before, wrong):
        if not entry.is_dir():
            if _is_photograph(entry, before, wrong):
                names.append(before + entry.name)
        elif any(name.lower().endswith(PICTURES) for name in _listed(Path(entry.path))):
            wrong.add(
                f"{before + entry.name!r} holds photographs one folder too deep; move them into {before[:-1]!r} itself"
            )
    return names


def _entries(folder: Path, before: str, wrong: _Faults) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as there:
            entries = sorted((entry for entry in there if not entry.name.startswith(".")), key=lambda each: each.name)
    except OSError as error:
        wrong.add(f"the folder {before or '.'!r} cannot be read ({error.strerror}); make it readable")
        return []
    for entry in entries:
        if not _is_text(entry.name):
            wrong.add(f"the name {before + entry.name!r} is no readable text; rename it")
    return [entry for entry in entries if _is_text(entry.name)]


def _is_text(name: str) -> bool:
    """Neither bytes that are no UTF-8 (surrogates, to Python) nor control characters, which a report cannot show."""
    return not any(unicodedata.category(letter) in ("Cs", "Cc") for letter in name)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []  # a folder that nobody asked for


def _is_photograph(entry: os.DirEntry[str], before: str, wrong: _Faults) -> bool:
    if not entry.name.lower().endswith(PICTURES):
        return False
    if not entry.is_file():  # a broken link, a pipe
        wrong.add(f"{before + entry.name!r} is no file, or a link to nothing; remove it")
        return False
    if not os.access(entry.path, os.R_OK):
        wrong.add(f"{before + entry.name!r} may not be read by you; make it readable")
        return False
    return True


def _leads_back(link: Path, root: Path) -> bool:
    there = link.resolve()
    return there.is_relative_to(root) or root.is_relative_to(there)


def _rows(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...], wrong: _Faults
) -> Iterator[tuple[str, list[str]]]:
    """(where, cells) of each row, the cells in the order of `required + optional`, empty where the column is missing."""
    wanted = required + optional
    try:
        with opened(path) as file, TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header: list[str] | None = None
            count = 0
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue
                if header is None:
                    header = [cell.strip() for cell in row]
                    told = _wrong_columns(header, required, wanted)
                    for words in told:
                        wrong.add(f"{path.name}: {words}")
                    if told:
                        return
                    order = [header.index(name) if name in header else None for name in wanted]
                    continue
                count += 1
                where = f"{path.name} line {reader.line_num}"
                if len(row) != len(header):
                    wrong.add(f"{where}: it has {len(row)} cells, the header has {len(header)}")
                    continue
                yield where, ["" if place is None else row[place].strip() for place in order]
            if not count:
                wrong.add(f"{path.name}: it holds no row; fill it in, or remove it")
    except UnicodeDecodeError:
        wrong.add(f"{path.name} line {_line_of_other_encoding(path)}: it is not UTF-8; save the file as CSV UTF-8")
    except csv.Error as error:
        wrong.add(f"{path.name} line {reader.line_num}: it is no CSV ({error}); check its quotation marks")
    except OSError as error:
        wrong.add(f"{path.name}: it cannot be read ({error.strerror}); make it readable")


def _wrong_columns(header: list[str], required: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    commas = "; separate the columns with commas" if any(mark in cell for cell in header for mark in ";\t") else ""
    words = [
        f"unknown column {_quoted(name)} (known: {', '.join(wanted)}){commas}" for name in header if name not in wanted
    ]
    words += [f"the column {_quoted(name)} is missing" for name in required if name not in header]
    words += [
        f"the column {_quoted(name)} stands there twice" for name in sorted(set(header)) if header.count(name) > 1
    ]
    return words


def _quoted(cell: str) -> str:
    """A cell can have 131,072 characters."""
    return repr(cell if len(cell) <= LONGEST_QUOTED else f"{cell[:LONGEST_QUOTED]}…")


def _line_of_other_encoding(path: Path) -> int:
    with opened(path) as file:
        return next((number for number, line in enumerate(file, 1) if not _is_utf8(line)), 1)


def _no_photograph(name: str, spaced: Mapping[str, str]) -> str:
    return (
        f"there is no photograph {_quoted(name)}; {_meant(name, spaced) or 'write its path below the folder, with /'}"
    )


def _spaced(names: Iterable[str]) -> dict[str, str]:
    """Those that begin or end with a space, by what a cell can say of them."""
    return {name.strip(): name for name in names if name != name.strip()}


def _meant(name: str, spaced: Mapping[str, str]) -> str:
    if name not in spaced:
        return ""
    return f"{_quoted(spaced[name])} begins or ends with a space, which a cell cannot say: rename it without"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pairs(path: Path, known: Mapping[str, int], wrong: _Faults) -> Pairs:
    a, b, mated = array("q"), array("q"), array("b")
    spaced = _spaced(known)
    for where, (image_a, image_b, said) in _rows(path, ("image_a", "image_b", "mated"), (), wrong):
        strangers = [name for name in (image_a, image_b) if name not in known]
        for name in strangers:
            wrong.add(f"{where}: {_no_photograph(name, spaced)}")
        if said not in ("0", "1"):
            wrong.add(f"{where}: mated is {_quoted(said)}; write 1 for one person, 0 for two")
        elif not strangers and image_a == image_b:
            wrong.add(f"{where}: {_quoted(image_a)} is compared with itself, which measures nothing; remove the line")
        elif not strangers:
            a.append(known[image_a])
            b.append(known[image_b])
            mated.append(said == "1")
    return Pairs(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64), np.array(mated, dtype=np.bool_))


def _cohorts(root: Path, lists: list[str], places: Mapping[str, int], wrong: _Faults) -> dict[str, str]:
    cohorts: dict[str, str] = {}
    spaced = _spaced(places)
    for name in (name for name in lists if name.lower() == "labels.csv"):
        for where, (identity, cohort) in _rows(root / name, ("identity", "cohort"), (), wrong):
            if identity not in places:
                advice = _meant(identity, spaced) or "remove the line, or mend the name"
                wrong.add(f"{where}: there is no folder {_quoted(identity)} with photographs; {advice}")
            if cohort and cohorts.setdefault(identity, cohort) != cohort:
                wrong.add(
                    f"{where}: {_quoted(identity)} is in the cohort {_quoted(cohorts[identity])} already; decide which"
                )
    return cohorts


def _ages(
    root: Path, lists: list[str], known: Mapping[str, int], wrong: _Faults
) -> tuple[dict[str, date], dict[str, float]]:
    captured: dict[str, date] = {}
    ages: dict[str, float] = {}
    spaced = _spaced(known)
    for name in (name for name in lists if name.lower() == "ages.csv"):
        for where, (image, taken, years) in _rows(root / name, ("image",), ("captured_at", "age"), wrong):
            if image not in known:
                wrong.add(f"{where}: {_no_photograph(image, spaced)}")
            day, age = _day(taken), _age(years)
            if taken and day is None:
                wrong.add(
                    f"{where}: captured_at is {_quoted(taken)}; write a real date as YYYY-MM-DD, or leave it empty"
                )
            elif day is not None and captured.setdefault(image, day) != day:
                wrong.add(f"{where}: {_quoted(image)} was taken on {captured[image]} by an earlier line; decide which")
            if years and age is None:
                wrong.add(f"{where}: age is {_quoted(years)}; write years from 0 to {OLDEST:.0f}, or leave it empty")
            elif age is not None and ages.setdefault(image, age) != age:
                wrong.add(f"{where}: {_quoted(image)} has the age {ages[image]:g} by an earlier line; decide which")
    return captured, ages


def _day(cell: str) -> date | None:
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None


def _age(cell: str) -> float | None:
    try:
        years = float(cell)
    except ValueError:
        return None
    return years if math.isfinite(years) and 0 <= years <= OLDEST else None
