"""The session that `sign-in` keeps for the next commands: one private file for each data folder."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

from beholden.errors import Fault
from beholden.records.people import Officer


def place(data: Path) -> Path:
    """`BEHOLDEN_SESSION`, or a file named by the data folder's real path in the person's own state folder (XDG)."""
    if named := os.environ.get("BEHOLDEN_SESSION"):
        return Path(named)
    return _state() / f"{hashlib.sha256(_real(data).encode()).hexdigest()[:32]}.json"


def keep(data: Path, officer: Officer, profile: str) -> Path:
    """Write the session so that nobody else can read it, not even for a moment."""
    if profile == "operational":
        _remember(data)
    path = place(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget(data)
    content = json.dumps({"data": _real(data), "name": officer.name, "session": officer.session})
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content + "\n")
    return path


def kept(data: Path) -> Officer | None:
    """The session for this data folder; None if there is none, or the file is of another folder.

    Raises `Fault` for a file that others can read, or that is none of ours.
    """
    path = place(data)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if mode & 0o077:
        raise Fault(
            f"others can read the session file {path}: remove it, sign in again, and sign out where it was used"
        )
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None  # it names nobody; signing in writes it anew
    try:
        told = json.loads(text)
        if told["data"] != _real(data):
            return None
        return Officer(str(told["name"]), str(told["session"]))
    except (KeyError, TypeError, ValueError):
        raise Fault(f"{path} is no session file: remove it, and sign in again") from None


def _remember(data: Path) -> None:
    """Note that whoever works here works with this operational system: signing out does not undo it."""
    note = _state() / "operational" / hashlib.sha256(_real(data).encode()).hexdigest()[:32]
    for folder in (note.parent.parent, note.parent):  # `parents=True` would give the upper one no mode of its own
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    note.write_text(_real(data) + "\n", encoding="utf-8", errors="surrogateescape")


def remembered() -> list[Path]:
    """The operational systems that somebody signed in to from this account and that are still there."""
    notes = sorted((_state() / "operational").glob("*"))
    folders = [Path(note.read_text(encoding="utf-8", errors="surrogateescape").strip()) for note in notes]
    return [folder for folder in folders if folder.is_dir()]


def forget(data: Path) -> None:
    place(data).unlink(missing_ok=True)


def _state() -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    home = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return home / "beholden"


def _real(data: Path) -> str:
    return str(data.resolve())
