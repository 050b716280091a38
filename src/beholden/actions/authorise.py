"""Authority to search: request, approve, refuse, revoke, withdraw. Whoever asks is never who approves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from beholden.actions import audit
from beholden.actions.audit import Act, millis
from beholden.errors import Missing
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState, Necessity, Urgency, repeats, shortest_part
from beholden.records.cases import Case
from beholden.records.disclosures import Notice
from beholden.records.galleries import Gallery, is_fit
from beholden.records.people import Officer
from beholden.records.sought import Sought


def request_authority(
    system: System,
    officer: Officer,
    *,
    case_id: str,
    sought_id: str,
    gallery_ids: Sequence[str],
    necessity: Necessity,
    starts_at: datetime,
    ends_at: datetime,
    searches: int,
    follows: str = "",
) -> Authority:
    """Ask for authority. `follows` names the authority that this one replaces: one that stands is never widened."""
    with audit.act(system, "authority.requested", officer) as act, act.begin() as tx:
        case, sought = tx.get(Case, case_id), tx.get(Sought, sought_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.tell("sought", sought.id, sought.id)
        wanted = tuple(dict.fromkeys(gallery_ids))
        before = tuple(one.necessity for one in tx.find(Authority, requested_by=act.person.id))
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            sought_state=str(sought.state),
            sought_of_case=sought.case_id == case.id,
            necessity_chars=shortest_part(necessity),
            min_necessity_chars=system.rules.min_necessity_chars,
            necessity_repeats=repeats(necessity, before),
            galleries=len(wanted),
            unfit_galleries=unfit(tx, wanted, case.purpose),
            searches=searches,
            max_searches=system.rules.max_searches,
            starts_at=millis(starts_at),
            ends_at=millis(ends_at),
            max_hours=system.rules.max_authority_hours,
        )
        if follows:
            earlier = tx.find(Authority, id=follows, case_id=case.id)
            if not earlier:  # of another case, or nowhere: which of the two tells what others have
                raise Missing("this case has no such authority that the new one could follow")
            act.tell("follows", earlier[0].id, earlier[0].id)
        authority = Authority(
            id=act.new_id(),
            version=0,
            kept=act.keep("authority"),
            case_id=case.id,
            sought_id=sought.id,
            purpose=case.purpose,
            urgency=Urgency.PRIOR,
            necessity=necessity,
            gallery_ids=wanted,
            starts_at=starts_at,
            ends_at=ends_at,
            searches=searches,
            used=0,
            requested_by=act.person.id,
            decided_by="",
            reason="",
            follows=follows,
            state=AuthorityState.REQUESTED,
        )
        tx.add(authority)
        act.tell("authority", authority.id, authority.id)
    return authority


def approve_authority(
    system: System,
    officer: Officer,
    *,
    authority_id: str,
    gallery_ids: Sequence[str] | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    searches: int | None = None,
) -> Authority:
    """Approve what was requested, or less of it: fewer galleries, a shorter window, fewer searches."""
    with audit.act(system, "authority.approved", officer) as act, act.begin() as tx:
        asked, case = _find(act, tx, authority_id)
        galleries = asked.gallery_ids if gallery_ids is None else tuple(dict.fromkeys(gallery_ids))
        starts, ends = starts_at or asked.starts_at, ends_at or asked.ends_at
        number = asked.searches if searches is None else searches
        act.permit(
            case_state=str(case.state),
            state=str(asked.state),
            requested_by=asked.requested_by,
            assigned=case.assigned,
            galleries=len(galleries),
            galleries_not_requested=len(set(galleries) - set(asked.gallery_ids)),
            unfit_galleries=unfit(tx, galleries, asked.purpose),
            searches=number,
            searches_requested=asked.searches,
            starts_at=millis(starts),
            ends_at=millis(ends),
            starts_at_requested=millis(asked.starts_at),
            ends_at_requested=millis(asked.ends_at),
        )
        authority = tx.change(
            asked,
            state=AuthorityState.ACTIVE,
            gallery_ids=galleries,
            starts_at=starts,
            ends_at=ends,
            searches=number,
            decided_by=act.person.id,
        )
        tx.add(
            Notice(
                id=system.clock.new_id(),
                version=0,
                kept=act.keep("notice"),
                recipient="central office",
                about=authority.id,
                words=f"an authority of {number} searches was approved until {ends:%Y-%m-%d %H:%M} UTC",
                sent=False,
            )
        )
        act.tell("searches", number, authority.id)
        for gallery_id in galleries:
            act.tell("gallery", gallery_id, gallery_id)
    return authority


def refuse_authority(system: System, officer: Officer, *, authority_id: str, reason: str) -> Authority:
    with audit.act(system, "authority.refused", officer) as act, act.begin() as tx:
        asked, case = _find(act, tx, authority_id)
        act.permit(
            state=str(asked.state),
            requested_by=asked.requested_by,
            assigned=case.assigned,
            reason_chars=len(reason.strip()),
        )
        act.tell("reason", reason.strip(), asked.id)
        return tx.change(asked, state=AuthorityState.REFUSED, decided_by=act.person.id, reason=reason.strip())


def revoke_authority(system: System, officer: Officer, *, authority_id: str, reason: str) -> Authority:
    """Effective at the next search, and for one under way at its end: its list is not made."""
    with audit.act(system, "authority.revoked", officer) as act, act.begin() as tx:
        authority, _ = _find(act, tx, authority_id)
        act.permit(state=str(authority.state), reason_chars=len(reason.strip()))
        act.tell("reason", reason.strip(), authority.id)
        return tx.change(authority, state=AuthorityState.REVOKED, reason=reason.strip())


def withdraw_request(system: System, officer: Officer, *, authority_id: str) -> Authority:
    with audit.act(system, "authority.withdrawn", officer) as act, act.begin() as tx:
        authority, _ = _find(act, tx, authority_id)
        act.permit(state=str(authority.state), requested_by=authority.requested_by)
        return tx.change(authority, state=AuthorityState.WITHDRAWN)


def unfit(look: Look, gallery_ids: Sequence[str], purpose: str) -> int:
    """How many of these galleries are closed, unknown, or not held for the purpose."""
    fit = {gallery.id for gallery in look.find(Gallery, id=OneOf(gallery_ids)) if is_fit(gallery, purpose)}
    return len(set(gallery_ids) - fit)


def _find(act: Act, tx: Transaction, authority_id: str) -> tuple[Authority, Case]:
    authority = tx.get(Authority, authority_id)
    case = tx.get(Case, authority.case_id)
    act.purpose = authority.purpose
    act.tell("case", case.id, case.id)
    act.tell("authority", authority.id, authority.id)
    return authority, case
