"""Role × act × assignment × case state × purpose × role of who is sought × urgency, against a table written by hand.

Every cell of it is asked of the rules as they ship, under facts that are good but for what the cell changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from beholden.ports.policy import Asker, Fact
from beholden.records.people import Role
from beholden.testing.good_requests import GOOD, ME, OTHER
from tests.contracts.test_policy import MAY, OTHERWISE, ca_2020

PERMITTED: Mapping[str, tuple[str, ...]] = {"victim-id-cse": ("victim",), "imminent-threat": ("victim", "other")}
PURPOSES = (*PERMITTED, "road-traffic")
SUBJECTS = ("victim", "other", "undeclared")
ROLES = tuple(str(role) for role in Role)
ROLES_OF = {act: roles.split() for roles, acts in MAY.values() for act in acts.split()}


@dataclass(frozen=True)
class Row:
    """What holds of an act beside its roles: where nothing is said, it makes no difference."""

    assigned: str = ""  # "yes": on the case; "no": not on it; "investigator": who investigates, others need not
    case: str = ""  # the state in which it must be
    purpose: bool = False  # one of the pack's
    subject: bool = False  # a role that the purpose permits
    urgency: str = ""  # "either": also before approval


CASEWORK = Row("yes", "open")
USE = Row("yes", "open", purpose=True, subject=True, urgency="either")
APART = Row("no")
TABLE: Mapping[str, Row] = {
    "case.opened": Row(purpose=True),
    "case.assigned": Row(case="open"),
    "case.closed": Row("investigator", "open"),
    "case.reopened": Row(case="closed"),
    **dict.fromkeys(("exhibit.added", "exhibit.face_drawn", "exhibit.face_edited", "exhibit.removed"), CASEWORK),
    **dict.fromkeys(("exhibit.shown", "exhibit.frame_shown"), Row("yes")),
    "sought.declared": Row("yes", "open", subject=True),
    "sought.withdrawn": CASEWORK,
    "authority.drafted": CASEWORK,
    "authority.requested": CASEWORK,
    "authority.approved": Row("no", "open"),
    **dict.fromkeys(("authority.refused", "authority.returned", "probe.shown"), APART),
    "evidence.imported": Row("no", "open"),
    "exigent.begun": Row("yes", "open", purpose=True, subject=True),
    **dict.fromkeys(("exigent.upheld", "exigent.refused", "exigent.lapse_closed"), APART),
    "search.started": USE,
    "comparison.made": USE,
    **dict.fromkeys(("comparison.read", "search.read", "lead.shown", "lead.refuted"), Row("investigator")),
    **dict.fromkeys(("review.opened", "review.shown", "review.decided", "review.finished"), APART),
    **dict.fromkeys(("examination.opened", "examination.shown", "examination.locked"), APART),
    **dict.fromkeys(("examination.described", "examination.viewed"), APART),
    "disclosure.made": CASEWORK,
    "disclosure.previewed": CASEWORK,
    "disclosure.read": Row("yes"),
}
# Of an examiner it matters what they took part in, and not whether they are assigned.
TOOK_PART = {"search.read", "lead.shown"}


@dataclass(frozen=True)
class Cell:
    act: str
    role: str
    assigned: bool
    case: str
    purpose: str
    subject: str
    urgency: str

    def allowed(self) -> bool:
        """By the table."""
        row = TABLE.get(self.act, Row())
        return (
            self.role in ROLES_OF[self.act]
            and (row.assigned != "yes" or self.assigned)
            and (row.assigned != "no" or not self.assigned)
            and (row.assigned != "investigator" or self.role != "investigator" or self.assigned)
            and row.case in ("", self.case)
            and (not row.purpose or self.purpose in PERMITTED)
            and (not row.subject or self.subject in PERMITTED.get(self.purpose, ()))
        )

    def facts(self) -> dict[str, Fact]:
        good = GOOD[self.act]
        changed: dict[str, Fact] = {
            "assigned": (ME, OTHER) if self.assigned else (OTHER,),
            "case_state": self.case,
            "purpose": self.purpose,
            "subject_role": self.subject,
            "permitted_roles": PERMITTED.get(self.purpose, ()),
            "crop_on_intake": (self.purpose,),
        }
        if self.urgency == "exigent":
            changed |= {"urgency": "exigent", "exigent_state": "open", "requested_by": ME, "approved_by": ""}
        if self.act in TOOK_PART:
            changed["took_part"] = self.role == "examiner"
        changed |= OTHERWISE.get((self.act, self.role), {})
        return {**good, **{name: value for name, value in changed.items() if name in good}}


def cells() -> Iterator[Cell]:
    for act, good in GOOD.items():
        yield from (
            Cell(act, *values)
            for values in product(
                ROLES,
                (True, False) if "assigned" in good else (True,),
                ("open", "closed") if "case_state" in good else ("open",),
                PURPOSES if {"purpose", "permitted_roles"} & good.keys() else PURPOSES[:1],
                SUBJECTS if "subject_role" in good else SUBJECTS[:1],
                ("prior", "exigent") if TABLE.get(act, Row()).urgency else ("prior",),
            )
        )


def test_req_94_every_cell_is_as_the_table_has_it() -> None:
    asked: Counter[bool] = Counter()
    other = []
    for cell in cells():
        decision = ca_2020().decide(cell.act, Asker(ME, (cell.role,), True), cell.facts())
        assert decision.error == "", cell
        asked[decision.allowed] += 1
        if decision.allowed is not cell.allowed():
            other.append((cell, [reason.rule_id for reason in decision.reasons]))
    assert other == []
    assert asked[True] > 200
    assert asked[False] > 2500


def test_the_table_has_every_act_whose_case_or_subject_matters_and_no_other() -> None:
    matters = {"assigned", "case_state", "subject_role", "pack_purposes"}
    asked = {act for act, good in GOOD.items() if matters & good.keys()}
    # These say of which purposes a source or a gallery is, and of no case.
    assert set(TABLE) == asked - {"source.proposed", "gallery.opened"}
