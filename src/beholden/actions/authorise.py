"""Authority to search: drafted, requested, returned, approved, refused, revoked, withdrawn. Whoever asks never approves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from beholden.actions import audit
from beholden.actions.audit import Act, millis
from beholden.actions.evidence import unmanifested
from beholden.actions.use import probes_of, unfit
from beholden.errors import BadInput, Missing
from beholden.ports.database import Look, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.authority import (
    NO_GROUNDS,
    NOT_WRITTEN,
    ONCE_APPROVED,
    Authority,
    AuthorityState,
    Grounds,
    Necessity,
    Question,
    Urgency,
    copies,
    missing_of,
    repeats,
    shortest_part,
    state_at,
)
from beholden.records.cases import Case
from beholden.records.disclosures import CENTRAL_OFFICE, Notice
from beholden.records.evidence import ProbeLook
from beholden.records.people import Officer
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought

NEW = "new"  # the state, for the policy, of what no record stands for yet


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for. Of one that is like another, the necessity is that one's."""

    gallery_ids: tuple[str, ...]
    necessity: Necessity
    starts_at: datetime
    ends_at: datetime
    searches: int
    follows: str
    like: str
    differs: str
    grounds: Grounds


def request_authority(
    system: System,
    officer: Officer,
    *,
    case_id: str,
    sought_id: str,
    gallery_ids: Sequence[str],
    necessity: Necessity = NOT_WRITTEN,
    starts_at: datetime,
    ends_at: datetime,
    searches: int,
    follows: str = "",
    like: str = "",
    differs: str = "",
    grounds: Grounds = NO_GROUNDS,
) -> Authority:
    """Ask for authority. `follows` names the authority that this one replaces: one that stands is never widened.

    `like` names an approved request of the same case, one's own or a colleague's, whose necessity holds here too: it is
    taken over as it stands, with what `differs` in one's own words, and none is given. Raises `BadInput` for both.
    """
    asked = _Asked(tuple(gallery_ids), necessity, starts_at, ends_at, searches, follows, like, differs, grounds)
    with audit.act(system, "authority.requested", officer) as act, act.begin() as tx:
        case, sought = _of_case(act, tx, case_id, sought_id)
        asked = _permit_request(act, tx, case, sought, asked)
        return _add(act, tx, case, sought, asked, AuthorityState.REQUESTED)


def draft_authority(
    system: System,
    officer: Officer,
    *,
    case_id: str,
    sought_id: str,
    starts_at: datetime,
    ends_at: datetime,
    gallery_ids: Sequence[str] = (),
    necessity: Necessity = NOT_WRITTEN,
    searches: int = 1,
    follows: str = "",
    like: str = "",
    differs: str = "",
    grounds: Grounds = NO_GROUNDS,
) -> Authority:
    """Begin a request without asking yet: it may lack anything, and nobody decides about it before `submit_request`."""
    asked = _Asked(tuple(gallery_ids), necessity, starts_at, ends_at, searches, follows, like, differs, grounds)
    with audit.act(system, "authority.drafted", officer) as act, act.begin() as tx:
        case, sought = _of_case(act, tx, case_id, sought_id)
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            sought_of_case=sought.case_id == case.id,
            state=NEW,
            requested_by=act.person.id,
        )
        _check_named(act, tx, case, asked)
        return _add(act, tx, case, sought, asked, AuthorityState.DRAFT)


def edit_draft(
    system: System,
    officer: Officer,
    *,
    authority_id: str,
    gallery_ids: Sequence[str] | None = None,
    necessity: Necessity | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    searches: int | None = None,
    follows: str | None = None,
    like: str | None = None,
    differs: str | None = None,
    grounds: Grounds | None = None,
) -> Authority:
    """Change one's own draft, or one's request that was returned with questions; what is left out stays as it is."""
    with audit.act(system, "authority.drafted", officer) as act, act.begin() as tx:
        draft, case = _find(act, tx, authority_id)
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            sought_of_case=True,
            state=str(draft.state),
            requested_by=draft.requested_by,
        )
        was = _asked(draft)
        named: dict[str, object] = {"necessity": necessity, "starts_at": starts_at, "ends_at": ends_at}
        named |= {"searches": searches, "follows": follows, "like": like, "differs": differs, "grounds": grounds}
        given: dict[str, object] = {name: value for name, value in named.items() if value is not None}
        if gallery_ids is not None:
            given["gallery_ids"] = tuple(dict.fromkeys(gallery_ids))
        if like is not None and like != was.like and necessity is None:
            given["necessity"] = NOT_WRITTEN  # that of the request it was like does not hold here
        now = replace(was, **given)  # type: ignore[arg-type]  # each name is a field of it, with a value of its type
        _check_named(act, tx, case, now)
        return tx.change(draft, **_fields(now))


def submit_request(system: System, officer: Officer, *, authority_id: str, answer: str = "") -> Authority:
    """Ask with one's own draft, or ask again with the answer to what an approver asked. All rules of a request hold."""
    with audit.act(system, "authority.requested", officer) as act, act.begin() as tx:
        draft, case = _find(act, tx, authority_id)
        sought = tx.get(Sought, draft.sought_id)
        act.tell("sought", sought.id, sought.id)
        asked = _permit_request(act, tx, case, sought, _asked(draft), draft, len(answer.strip()))
        questions = draft.questions
        if draft.state is AuthorityState.RETURNED:
            last = replace(questions[-1], answer=answer.strip(), answered_at=act.now)
            questions = (*questions[:-1], last)
            act.tell("answer", answer.strip(), draft.id)
        return tx.change(draft, **_fields(asked), questions=questions, state=AuthorityState.REQUESTED)


def return_request(system: System, officer: Officer, *, authority_id: str, questions: str) -> Authority:
    """Give a request back with questions: whoever asked answers them, may mend the request, and asks again."""
    with audit.act(system, "authority.returned", officer) as act, act.begin() as tx:
        asked, case = _find(act, tx, authority_id)
        words = questions.strip()
        named: dict[str, Fact] = {"requested_by": asked.requested_by, "assigned": case.assigned}
        act.permit(state=str(asked.state), reason_chars=len(words), **named)
        act.tell("questions", words, asked.id)
        question = Question(act.person.id, act.now, words, asked.necessity)
        return tx.change(asked, state=AuthorityState.RETURNED, questions=(*asked.questions, question))


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
    """Approve what was requested, or less of it: fewer galleries, a shorter window, fewer searches.

    Of a probe that no register of the case's evidence has, the approver must have looked at the face (`probe.show_probe`).
    """
    with audit.act(system, "authority.approved", officer) as act, act.begin() as tx:
        asked, case = _find(act, tx, authority_id)
        galleries = asked.gallery_ids if gallery_ids is None else tuple(dict.fromkeys(gallery_ids))
        starts, ends = starts_at or asked.starts_at, ends_at or asked.ends_at
        number = asked.searches if searches is None else searches
        outside = unmanifested(tx, probes_of(tx, tx.get(Sought, asked.sought_id)), asked.requested_by)
        seen = {one.exhibit_id for one in tx.find(ProbeLook, authority_id=asked.id, seen_by=act.person.id)}
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
            unopened_chips=sum(exhibit.id not in seen for exhibit, _ in outside),
        )
        authority = tx.change(
            asked,
            state=AuthorityState.ACTIVE,
            gallery_ids=galleries,
            starts_at=starts,
            ends_at=ends,
            searches=number,
            decided_by=act.person.id,
            unmanifested=len(outside),
        )
        words = f"an authority of {number} searches was approved until {ends:%Y-%m-%d %H:%M} UTC"
        tx.add(Notice(system.clock.new_id(), 0, act.keep("notice"), CENTRAL_OFFICE, authority.id, words, sent=False))
        act.tell("searches", number, authority.id)
        act.tell("unmanifested", len(outside), authority.id)
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
        state, running = str(state_at(authority, act.now)), _under_way(tx, authority)
        act.permit(state=state, searches_under_way=running, reason_chars=len(reason.strip()))
        act.tell("reason", reason.strip(), authority.id)
        return tx.change(authority, state=AuthorityState.REVOKED, reason=reason.strip())


def withdraw_request(system: System, officer: Officer, *, authority_id: str) -> Authority:
    """Take one's own draft, request or authority back; a search under way makes no list."""
    with audit.act(system, "authority.withdrawn", officer) as act, act.begin() as tx:
        authority, _ = _find(act, tx, authority_id)
        state, running = str(state_at(authority, act.now)), _under_way(tx, authority)
        act.permit(state=state, searches_under_way=running, requested_by=authority.requested_by)
        return tx.change(authority, state=AuthorityState.WITHDRAWN)


def _permit_request(
    act: Act,
    tx: Transaction,
    case: Case,
    sought: Sought,
    asked: _Asked,
    draft: Authority | None = None,
    answer_chars: int = 0,
) -> _Asked:
    """What is asked for as it is kept, if all rules of a request allow it."""
    rules = act.system.rules
    like = _named(tx, case, asked.like)
    others = [one for one in tx.find(Authority, requested_by=act.person.id) if draft is None or one.id != draft.id]
    before = tuple(one.necessity for one in others if one.state is not AuthorityState.DRAFT)
    differences = [one.differs for one in tx.find(Authority, case_id=case.id) if draft is None or one.id != draft.id]
    written = like.necessity if like else asked.necessity
    wanted = tuple(dict.fromkeys(asked.gallery_ids))
    required = act.system.policy.pack.required_of(case.purpose, str(sought.subject_role))
    likeness: dict[str, Fact] = {
        "like_approved": like is None or like.state in ONCE_APPROVED,
        "difference_chars": len(asked.differs.strip()) if like else max(1, rules.min_necessity_chars),
        "difference_repeats": like is not None and copies(asked.differs, (*differences, *written.parts())),
    }
    act.permit(
        case_state=str(case.state),
        assigned=case.assigned,
        state=NEW if draft is None else str(draft.state),
        requested_by=act.person.id if draft is None else draft.requested_by,
        answer_chars=answer_chars,
        sought_state=str(sought.state),
        sought_of_case=sought.case_id == case.id,
        necessity_chars=shortest_part(written),
        min_necessity_chars=rules.min_necessity_chars,
        necessity_repeats=like is None and repeats(written, before),
        missing_fields=missing_of(asked.grounds, required),
        galleries=len(wanted),
        unfit_galleries=unfit(tx, wanted, case.purpose),
        searches=asked.searches,
        max_searches=rules.max_searches,
        starts_at=millis(asked.starts_at),
        ends_at=millis(asked.ends_at),
        max_hours=rules.max_authority_hours,
        **likeness,
    )
    _check_named(act, tx, case, asked)
    return replace(asked, gallery_ids=wanted, necessity=written, differs=asked.differs.strip())


def _check_named(act: Act, tx: Transaction, case: Case, asked: _Asked) -> None:
    """Raises `Missing` for a request that is not of the case, `BadInput` for a necessity beside that of the like one."""
    if followed := _named(tx, case, asked.follows):
        act.tell("follows", followed.id, followed.id)
    if like := _named(tx, case, asked.like):
        act.tell("like", like.id, like.id)
        if asked.necessity not in (NOT_WRITTEN, like.necessity):
            raise BadInput("give either reasons of this request, or the one that it is like and what differs, not both")
    elif asked.differs.strip():
        raise BadInput("say which request this one is like, or leave out what differs")


def _named(look: Look, case: Case, authority_id: str) -> Authority | None:
    """Of another case, or nowhere: which of the two tells what others have."""
    if not authority_id:
        return None
    there = look.find(Authority, id=authority_id, case_id=case.id)
    if not there:
        raise Missing("this case has no such authority that the new one could follow or be like")
    return there[0]


def _asked(draft: Authority) -> _Asked:
    return _Asked(**{name: getattr(draft, name) for name in _Asked.__slots__})


def _fields(asked: _Asked) -> dict[str, object]:
    return {name: getattr(asked, name) for name in _Asked.__slots__}


def _add(act: Act, tx: Transaction, case: Case, sought: Sought, asked: _Asked, state: AuthorityState) -> Authority:
    authority = Authority(
        id=act.new_id(),
        version=0,
        kept=act.keep("authority"),
        case_id=case.id,
        sought_id=sought.id,
        purpose=case.purpose,
        urgency=Urgency.PRIOR,
        necessity=asked.necessity,
        gallery_ids=tuple(dict.fromkeys(asked.gallery_ids)),
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        searches=asked.searches,
        used=0,
        requested_by=act.person.id,
        decided_by="",
        reason="",
        follows=asked.follows,
        state=state,
        like=asked.like,
        differs=asked.differs,
        grounds=asked.grounds,
    )
    tx.add(authority)
    act.tell("authority", authority.id, authority.id)
    return authority


def _of_case(act: Act, tx: Transaction, case_id: str, sought_id: str) -> tuple[Case, Sought]:
    case, sought = tx.get(Case, case_id), tx.get(Sought, sought_id)
    act.purpose = case.purpose
    act.tell("case", case.id, case.id)
    act.tell("sought", sought.id, sought.id)
    return case, sought


def _under_way(look: Look, authority: Authority) -> int:
    return look.count(Search, authority_id=authority.id, state=SearchState.STARTED)


def _find(act: Act, tx: Transaction, authority_id: str) -> tuple[Authority, Case]:
    authority = tx.get(Authority, authority_id)
    case = tx.get(Case, authority.case_id)
    act.purpose = authority.purpose
    act.tell("case", case.id, case.id)
    act.tell("authority", authority.id, authority.id)
    return authority, case
