"""A terminal for tests: commands given in this process, as a person or a script would give them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beholden.actions.training import COURSES
from beholden.cli import main
from beholden.testing.drawn import draw

PURPOSE = "victim-id-cse"
ROLES = {
    "stella": "steward",
    "pia": "privacy-officer",
    "paul": "privacy-officer",
    "ines": "investigator",
    "ivo": "investigator",
    "sven": "supervisor",
    "rosa": "examiner",
    "erik": "examiner",
    "edda": "examiner",
    "emil": "examiner",
    "aude": "auditor",
}
SOURCE = (
    *("--controller", "the project", "--kind", "synthetic", "--citation", "generator manifest 1"),
    *("--jurisdiction", "CA", "--purpose", PURPOSE, "--from", "2020-01-01", "--until", "2090-01-01"),
    *("--document-sha256", "0" * 64),
)
NECESSITY = (
    *("--less-intrusive", "asked the school and the provider, neither knows the child"),
    *("--why-person", "the child in these photographs is not known to any agency"),
    *("--why-now", "new photographs of the series appeared this week"),
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document; anything more on standard output fails."""
        return json.loads(self.out)


def run(*arguments: str, stdin: str = "") -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), _typed(stdin):
        code = main(arguments)
    return Ran(code, out.getvalue(), err.getvalue())


@contextmanager
def _typed(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = before


@dataclass(frozen=True)
class Office:
    """A synthetic system in a folder, and everybody in it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, who: str, *arguments: str, stdin: str = "") -> Ran:
        return run("--data", str(self.data), "--as", who, *arguments, stdin=stdin)

    def does(self, who: str, *arguments: str) -> Any:
        """The document of a command that must succeed."""
        ran = self.run(who, *arguments, "--json")
        assert ran.code == 0, ran
        assert ran.err == ""
        return ran.document

    def people(self, *names: str) -> None:
        for name in names or tuple(ROLES):
            self.does("ada", "people", "add", name, "--role", ROLES[name])
            self.certify(name, ROLES[name])

    def certify(self, name: str, role: str) -> None:
        """Enter a certificate of training for a role that asks for one."""
        if role.replace("-", "_") in COURSES:
            told = ("--role", role, "--course", f"{role} 1", "--number", "117")
            self.does("ada", "people", "certify", name, *told)

    def looks(self, who: str, authority: str) -> None:
        """At the faces of a request, as whoever approves one of a file that no register has must."""
        folder = self.folder / f"faces of {authority}"
        assert self.does(who, "authority", "look", authority, "--out", str(folder))["files"]

    def describes(self, who: str, search: str) -> str:
        """The next pair, each side of it described alone: its handle."""
        out = self.folder / f"sides {len(list(self.folder.glob('sides *')))}"
        shown = self.does(who, "examine", "open", search, "--out", str(out))
        for side in ("probe", "reference"):
            self.does(who, "examine", "describe", shown["handle"], "--of", side, "--suitable", "--seen", "all")
        handle: str = shown["handle"]
        return handle

    def reviewed(self) -> str:
        """Everybody, a register of four people, and a search of ines that rosa reviewed, with one potential candidate: its id."""
        self.people()
        source = self.does("stella", "source", "propose", "rendered people", *SOURCE)
        self.does("pia", "source", "approve", source["id"])
        self.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
        intake(self.folder / "intake", 4)
        into = ("--source", "rendered people", "--gallery", "references", "--received-from", "the project")
        self.does("stella", "enrol", str(self.folder / "intake"), *into)
        _, sought = self.case_with_sought()
        told = ("--sought", sought, "--gallery", "references", *NECESSITY)
        asked = self.does("ines", "authority", "request", "2026-117", *told)["id"]
        self.looks("sven", asked)
        self.does("sven", "authority", "approve", asked)
        found: str = self.does("ines", "search", "run", "--authority", asked)["id"]
        taken = self.does("rosa", "review", "open", found, "--out", str(self.folder / "review"))
        for pair in taken["pairs"]:
            self.does("rosa", "review", "decide", pair["handle"], "potential" if pair["position"] == 1 else "no")
        self.does("rosa", "review", "finish", taken["review"])
        return found

    def case_with_sought(self) -> tuple[str, str]:
        """A case of ines with one sought: the ids of both."""
        case = self.does("ines", "case", "open", "2026-117", "--purpose", PURPOSE)["id"]
        photograph = self.folder / "frame.png"
        photograph.write_bytes(draw(3, seed=7))
        held = ("--origin", "synthetic", "--why", "from the series")
        exhibit = self.does("ines", "exhibit", "add", "2026-117", str(photograph), *held)["id"]
        told = ("--face", f"{exhibit[:8]}:1", "--role", "victim", "--why", "the only face")
        return case, self.does("ines", "sought", "declare", "2026-117", *told)["id"]


def make(folder: Path, profile: str = "synthetic") -> dict[str, Any]:
    """The document of `init` for a new system in `folder`."""
    model = ("--model", "drawn:") if profile == "synthetic" else ()
    ran = run(
        *("init", "--data", str(folder / "data"), "--keys", str(folder / "keys"), "--profile", profile),
        *("--administrator", "ada", "--unlock-file", str(folder / "unlock.key"), *model, "--json"),
    )
    assert ran.code == 0, ran
    document: dict[str, Any] = ran.document
    return document


def intake(folder: Path, persons: int) -> None:
    """Two drawn photographs of each person with their manifest, a truncated one, and one without a row."""
    folder.mkdir()
    lines = ["file,person_ref,captured_at,image_url,page_url,page_title,caption"]
    for person in range(1, persons + 1):
        for seed in (0, 1):
            name = f"{person}-{seed}.png"
            (folder / name).write_bytes(draw(person, seed=seed))
            page = f"https://rendered.example/{person}"
            lines.append(
                f"{name},person {person},2019-05-04,{page}/{seed}.png,{page},A rendered person,caption {person}"
            )
    (folder / "cut.png").write_bytes(draw(99)[:200])
    (folder / "stray.png").write_bytes(draw(98))
    lines += ["cut.png,,,,,,", "gone.png,,,,,,"]
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
