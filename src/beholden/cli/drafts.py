"""`beholden authority draft|edit|submit|return|look|figures`: a request before it is asked, and after it came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import authorise, desk, probe
from beholden.actions.authority_figures import authority_figures
from beholden.cli import dates, documents, folders, naming, printing, waiting
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.ports.system import System
from beholden.records.authority import NO_GROUNDS, NOT_WRITTEN, Authority, Grounds, Necessity
from beholden.records.people import Officer

Which = Annotated[str, Parameter(name="authority", help="An authority's id.")]
Galleries = Annotated[list[str] | None, Parameter(help="A gallery to compare with, by name or id; once for each.")]
LessIntrusive = Annotated[str, Parameter(help="What was tried that intrudes less, and why it did not do.")]
WhyPerson = Annotated[str, Parameter(help="Why this person.")]
WhyNow = Annotated[str, Parameter(help="Why now.")]
Like = Annotated[str, Parameter(help="An approved request of the same case, whose reasons hold here too.")]
Differs = Annotated[str, Parameter(help="What is other than in that one.")]
External = Annotated[str, Parameter(help="The number of a warrant, or of what another body decided.")]
Offence = Annotated[str, Parameter(help="The class of the offence, as the law names it.")]
Corroboration = Annotated[str, Parameter(help="How a lead is to be confirmed by other means.")]
From = Annotated[str, Parameter(name="--from", help="When it begins, in UTC; else now.")]
Follows = Annotated[str, Parameter(help="The authority that this one replaces.")]


def draft(
    case: Annotated[str, Parameter(help="A case's reference or id.")],
    /,
    *,
    sought: Annotated[str, Parameter(help="Who is to be searched for: the id of a sought.")],
    gallery: Galleries = None,
    less_intrusive: LessIntrusive = "",
    why_person: WhyPerson = "",
    why_now: WhyNow = "",
    searches: Annotated[int, Parameter(help="How many searches.")] = 1,
    hours: Annotated[int, Parameter(help="How many hours it is to last.")] = 24,
    starting: From = "",
    follows: Follows = "",
    like: Like = "",
    differs: Differs = "",
    external_ref: External = "",
    offence: Offence = "",
    corroboration: Corroboration = "",
    door: Door = HERE,
) -> Told:
    """Begin a request without asking yet: it may lack anything, and nobody decides about it.

    Example: beholden authority draft 2026-117 --sought 3fa9c1 --why-now "…"
    """
    with door.enter() as (system, officer):
        starts_at = dates.instant(starting, "beginning") if starting else system.clock.now()
        made = authorise.draft_authority(
            system,
            officer,
            case_id=naming.case(system, officer, case),
            sought_id=naming.sought(system, officer, sought),
            gallery_ids=[naming.gallery(system, officer, one) for one in gallery or ()],
            necessity=Necessity(less_intrusive, why_person, why_now),
            starts_at=starts_at,
            ends_at=dates.later(starts_at, hours),
            searches=searches,
            follows=naming.authority(system, officer, follows) if follows else "",
            like=naming.authority(system, officer, like) if like else "",
            differs=differs,
            grounds=Grounds(external_ref, offence, corroboration),
        )
        return told(made, "is drafted", waiting.of_authority(made, system.clock.now()))


def edit(
    which: Which,
    /,
    *,
    gallery: Galleries = None,
    less_intrusive: LessIntrusive = "",
    why_person: WhyPerson = "",
    why_now: WhyNow = "",
    searches: Annotated[int | None, Parameter(help="How many searches.")] = None,
    hours: Annotated[int | None, Parameter(help="How many hours it is to last.")] = None,
    starting: From = "",
    follows: Follows = "",
    like: Like = "",
    differs: Differs = "",
    external_ref: External = "",
    offence: Offence = "",
    corroboration: Corroboration = "",
    door: Door = HERE,
) -> Told:
    """Change your own draft, or your request that came back with questions; what you leave out stays.

    Example: beholden authority edit 3fa9c1 --searches 2 --why-now "…"
    """
    with door.enter() as (system, officer):
        authority_id = naming.authority(system, officer, which)
        there = [one for one in desk.authorities(system, officer) if one.id == authority_id]
        starts_at, ends_at = _window(there, starting, hours)
        made = authorise.edit_draft(
            system,
            officer,
            authority_id=authority_id,
            gallery_ids=None if gallery is None else [naming.gallery(system, officer, one) for one in gallery],
            necessity=_necessity(there, (less_intrusive, why_person, why_now)),
            starts_at=starts_at,
            ends_at=ends_at,
            searches=searches,
            follows=naming.authority(system, officer, follows) if follows else None,
            like=naming.authority(system, officer, like) if like else None,
            differs=differs or None,
            grounds=_grounds(there, (external_ref, offence, corroboration)),
        )
        return told(made, "is changed", waiting.of_authority(made, system.clock.now()))


def submit(
    which: Which,
    /,
    *,
    answer: Annotated[str, Parameter(help="The answer to the questions, where it came back with some.")] = "",
    door: Door = HERE,
) -> Told:
    """Ask with your draft, or ask again with the answer to what an approver asked.

    Example: beholden authority submit 3fa9c1 --answer "the school in the next town"
    """
    with door.enter() as (system, officer):
        authority_id = naming.authority(system, officer, which)
        made = authorise.submit_request(system, officer, authority_id=authority_id, answer=answer)
        return told(made, "is requested", waiting.of_authority(made, system.clock.now()))


def give_back(
    which: Which, /, *, questions: Annotated[str, Parameter(help="What you ask.")], door: Door = HERE
) -> Told:
    """Give a request back with questions, as a supervisor: whoever asked answers, may mend it, and asks again.

    Example: beholden authority return 3fa9c1 --questions "which school was asked?"
    """
    with door.enter() as (system, officer):
        authority_id = naming.authority(system, officer, which)
        made = authorise.return_request(system, officer, authority_id=authority_id, questions=questions)
        return told(made, "is returned", waiting.of_authority(made, system.clock.now()))


def look(
    which: Which,
    /,
    *,
    out: Annotated[Path, Parameter(help="A new folder for the faces.")],
    door: Door = HERE,
) -> Told:
    """Look at the faces that a request is to search with, as a supervisor who is to decide. That you looked is on record.

    Example: beholden authority look 3fa9c1 --out faces
    """
    with door.enter() as (system, officer), folders.new_folder(out) as folder:
        authority_id = naming.authority(system, officer, which)
        shown = probe.show_probe(system, officer, authority_id=authority_id)
        files = {
            f"{face.exhibit_id[:16]}-{face.position}-{number}.jpg": chip
            for face, chips in shown
            for number, chip in enumerate(chips, 1)
        }
        written = folders.write(folder, files)
    return Told(
        {"authority_id": authority_id, "faces": [face.id for face, _ in shown], "files": written},
        (f"{len(shown)} faces are in {folder}. Destroy them when you have decided.",),
    )


def figures(
    *,
    since: Annotated[str, Parameter(help="From this day on; else of the last 365 days.")] = "",
    until: Annotated[str, Parameter(help="Up to this day; else up to now.")] = "",
    door: Door = HERE,
) -> Told:
    """How often authority was asked for, given and used, by purpose, counted from the log.

    Example: beholden authority figures --since 2026-01-01
    """
    with door.enter() as (system, officer):
        ends_at = dates.instant(until, "end") if until else system.clock.now()
        begins_at = dates.instant(since, "beginning") if since else ends_at - timedelta(days=365)
        there = authority_figures(system, officer, begins_at=begins_at, ends_at=ends_at)
    names = ("requested", "returned", "approved", "refused", "revoked", "searches", "comparisons")
    found = [(one.purpose, *(str(getattr(one, name)) for name in names)) for one in there]
    shown = [{name: getattr(one, name) for name in ("purpose", *names)} for one in there]
    return Told({"figures": shown}, (printing.rows(("purpose", *names), found, "The policy has no purpose."),))


def told(authority: Authority, what: str, waits: str) -> Told:
    lines = [f"The authority {printing.short(authority.id)} {what}."]
    if waits:
        lines.append(f"It {waits}." if waits.startswith("waits") else f"{waits[:1].upper()}{waits[1:]}.")
    return Told(documents.authority(authority, waits=waits), tuple(lines))


def read_like(system: System, officer: Officer, like: str, parts: tuple[str, str, str]) -> tuple[str, Necessity]:
    """The id of the like request, and the reasons that were given; none of them where there is a like one."""
    named = naming.authority(system, officer, like) if like else ""
    return named, Necessity(*parts) if any(parts) else NOT_WRITTEN


def _window(there: list[Authority], starting: str, hours: int | None) -> tuple[datetime | None, datetime | None]:
    starts_at = dates.instant(starting, "beginning") if starting else None
    begins = starts_at or (there[0].starts_at if there else None)
    if begins is None or (hours is None and starts_at is None):
        return starts_at, None
    if hours is not None:
        return starts_at, dates.later(begins, hours)
    return starts_at, begins + (there[0].ends_at - there[0].starts_at) if there else None


def _necessity(there: list[Authority], parts: tuple[str, str, str]) -> Necessity | None:
    if not any(parts):
        return None
    before = there[0].necessity if there else NOT_WRITTEN
    return Necessity(*(new or old for new, old in zip(parts, before.parts(), strict=True)))


def _grounds(there: list[Authority], given: tuple[str, str, str]) -> Grounds | None:
    if not any(given):
        return None
    before = there[0].grounds if there else NO_GROUNDS
    old = (before.external_ref, before.offence, before.corroboration)
    return Grounds(*(new or was for new, was in zip(given, old, strict=True)))
