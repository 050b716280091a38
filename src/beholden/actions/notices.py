"""The queue of what somebody outside must be told: nothing is sent by itself, and that it was sent is an act."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from beholden.actions import audit
from beholden.actions.audit import SYSTEM
from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.disclosures import CENTRAL_OFFICE, OVERSIGHT, Notice
from beholden.records.people import Officer, Person, Role

# By recipient; everybody else is a supervisor who reviews, or one that a disclosure or packet went to.
READERS: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {
        OVERSIGHT: (Role.AUDITOR,),
        CENTRAL_OFFICE: (Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR),
    }
)
OF_DISCLOSURES = (Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR)


def notices(system: System, officer: Officer, *, sent: bool = False) -> list[Notice]:
    """Those that wait, the oldest first, as far as one may see them; with `sent` those that were sent too.

    Who sees none of a recipient's is told of none: what is for the oversight body is the auditor's alone.
    """
    with at_desk(system, officer) as (look, person):
        waits: dict[str, Any] = {} if sent else {"sent": False}
        there = look.find(Notice, order="created_at", **waits)
        return [one for one in there if _sees(person, one)]


def mark_sent(system: System, officer: Officer, *, notice_id: str, how: str) -> Notice:
    """Say that a notice was sent, and how: by which letter, message or form. Raises `Missing` for one that one does not see."""
    with audit.act(system, "notice.sent", officer) as act, act.begin() as tx:
        there = tx.find(Notice, id=notice_id)
        if not there or not _sees(act.person, there[0]):
            raise Missing("there is no such notice for you; `beholden notices list` has yours")
        notice = there[0]
        act.permit(recipient=notice.recipient, sent=notice.sent, reason_chars=len(how.strip()))
        for name, told in (("notice", notice.id), ("recipient", notice.recipient), ("how", how.strip())):
            act.tell(name, told, SYSTEM)  # a notice has no key of its own
        return tx.change(notice, sent=True)


def _sees(person: Person, notice: Notice) -> bool:
    return is_one_of(person, *READERS.get(notice.recipient, OF_DISCLOSURES))
