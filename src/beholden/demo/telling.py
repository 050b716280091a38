"""How the story is told: who does what in a line of plain words, refusals with every reason, and the time of each chapter."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from beholden.errors import Refused


@dataclass(slots=True)
class Teller:
    """Writes to the console; keeps what was refused and how long each chapter took."""

    console: Console
    refusals: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # what was tried → ids of the rules
    seconds: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        self.console.print()
        self.console.rule(f"[bold]{len(self.seconds) + 1}. {escape(title)}", align="left")
        began = time.perf_counter()
        yield
        self.seconds.append((title, time.perf_counter() - began))

    def say(self, words: str) -> None:
        """A line that nobody in particular does."""
        self.console.print(Padding(escape(words), (0, 0, 0, 2), expand=False))

    def act(self, who: str, office: str, words: str) -> None:
        self.console.print(f"[bold]{escape(who)}[/bold], {escape(office)}, {escape(words)}")

    def refused(self, tried: str, error: Refused) -> None:
        """Every reason: the rule, why, and how to go on."""
        self.refusals.append((tried, tuple(reason.rule_id for reason in error.reasons)))
        count = len(error.reasons)
        self.say(f"REFUSED, for {count} reason{'' if count == 1 else 's'} (log entry {error.entry}):")
        for reason in error.reasons:
            words = f"{reason.rule_id}: {reason.why} ({reason.source}) - {reason.how_to_proceed}"
            self.console.print(Padding(escape(words), (0, 0, 0, 4), expand=False))

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        table = Table(title=escape(title), title_justify="left", title_style="italic")
        for column in columns:
            table.add_column(escape(column), overflow="fold")
        for row in rows:
            table.add_row(*(escape(str(cell)) for cell in row))
        self.console.print(Padding(table, (0, 0, 0, 2), expand=False))

    @contextmanager
    def bar(self, words: str, total: int) -> Iterator[Progress]:
        """A progress bar; `advance` its first task."""
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            progress.add_task(escape(words), total=total)
            yield progress
