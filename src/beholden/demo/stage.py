"""What every chapter needs: the open system, the people of the agency with their sign-ins, the folders, and the teller."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from beholden.demo.photographs import Photographs
from beholden.demo.telling import Teller
from beholden.errors import Fault, NotProven, Refused
from beholden.ports.system import System
from beholden.records.people import Officer, Role

PURPOSE = "victim-id-cse"


@dataclass(frozen=True, slots=True)
class Player:
    """A person of the agency, as colleagues know them."""

    name: str
    office: str
    role: Role


ADA = Player("Ada Lindqvist", "administrator", Role.ADMINISTRATOR)
STELLA = Player("Stella Ruiz", "records steward", Role.STEWARD)
PIA = Player("Pia Novak", "privacy officer", Role.PRIVACY_OFFICER)
PAUL = Player("Paul Mercer", "privacy officer who compares", Role.PRIVACY_OFFICER)
INES = Player("Ines Moreau", "investigator", Role.INVESTIGATOR)
SVEN = Player("Sven Okafor", "supervisor", Role.SUPERVISOR)
ROSA = Player("Rosa Klein", "examiner and reviewer of this list", Role.EXAMINER)
ERIK = Player("Erik Tanaka", "examiner", Role.EXAMINER)
EDDA = Player("Edda Bauer", "examiner", Role.EXAMINER)
EMIL = Player("Emil Haddad", "examiner", Role.EXAMINER)
AUDE = Player("Aude Petit", "auditor", Role.AUDITOR)
INVITED = (STELLA, PIA, PAUL, INES, SVEN, ROSA, ERIK, EDDA, EMIL, AUDE)


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that the demo makes lies in one folder."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def unlock(self) -> Path:
        return self.folder / "unlock.key"

    @property
    def intake(self) -> Path:
        return self.folder / "intake"

    @property
    def site(self) -> Path:
        """The web archive of the second source."""
        return self.folder / "site.warc"

    @property
    def exhibits(self) -> Path:
        return self.folder / "exhibits"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def packet(self) -> Path:
        return self.out / "disclosure"

    @property
    def receipt(self) -> Path:
        return self.out / "erasure-receipt.note"

    @property
    def bundle(self) -> Path:
        return self.out / "log-bundle"

    @property
    def altered(self) -> Path:
        return self.out / "log-bundle-with-one-byte-changed"

    @property
    def trusted_keys(self) -> Path:
        return self.out / "keys-kept-by-the-auditor.txt"

    @property
    def checkpoint_before(self) -> Path:
        return self.out / "checkpoint-before-the-erasure"


@dataclass(frozen=True, slots=True)
class Stage:
    system: System
    teller: Teller
    officers: Mapping[str, Officer]  # by name
    photographs: Photographs
    places: Places

    def __getitem__(self, player: Player) -> Officer:
        return self.officers[player.name]

    def act(self, player: Player, words: str) -> None:
        self.teller.act(player.name, player.office, words)

    def expect_refusal(self, tried: str, attempt: Callable[[], object]) -> None:
        """Try what the rules forbid, and tell every reason."""
        try:
            attempt()
        except Refused as error:
            self.teller.refused(tried, error)
        else:
            raise Fault(f"{tried} was not refused: the policy pack of this system is not the one of the demo")

    def verify(self, what: str, path: Path, *more: str) -> Mapping[str, Any]:
        """Run the verifier as an outsider would: one file of Python, another process, nothing of Beholden to import."""
        # Known as a program beside the package, not as a module: nothing of Beholden may import it.
        verifier = Path(str(files("beholden"))).parent / "beholden_verify.py"
        if not verifier.is_file():
            raise Fault(f"{verifier} is not there; install the project again")
        command = [sys.executable, "-I", str(verifier), what, str(path), "--keys", str(self.places.trusted_keys), *more]
        ran = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)  # noqa: S603
        if ran.returncode not in (0, NotProven.exit_code):
            raise Fault(f"the verifier could not read {path}: {ran.stderr.strip() or ran.stdout.strip()}")
        report: dict[str, Any] = json.loads(ran.stdout)
        verdict = "HOLDS" if report["holds"] else "NOT PROVEN"
        self.teller.say(f"$ python -I beholden_verify.py {what} {path.name} --keys {self.places.trusted_keys.name}")
        self.teller.say(f"→ {verdict} (exit code {ran.returncode})")
        return report

    def must_hold(self, what: str, path: Path, *more: str) -> Mapping[str, Any]:
        """As `verify`; raises `NotProven` with the verifier's problems if it does not hold."""
        report = self.verify(what, path, *more)
        if not report["holds"]:
            raise NotProven(f"the {what} does not hold: {report['problems']}; keep the folder and report this")
        return report
