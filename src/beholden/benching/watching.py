"""What a process and all that it began take of the machine: processor time and memory, looked at from outside."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

TICKS = os.sysconf("SC_CLK_TCK")
EVERY_S = 0.1
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Taken:
    """Of a process with its children; their memory counted once where they share it with a file."""

    cpu_s: float
    own_mb: float


class Watched:
    """Looks at a process ten times a second until it is closed; `peak_mb` is the most that it had."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak_mb = 0.0
        self._end = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def cpu_s(self) -> float:
        """Processor seconds so far, of its living children and of those that it waited for."""
        return taken(self._pid).cpu_s

    def close(self) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(EVERY_S):
            self.peak_mb = max(self.peak_mb, taken(self._pid).own_mb)


def taken(pid: int) -> Taken:
    """What the process `pid` takes, with everything that it began and that lives. Nothing of one that is gone."""
    ticks, own, files = 0, 0.0, 0.0
    for one in _family(pid):
        with suppress(OSError, ValueError, IndexError):
            after = (PROC / str(one) / "stat").read_text().rpartition(")")[2].split()  # proc(5), from field 3 on
            ticks += sum(int(after[place]) for place in (11, 12, 13, 14))
            status = dict(line.split(":", 1) for line in (PROC / str(one) / "status").read_text().splitlines())
            kilo = {name: int(status[name].split()[0]) for name in ("RssAnon", "RssShmem", "RssFile") if name in status}
            own += (kilo.get("RssAnon", 0) + kilo.get("RssShmem", 0)) / 1024
            files = max(files, kilo.get("RssFile", 0) / 1024)
    return Taken(ticks / TICKS, own + files)


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found
