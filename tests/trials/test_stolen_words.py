"""A stolen disk: of all that people type into the acts, words lie nowhere in clear, but for what is listed here."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import authorise
from beholden.actions.enrol import TakenFrom
from beholden.policy.handover import signer_of
from beholden.records.authority import Authority, Grounds, Necessity
from tests import oversight_body
from tests.actions import test_every_act_is_logged as every_act
from tests.agency import Agency, agency_on_disk
from tests.trials.place import Place

# Parameters of acts that take no words: ids, terms, what is a number, and what never reaches the disk.
IDS = ("_id", "_ids", "_by", "_name", "_sha256")
NO_WORDS = {
    *("id", "case", "handle", "handles", "like", "follows", "purpose", "purposes", "role", "roles", "subject_role"),
    *("authority_kind", "urgency", "ground", "origin", "opinion", "components", "of", "verdict", "event", "edits"),
    *("component", "space", "site", "model", "profile", "bands", "client", "state", "kind", "box", "boxes", "intake"),
    *(
        "code",
        "passphrase",
        "token",
        "after",
        "filter",
        "day",
        "person",
        "report",
        "files",
        "keep",
        "taken_at",
        "captured_at",
    ),
    *("record", "absent", "without_row", "vkey", "materiality", "about", "kept", "redirect", "by", "under"),
    *("ended_as", "kept_decision", "look_again_on", "instead_of"),
}
TERMS = {
    ("review", "outcome"),
    ("passkeys", "answer"),
    ("provider", "subject"),
    ("travel", "recipient"),
    ("describe", "seen"),
    ("letters", "letter"),
}  # a term there, and words elsewhere
# What lies open, by the module of the act and its parameter: lists are ordered by it (see `docs/data-folder.md`).
OPEN = {("register", "name"), ("people", "name"), ("cases", "reference"), ("witnessing", "name")}
# Words that go into the very field that another act of this trial fills.
ELSEWHERE = {
    *(
        "archives.enrol_archive(received_from)",
        "intake.enrol_folder(received_from)",
        "intake.enrol_sent(received_from)",
    ),
    *("authorise.edit_draft(differs)", "authorise.edit_draft(grounds)", "authorise.draft_authority(differs)"),
    "authorise.draft_authority(necessity)",
    "request.choose_records(looked_for)",
    *("disclose.make_provisional(recipients)", "disclose.make_provisional(basis)"),
    *("preview.preview_disclosure(recipients)", "preview.preview_disclosure(basis)"),
    *(f"exigent.check_exigent({name})" for name in ("place", "reason", "time")),  # keeps nothing; begin_exigent does
    "replay.replay_search(reason)",  # an item of the log, as that of revealing a picture
    "epoch.change_custodians(recipients)",  # public keys, and none of a folder that a key file opens
}
# Asked for in the words of before, so no mark is put to it; enrolling marks what it says of a picture.
AS_IT_IS = {"person_ref", "course", "number", "archives", "page_url", "reference"}


STAYS_EMPTY = {"differs", "answer", "questions", "looked_for"}  # words to something that is not there are refused


class Typist:
    """Stands in front of every act and puts a mark to whatever words it is given."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}  # mark: act and parameter

    def before(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(act)

        @functools.wraps(act)
        def typed(*given: Any, **named: Any) -> Any:
            bound = signature.bind(*given, **named)
            bound.apply_defaults()
            for parameter, value in list(bound.arguments.items())[2:]:
                if takes_words(name, parameter) and given_words(parameter, value):
                    bound.arguments[parameter] = self.marked(f"{name}({parameter})", value)
            return act(*bound.args, **bound.kwargs)

        return typed

    def marked(self, where: str, value: Any) -> Any:
        if isinstance(value, str):
            mark = f"marker {len(self.marks):04}"
            self.marks[mark] = where
            return f"{value} {mark}".strip()
        if isinstance(value, Necessity | Grounds | TakenFrom):
            texts = [one.name for one in fields(value) if one.name not in NO_WORDS | AS_IT_IS]
            return replace(value, **{text: self.marked(f"{where}.{text}", getattr(value, text)) for text in texts})
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return type(value)(self.marked(where, one) for one in value)
        return value


def given_words(parameter: str, value: Any) -> bool:
    """An empty field is marked too, unless the act would refuse that."""
    return value != Necessity("", "", "") if parameter == "necessity" else bool(value or parameter not in STAYS_EMPTY)


def takes_words(act: str, parameter: str) -> bool:
    module = act.partition(".")[0]
    named = parameter in NO_WORDS or parameter in AS_IT_IS or parameter.endswith(IDS)
    return not named and (module, parameter) not in OPEN | TERMS


def words_of(name: str, act: Callable[..., Any]) -> set[str]:
    """The parameters of an act that take words."""
    parameters = list(inspect.signature(act).parameters.values())[2:]
    texts = ("str", "Necessity", "Grounds", "TakenFrom")
    return {
        f"{name}({one.name})"
        for one in parameters
        if takes_words(name, one.name) and any(text in str(one.annotation) for text in texts)
    }


@pytest.fixture
def typist(monkeypatch: pytest.MonkeyPatch) -> Typist:
    typist = Typist()
    for name, act in every_act.ACTS.items():
        module, _, function = name.partition(".")
        typed = typist.before(name, act)
        monkeypatch.setattr(importlib.import_module(f"beholden.actions.{module}"), function, typed)
        if getattr(every_act, function, None) is act:
            monkeypatch.setattr(every_act, function, typed)
    return typist


def alike(agency: Agency) -> None:
    """A request that is said to be like another one: no other act takes those words."""
    ready = agency.ready(5)
    with agency.system.database.look() as look:
        first = look.get(Authority, ready.authority.id)
    authorise.request_authority(
        agency.system,
        agency["ines"],
        case_id=first.case_id,
        sought_id=first.sought_id,
        gallery_ids=first.gallery_ids,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        searches=1,
        like=first.id,
        differs="a second video of the same room",
    )


def test_no_word_that_was_typed_into_any_act_lies_in_the_two_folders(
    typist: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    agency = agency_on_disk(folder)
    pem = (folder / "keys" / "handover" / "oversight.pem").read_bytes()
    monkeypatch.setattr(oversight_body, "_made", lambda: (signer_of("oversight", pem), pem))
    every_act.script(agency, tmp_path)
    alike(agency)
    agency.system.close()
    files = Place(folder).files()
    found = {
        (name, where)
        for name, content in files.items()
        for mark, where in typist.marks.items()
        if any(mark.encode(how) in content for how in ("utf-8", "utf-16-le"))
    }
    assert found == set()
    assert {"data/records.db", "data/log/checkpoint", "keys/keys.db"} <= set(files)
    assert oversight_body.REASON.encode() not in b"".join(files.values())
    tried = {where[: where.index(")") + 1] for where in typist.marks.values()}
    there = {one for name, act in every_act.ACTS.items() for one in words_of(name, act)}
    assert there - tried <= ELSEWHERE, "an act that takes words of which none was tried"
