"""`beholden authority`: request, approve, return, refuse, revoke and withdraw authority to search."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import authorise, desk
from beholden.cli import dates, documents, drafts, naming, printing, waiting
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told, WrongUse
from beholden.records.authority import Grounds

app = App(name="authority")
app.command(drafts.draft)
app.command(drafts.edit)
app.command(drafts.submit)
app.command(drafts.give_back, name="return")
app.command(drafts.look)
app.command(drafts.figures)
_told = drafts.told
Which = Annotated[str, Parameter(name="authority", help="An authority's id.")]
Reason = Annotated[str, Parameter(help="Why, for those who come after.")]


@app.command
def request(
    case: Annotated[str, Parameter(help="A case's reference or id.")],
    /,
    *,
    sought: Annotated[str, Parameter(help="Who is to be searched for: the id of a sought.")],
    gallery: Annotated[list[str], Parameter(help="A gallery to compare with, by name or id; once for each.")],
    less_intrusive: drafts.LessIntrusive = "",
    why_person: drafts.WhyPerson = "",
    why_now: drafts.WhyNow = "",
    searches: Annotated[int, Parameter(help="How many searches.")] = 1,
    hours: Annotated[int, Parameter(help="How many hours it is to last.")] = 24,
    starting: drafts.From = "",
    follows: drafts.Follows = "",
    like: drafts.Like = "",
    differs: drafts.Differs = "",
    external_ref: drafts.External = "",
    offence: drafts.Offence = "",
    corroboration: drafts.Corroboration = "",
    door: Door = HERE,
) -> Told:
    """Ask for authority to search, as an investigator of the case: with the three reasons, or with --like and --differs.

    Example: beholden authority request 2026-117 --sought 3fa9c1 --gallery references --searches 3 --hours 24
    --less-intrusive "…" --why-person "…" --why-now "…"
    """
    with door.enter() as (system, officer):
        starts_at = dates.instant(starting, "beginning") if starting else system.clock.now()
        like, necessity = drafts.read_like(system, officer, like, (less_intrusive, why_person, why_now))
        asked = authorise.request_authority(
            system,
            officer,
            case_id=naming.case(system, officer, case),
            sought_id=naming.sought(system, officer, sought),
            gallery_ids=[naming.gallery(system, officer, one) for one in gallery],
            necessity=necessity,
            starts_at=starts_at,
            ends_at=dates.later(starts_at, hours),
            searches=searches,
            follows=naming.authority(system, officer, follows) if follows else "",
            like=like,
            differs=differs,
            grounds=Grounds(external_ref, offence, corroboration),
        )
        return _told(asked, "is requested", waiting.of_authority(asked, system.clock.now()))


@app.command
def approve(
    which: Which,
    /,
    *,
    gallery: Annotated[list[str] | None, Parameter(help="Only this gallery of those asked for; once for each.")] = None,
    searches: Annotated[int | None, Parameter(help="Fewer searches than asked for.")] = None,
    hours: Annotated[int | None, Parameter(help="Fewer hours than asked for.")] = None,
    starting: Annotated[str, Parameter(name="--from", help="A later beginning, in UTC.")] = "",
    until: Annotated[str, Parameter(help="An earlier end, in UTC.")] = "",
    door: Door = HERE,
) -> Told:
    """Approve what was asked for, or less of it, as a supervisor who has no part in the case.

    Example: beholden authority approve 3fa9c1 --searches 1 --hours 12
    """
    if hours is not None and until:
        raise WrongUse("give --hours or --until, not both")
    with door.enter() as (system, officer):
        authority_id = naming.authority(system, officer, which)
        starts_at = dates.instant(starting, "beginning") if starting else None
        ends_at = dates.instant(until, "end") if until else None
        if hours is not None:
            asked = [one for one in desk.authorities(system, officer) if one.id == authority_id]
            if begins := starts_at or (asked[0].starts_at if asked else None):
                ends_at = dates.later(begins, hours)
        done = authorise.approve_authority(
            system,
            officer,
            authority_id=authority_id,
            gallery_ids=None if gallery is None else [naming.gallery(system, officer, one) for one in gallery],
            starts_at=starts_at,
            ends_at=ends_at,
            searches=searches,
        )
        return _told(done, "is approved", waiting.of_authority(done, system.clock.now()))


@app.command
def refuse(which: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Refuse what was asked for, as a supervisor.

    Example: beholden authority refuse 3fa9c1 --reason "the school has not been asked yet"
    """
    with door.enter() as (system, officer):
        authority_id = naming.authority(system, officer, which)
        done = authorise.refuse_authority(system, officer, authority_id=authority_id, reason=reason)
    return _told(done, "is refused", "")


@app.command
def revoke(which: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Take an approval back: no search can be started with it, and one under way makes no list.

    Example: beholden authority revoke 3fa9c1 --reason "the child was found"
    """
    with door.enter() as (system, officer):
        authority_id = naming.authority(system, officer, which)
        done = authorise.revoke_authority(system, officer, authority_id=authority_id, reason=reason)
    return _told(done, "is revoked", "")


@app.command
def withdraw(which: Which, /, *, door: Door = HERE) -> Told:
    """Take your own request back.

    Example: beholden authority withdraw 3fa9c1
    """
    with door.enter() as (system, officer):
        done = authorise.withdraw_request(system, officer, authority_id=naming.authority(system, officer, which))
    return _told(done, "is withdrawn", "")


@app.command(name="list")
def list_authorities(
    *, case: Annotated[str, Parameter(help="Only those of this case: its reference or id.")] = "", door: Door = HERE
) -> Told:
    """List the authorities of the cases that you may see, and what waits for whom.

    Example: beholden authority list --case 2026-117
    """
    with door.enter() as (system, officer):
        case_id = naming.case(system, officer, case) if case else ""
        now = system.clock.now()
        there = [one for one in desk.authorities(system, officer) if case_id in ("", one.case_id)]
        names = {one.id: one.name for one in desk.people(system, officer)}
    waits = [waiting.of_authority(one, now) for one in there]
    found = [
        (printing.short(one.id), names.get(one.requested_by, ""), f"{one.used} of {one.searches}", one.state, words)
        for one, words in zip(there, waits, strict=True)
    ]
    table = printing.rows(("id", "requested by", "used", "state", "what waits"), found, "No authority for you.")
    shown = [documents.authority(one, waits=words) for one, words in zip(there, waits, strict=True)]
    return Told({"authorities": shown}, (table,))
