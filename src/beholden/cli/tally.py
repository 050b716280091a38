"""What became of the files of an intake, counted while they are answered: however many they are, it takes the same memory."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from beholden.actions.intake import Answer, Fate
from beholden.cli import printing
from beholden.cli.codes import in_words, words_first
from beholden.cli.printing import Told
from beholden.errors import BadInput, BeholdenError

MOST_LISTED = 1_000  # answers that are printed; with --out all of them are in a file
MOST_REASONS = 30  # kinds that are counted apart: what a stranger's file is blamed for has no end of wordings
OTHER = "another reason"
LINE = re.compile(r"^line \d+: ")
CODE = re.compile(r"[a-z-]+\.[a-z-]+(?=: )")  # of a record of a web archive that was left out
NUMBER = re.compile(r"\d[\d,.]*\d|\d")


class Tally:
    """Answers in, figures out."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.counts: Counter[Fate] = Counter()
        self.reasons: Counter[str] = Counter()
        self.faces = self.answered = 0
        self._listed: list[Answer] = []
        self._told: list[Answer] = []  # those that have something to tell
        self._out = out
        self._began = time.monotonic()

    def add(self, answer: Answer) -> None:
        self.answered += 1
        self.counts[answer.fate] += 1
        if answer.fate is Fate.ENROLLED:
            self.faces += answer.faces
        if answer.fate is Fate.REJECTED:
            why = reason_of(answer)
            self.reasons[why if why in self.reasons or len(self.reasons) < MOST_REASONS else OTHER] += 1
        if len(self._listed) < MOST_LISTED:
            self._listed.append(answer)
        if (answer.reason or answer.rejected_faces) and len(self._told) < MOST_LISTED:
            self._told.append(answer)
        if self._out is not None:
            self._out.write(json.dumps(asdict(answer)) + "\n")

    def pace(self) -> tuple[float, float]:
        """Seconds so far, and files a second."""
        seconds = time.monotonic() - self._began
        return seconds, self.answered / seconds if seconds > 0 else 0.0

    def told(self, **more: object) -> Told:
        seconds, rate = self.pace()
        whole = self.answered <= MOST_LISTED
        listed = self._listed if whole else self._told
        document = {
            **more,
            "counts": {fate.value: self.counts[fate] for fate in Fate},
            "faces": self.faces,
            "seconds": round(seconds, 3),
            "files_per_s": round(rate, 2),
            "rejected_by_reason": dict(self.reasons.most_common()),
            "files": [asdict(one) for one in listed],
            "files_not_listed": self.answered - len(listed),
        }
        lines = [f"{self.counts[fate]:,} {fate.value}" for fate in Fate if self.counts[fate]]
        lines += [f"{seconds:,.1f} s, {rate:,.1f} files/s"] if self.answered else []
        if len(self.reasons) > 1:
            lines += [f"  {count:,} rejected: {in_words(reason)}" for reason, count in self.reasons.most_common()]
        for one in self._told:
            if one.reason or one.fate is Fate.REJECTED:
                lines.append(f"  {one.file or '(no name)'}: {words_first(one.reason)}")
            lines += [f"  {one.file}: a face was left out: {reason}" for reason in one.rejected_faces]
        if len(self._told) == MOST_LISTED:
            lines.append(f"  Only the first {MOST_LISTED:,} are listed; --out FILE has every answer.")
        nothing_taken = bool(self.answered) and self.counts[Fate.REJECTED] == self.answered
        return Told(document, tuple(lines) or ("The manifest names no file.",), exit_code=4 if nothing_taken else 0)


def reason_of(answer: Answer) -> str:
    """Why a file was rejected, in words that others share: without its line, its numbers, and the advice; or by its code."""
    if coded := CODE.match(answer.reason):
        return coded[0]
    return NUMBER.sub("…", LINE.sub("", answer.reason).partition(";")[0])


def count(answers: Iterable[Answer], tally: Tally, *, of: int, stopped: Callable[[], bool]) -> None:
    """Take in all answers, with a bar beside. What stops the intake in the middle does not take back what was enrolled.

    That is told before it is raised; so is Ctrl-C, once what was under way is on record.
    """
    try:
        for answer in _with_bar(answers, tally, of):
            tally.add(answer)
        if stopped():
            raise KeyboardInterrupt
    except (BeholdenError, KeyboardInterrupt):
        if tally.answered:
            printing.note(
                f"{tally.answered} files had their answer before this, {tally.counts[Fate.ENROLLED]} are enrolled; "
                "give the same again"
            )
        raise


@contextmanager
def written_to(out: Path | None) -> Iterator[TextIO | None]:
    """A new file for the answers, one a line in JSON, so that their number does not matter."""
    if out is None:
        yield None
        return
    try:  # a line at a time: what was answered is there, whatever comes then
        file = out.open("x", encoding="utf-8", buffering=1)
    except FileExistsError as error:
        raise BadInput(f"{out} is there already; name a new file for the answers") from error
    with file:
        yield file


@contextmanager
def ending_well() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C asked for an end. A second one does not wait for it."""
    asked = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():  # signals come to that one only
        yield asked.is_set
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _with_bar(answers: Iterable[Answer], tally: Tally, of: int) -> Iterator[Answer]:
    console = Console(stderr=True)
    columns = (
        TextColumn("enrolling"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rejected]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("enrolling", total=of, rate="", rejected="")
        for answer in answers:
            yield answer
            rejected = ", ".join(f"{count:,} {in_words(reason)}" for reason, count in tally.reasons.most_common(2))
            progress.update(task, advance=1, rate=f"{tally.pace()[1]:.1f}/s", rejected=rejected)
