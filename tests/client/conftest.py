"""A server process on a small synthetic folder, and the bearer key of everybody who works there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from beholden.actions import people, training
from beholden.client import Client
from beholden.opening import open_folder
from tests.edges.terminal import ROLES, Office, make
from tests.server.test_process import Served, served

PASSPHRASE = "a passphrase of some length"


@dataclass
class Staffed:
    """Everybody accepted their invitation over REST."""

    server: Served
    office: Office
    bearers: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.server.address

    def client(self, name: str, *, page: int = 100) -> Client:
        return Client(self.address, bearer=self.bearers[name], page=page)


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    with _staffed(tmp_path_factory.mktemp("served")) as there:
        yield there


@pytest.fixture
def staffed_alone(tmp_path: Path) -> Iterator[Staffed]:
    """Another, for a test that leaves what others would count."""
    with _staffed(tmp_path) as there:
        yield there


@contextmanager
def _staffed(folder: Path) -> Iterator[Staffed]:
    token = make(folder)["token"]
    with served(folder / "data") as server:
        there = Staffed(server, Office(folder))
        with Client(server.address) as ada:
            there.bearers["ada"] = ada.accept(name="ada", token=token, passphrase=PASSPHRASE).bearer
            for name, role in ROLES.items():
                invited = ada.people.add(name=name, roles=[role.replace("-", "_")])
                there.ids[name] = invited.person.id
                with Client(server.address) as newcomer:
                    session = newcomer.accept(name=name, token=invited.token, passphrase=PASSPHRASE)
                there.bearers[name] = session.bearer
        _certify(there)
        yield there


def _certify(there: Staffed) -> None:
    """Certificates of training for whose acts ask for one, behind the server's back: it has no operation for them yet."""
    with closing(open_folder(there.office.data, recover=False)) as system:
        ada = people.sign_in(system, name="ada", passphrase=PASSPHRASE)
        for name, role in ROLES.items():
            if (named := role.replace("-", "_")) in training.COURSES:
                training.enter_certificate(
                    system, ada, person_id=there.ids[name], role=named, course=f"{named} 1", number="117"
                )
