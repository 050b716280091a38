"""The path of a search before approval on one page, from its list to a warning; and what becomes of what left.

The page looks at nothing by itself: pairs are given after a button was pressed, veiled until somebody looks at one, and stay in
memory for the minutes in which they decide about them. The own examination goes by its stages here too: who is sought alone,
who is held alone, then both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import describe, desk, disclose, examine, recall, review
from beholden.actions.hurry import Hurried, Next
from beholden.actions.lay import Laid
from beholden.actions.review import Shown
from beholden.actions.standing import (
    Standing,
    standing_of_disclosure,
    standing_of_search,
    standing_since,
)
from beholden.errors import BadInput, BeholdenError, Missing
from beholden.records.examination import COMPONENTS, Observation, Opinion
from beholden.records.people import Role
from beholden.records.review import Outcome
from beholden.web import hidden
from beholden.web.disclosures import LEFT_OUT
from beholden.web.examinations import NO_OPINION, STEPS
from beholden.web.forms import Form, Typed
from beholden.web.held import PACKET_FOR, Pair, PairAddress, held, hold_pairs
from beholden.web.naming import people_names
from beholden.web.page import in_words, render, see_other
from beholden.web.reviews import OUTCOMES
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter(include_in_schema=False)

SIGHT = "sight"  # among the held files: what the page told of the pairs that are held
EVERYTHING = "everything"  # said of a side by one press: suitable, and every component can be judged in it
STEP_WORDS = (
    (Next.SEARCH, named("Search")),
    (Next.REVIEW, named("Review the list")),
    (Next.EXAMINE, named("Examine")),
    (Next.WARN, named("Warn")),
)


@router.get("/exigents/{exigent_id}/path")
def show_path(request: Request, seat: Seat, exigent_id: str, at: int = 0) -> Response:
    """What comes next, of who began it. `at` is the place of a pair to look at again."""
    return _page(request, seat, hidden.hurried(*seat, exigent_id), at=at)


@router.post("/exigents/{exigent_id}/path")
def go_on(request: Request, seat: Seat, form: Form, exigent_id: str) -> Response:
    """One step, and the page again with the next."""
    there = hidden.hurried(*seat, exigent_id)
    try:
        if form.text("do") not in _ACTS:
            raise BadInput("say what comes next: the page has a button for each step")
        return _ACTS[form.text("do")](request, seat, form, there)
    except BeholdenError as error:
        return _page(request, seat, hidden.hurried(*seat, exigent_id), error, form)


def _review(request: Request, seat: Seat, _form: Typed, there: Hurried) -> Response:
    before = standing_of_search(*seat, search_id=there.search_id)
    own, shown = review.open_review(*seat, search_id=there.search_id)
    hangs_on = standing_since(*seat, before, search_id=there.search_id)
    return _on(request, there, seen=_hold(request, seat, hangs_on, there, shown, of="pair", under=own.id))


def _decide(request: Request, seat: Seat, form: Typed, there: Hurried) -> Response:
    review.decide_pair(*seat, handle=_own_pair(there, form), outcome=form.text("outcome"))
    return _on(request, there, seen=form.text("seen"))


def _finish(request: Request, seat: Seat, _form: Typed, there: Hurried) -> Response:
    own = desk.review(*seat, search_id=there.search_id)
    review.finish_review(*seat, review_id=own[0].id if own else "")
    return _on(request, there, done="finished")


def _examine(request: Request, seat: Seat, _form: Typed, there: Hurried) -> Response:
    before = standing_of_search(*seat, search_id=there.search_id)
    shown = examine.open_examination(*seat, search_id=there.search_id)
    hangs_on = standing_since(*seat, before, search_id=there.search_id)
    held_now = _hold(request, seat, hangs_on, there, [shown], of="examination", under=shown.handle)
    return _on(request, there, seen=held_now)


def _describe(request: Request, seat: Seat, form: Typed, there: Hurried) -> Response:
    """One side as it is alone, by one press or in the fields; then what comes after it is laid there."""
    everything = form.text("said") == EVERYTHING
    describe.describe_side(
        *seat,
        handle=there.open_examination,
        of=form.text("side"),
        suitable=everything or form.text("suitable") == "yes",
        seen=COMPONENTS if everything else form.texts("judged"),
        words="" if everything else form.text("words"),
    )
    return _examine(request, seat, form, there)


def _lock(request: Request, seat: Seat, form: Typed, there: Hurried) -> Response:
    """What is said of every component holds for each that nothing else is said of; each is locked with its own.

    Of those that cannot be judged in both sides the page asks nothing: they are not comparable.
    """
    judged = _judged(there)
    said = [
        (name, (form.text(f"component-{name}") or form.text("rest")) if name in judged else Observation.NOT_COMPARABLE)
        for name in (COMPONENTS if _suitable(there) else ())
    ]
    examine.lock_examination(
        *seat,
        handle=there.open_examination,
        components=[(name, str(observation)) for name, observation in said if observation],
        limitations=form.text("limitations"),
        opinion=STEPS.get(form.text("opinion"), NO_OPINION),
    )
    return _on(request, there, done="locked")


def _warn(request: Request, seat: Seat, form: Typed, there: Hurried) -> Response:
    hangs_on = standing_of_disclosure(*seat, search_id=there.search_id)
    packet = disclose.make_provisional(
        *form.once(seat),
        search_id=there.search_id,
        handles=form.texts("handle"),
        recipients=form.lines("recipients"),
        basis=form.text("basis"),
    )
    files = {**packet.files, LEFT_OUT: "\n".join(packet.left_out).encode()}
    token = held(request).put(hangs_on, files, now=seat[0].clock.now(), lasts=PACKET_FOR)
    return see_other(request, f"/disclosures/{packet.disclosure.id}/files/{token}")


_ACTS = {
    "review": _review,
    "decide": _decide,
    "finish": _finish,
    "examine": _examine,
    "describe": _describe,
    "lock": _lock,
    "warn": _warn,
}


def _on(request: Request, there: Hurried, **query: str) -> Response:
    return see_other(request, f"/exigents/{there.exigent_id}/path", **{name: one for name, one in query.items() if one})


def _own_pair(there: Hurried, form: Typed) -> str:
    """Raises `Missing` for a handle that is not of the own review of this search."""
    if form.text("handle") not in {pair.handle for pair in there.pairs}:
        raise Missing("there is no such pair for you")
    return form.text("handle")


def _suitable(there: Hurried) -> bool:
    return all(one.suitable for one in there.described)


def _judged(there: Hurried) -> set[str]:
    """The components that can be judged in both sides."""
    return set(COMPONENTS).intersection(*(one.seen for one in there.described))


def _hold(
    request: Request,
    seat: Seat,
    hangs_on: Standing,
    there: Hurried,
    shown: Sequence[Shown | Laid],
    *,
    of: str,
    under: str,
) -> str:
    """The pairs, veiled, and what the page says of each; the token by which the page finds them."""
    back = f"/exigents/{there.exigent_id}/path"
    pairs = [Pair(of, one.handle, one.probes, one.reference, under=under, back=back) for one in shown]
    addresses = hold_pairs(request, seat[0], hangs_on, pairs)
    told = {
        "exigent": there.exigent_id,
        "pairs": {
            one.handle: {
                "address": asdict(address),
                "captured_at": one.reference_captured_at,
                "cautions": one.cautions,
                "stage": str(one.stage) if isinstance(one, Laid) else "",
            }
            for one, address in zip(shown, addresses, strict=True)
        },
    }
    now = seat[0].clock.now()
    return held(request).put(hangs_on, {SIGHT: json.dumps(told).encode()}, now=now, lasts=PACKET_FOR)


def _seen(request: Request, seat: Seat, there: Hurried, token: str) -> dict[str, Any]:
    """What was shown of this search and still stands; else nothing, and the page has the button that shows it again."""
    try:
        content = held(request).get(*seat, token).get(SIGHT, b"{}") if token else b"{}"
    except Missing:
        return {}
    told: dict[str, Any] = json.loads(content)
    if told.get("exigent") != there.exigent_id:
        return {}
    for one in told["pairs"].values():
        one["address"] = PairAddress.of(one["address"])
    return told


def _page(
    request: Request,
    seat: Seat,
    there: Hurried,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    at: int = 0,
) -> Response:
    system, _officer = seat
    token = typed.text("seen") if typed else request.query_params.get("seen", "")
    seen = _seen(request, seat, there, token)
    shown = [pair for pair in there.pairs if pair.handle in seen.get("pairs", {})]
    undecided = [pair for pair in shown if pair.outcome is Outcome.PENDING]
    asked = next((pair for pair in shown if pair.position == at), None)
    pair = asked or (undecided[0] if undecided else None)
    stage = str(there.stage or "")
    laid = seen.get("pairs", {}).get(there.open_examination)
    minutes, seconds = divmod(int((system.clock.now() - there.begun_at).total_seconds()), 60)
    return render(
        request,
        "exigent_path.html.jinja",
        error=error,
        typed=typed or {},
        there=there,
        seen=seen,
        token=token if seen else "",
        pair=pair,
        pair_seen=seen["pairs"][pair.handle] if pair else None,
        shown=shown,
        before=max((one.position for one in shown if pair and one.position < pair.position), default=0),
        last=shown[-1].position if shown else 0,
        potential=sum(one.outcome is Outcome.POTENTIAL for one in there.pairs),
        most=system.rules.max_potential,
        laid=laid
        if laid and laid["stage"] == stage
        else None,  # said of one side elsewhere meanwhile: the next is asked for
        stage=stage,
        suitable=_suitable(there),
        judged=_judged(there),
        everything=EVERYTHING,
        steps=STEP_WORDS,
        outcomes=OUTCOMES,
        components=[(one, in_words(one)) for one in COMPONENTS],
        observations=[(str(one), in_words(one)) for one in Observation],
        opinions_offered=[
            (int(one), _(one.words)) for one in sorted(Opinion) if one is Opinion.CANNOT_COMPARE or _suitable(there)
        ],
        past=_("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": f"{seconds:02d}"},
        most_recipients=system.rules.max_provisional_recipients,
    )


@router.get("/disclosures/{disclosure_id}/after")
def show_after(request: Request, seat: Seat, disclosure_id: str) -> Response:
    """What became of what left, and how it is taken back."""
    return _after(request, seat, disclosure_id)


@router.post("/disclosures/{disclosure_id}/after")
def take_back(request: Request, seat: Seat, form: Form, disclosure_id: str) -> Response:
    """Recalled by a supervisor, or a lead of it refuted by whoever learns that it was wrong; its recipients are told."""
    hidden.disclosure(*seat, disclosure_id)
    try:
        if form.text("do") == "recall":
            recall.recall_disclosure(*seat, disclosure_id=disclosure_id, reason=form.text("reason"))
        elif form.text("do") == "refute":
            recall.refute_lead(
                *seat,
                disclosure_id=disclosure_id,
                lead=form.number("lead", "number of a lead"),
                reason=form.text("reason"),
                source=form.text("source"),
            )
        else:
            raise BadInput("say whether it is recalled, or which lead of it was wrong")
    except BeholdenError as error:
        return _after(request, seat, disclosure_id, error, form)
    return see_other(request, f"/disclosures/{disclosure_id}/after", done="changed")


def _after(
    request: Request, seat: Seat, disclosure_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    left = hidden.disclosure(system, officer, disclosure_id)
    one = left.disclosure
    person = desk.oneself(system, officer)
    standing = one.state in recall.STANDING
    works_on = Role.INVESTIGATOR in person.roles
    return render(
        request,
        "provisional.html.jinja",
        error=error,
        typed=typed or {},
        left=left,
        one=one,
        case=hidden.case(system, officer, one.case_id),
        names=people_names(system, officer, [one.kept.created_by]),
        may_recall=standing and Role.SUPERVISOR in person.roles,
        to_refute=[number for number in range(1, left.leads + 1) if number not in one.refuted]
        if works_on or Role.SUPERVISOR in person.roles
        else [],
    )
