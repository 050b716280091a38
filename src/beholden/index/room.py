"""How much memory may still be taken: by the machine's own account, and by the limit that this process was given."""

from __future__ import annotations

from pathlib import Path

MEMINFO = Path("/proc/meminfo")
GROUPS = Path("/sys/fs/cgroup")
UNKNOWN = 1 << 62  # where neither is told, nothing is refused


def free_bytes(meminfo: Path = MEMINFO, groups: Path = GROUPS) -> int:
    """Bytes: the least of what the machine has available and of what is left below the group's limit (cgroup 2 or 1)."""
    found = [UNKNOWN]
    for line in _lines(meminfo):
        name, _, told = line.partition(":")
        if name == "MemAvailable":
            found.append(int(told.split()[0]) * 1024)
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        given, taken = _lines(groups / limit), _lines(groups / used)
        if given and taken and given[0].isdigit():  # or "max"
            reclaimable = _told((groups / limit).with_name("memory.stat"), "inactive_file")
            found.append(max(0, int(given[0]) - int(taken[0]) + reclaimable))
    return min(found)


def _told(path: Path, name: str) -> int:
    for line in _lines(path):
        said, _, number = line.partition(" ")
        if said == name:
            return int(number)
    return 0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("ascii").splitlines()
    except OSError:  # another system: it tells this elsewhere
        return []
