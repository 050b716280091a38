"""How a command comes in: where the data folder is, who acts, and the log sealed and witnessed behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from beholden.actions import audit, people, witnessing
from beholden.cli import asking, sessions
from beholden.cli.printing import WrongUse
from beholden.errors import BeholdenError, SignInRefused
from beholden.opening import open_folder
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.settings import Settings, read_settings

if TYPE_CHECKING:
    from beholden.keys.wrapping import Wrapping


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Where:
    """For commands that need no sign-in."""

    data: Annotated[
        Path | None, Parameter(name="--data", env_var="BEHOLDEN_DATA", help="The data folder of the system.")
    ] = None
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON document.")] = False

    @property
    def folder(self) -> Path:
        if self.data is None:
            raise WrongUse("no data folder is named; give --data FOLDER, or set BEHOLDEN_DATA")
        return self.data


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Door:
    """For commands in which somebody who is signed in acts."""

    data: Annotated[
        Path | None, Parameter(name="--data", env_var="BEHOLDEN_DATA", help="The data folder of the system.")
    ] = None
    acting_as: Annotated[
        str, Parameter(name="--as", help="Act as this person, in a system of the profile synthetic only.")
    ] = ""
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON document.")] = False

    @property
    def where(self) -> Where:
        return Where(self.data, self.as_json)

    @contextmanager
    def enter(self) -> Iterator[tuple[System, Officer]]:
        """Open the folder for whoever acts. Raises `SignInRefused` when nobody is signed in."""
        folder = self.where.folder
        settings = read_settings(folder)
        officer = None if self.acting_as else sessions.kept(folder)
        with opened(folder, settings) as system:
            try:
                if self.acting_as:
                    officer = people.sign_in_as(system, name=self.acting_as)
                if officer is None:
                    raise SignInRefused(audit.NOT_SIGNED_IN)
                yield system, officer
            except BeholdenError as error:
                if error.entry is None:  # it was stopped before it came to any act: a record that is not theirs, say
                    audit.write_stopped(system, officer, error)
                raise


ANYWHERE = Where()
HERE = Door()


def wrapping_of(settings: Settings) -> Wrapping | None:
    """The passphrase that unlocks the keys, asked for where one does."""
    if settings.unlock != "passphrase":
        return None
    from beholden.keys.wrapping import Passphrase

    return Passphrase(asking.keys_passphrase())


@contextmanager
def opened(folder: Path, settings: Settings | None = None, *, client: str = "cli") -> Iterator[System]:
    """The system of a folder, its keys unlocked. The log is sealed at the end, after a refusal too, and its witnesses asked."""
    system = open_folder(folder, wrapping=wrapping_of(settings or read_settings(folder)), client=client)
    try:
        try:
            yield system
        except BaseException:
            with suppress(BeholdenError):  # the first failure is the one to tell of; the next start seals
                witnessing.seal_and_ask(system)
            raise
        witnessing.seal_and_ask(system)
    finally:
        system.close()
