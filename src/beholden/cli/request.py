"""`beholden request`: what a data subject asks for, from the day it comes in to the receipt of the erasure."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, oversee, request, restrict
from beholden.cli import asking, folders, naming, printing, waiting
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.errors import Missing
from beholden.records.erasure import Erasure
from beholden.records.requests import Request, Restriction, RestrictionState

app = App(name="request")
Which = Annotated[str, Parameter(name="request", help="A request's id.")]
Reason = Annotated[str, Parameter(help="Why, for those who come after.")]


@app.command
def find(
    *,
    person_ref: Annotated[str, Parameter(help="The source's own reference of the person.")] = "",
    source: Annotated[str, Parameter(help="Whose reference it is, where several sources use the same.")] = "",
    page_url: Annotated[str, Parameter(help="The URL of the page that the images come from.")] = "",
    image: Annotated[str, Parameter(help="An image's id.")] = "",
    door: Door = HERE,
) -> Told:
    """Look up references by what their source told; no faces are compared.

    Example: beholden request find --person-ref "register 4711"
    """
    with door.enter() as (system, officer):
        source_id = naming.source(system, officer, source) if source else ""
        there = request.find_references(
            system,
            officer,
            person_ref=asking.text(person_ref, "person's reference"),
            source_id=source_id,
            page_url=asking.text(page_url, "page's URL"),
            image_id=image,
        )
    shown = [
        {"record": one.face_id, "image_id": one.image_id, "gallery_id": one.gallery_id, "source_id": one.source_id}
        for one in there
    ]
    rows = [(one.face_id, printing.short(one.image_id), printing.short(one.source_id)) for one in there]
    table = printing.rows(("record", "image", "source"), rows, "No reference was found by this.")
    return Told({"records": shown}, (table,))


@app.command
def receive(
    *,
    record: Annotated[
        list[str] | None, Parameter(help="A record that it is about, as `find` names it; once for each.")
    ] = None,
    looked_for: Annotated[str, Parameter(help="How the records were looked for; it goes on the receipt.")],
    subject: Annotated[str, Parameter(help="Who asks, and how to answer them; it is sealed.")],
    photograph: Annotated[
        bool, Parameter(help="A photograph is given to find the records by; none is named yet.")
    ] = False,
    kind: Annotated[str, Parameter(help="What is asked for: erasure.")] = "erasure",
    door: Door = HERE,
) -> Told:
    """Record what a data subject asks about these records.

    Example: beholden request receive --record RECORD --looked-for "by the register's number" --subject "by letter"
    """
    with door.enter() as (system, officer):
        done = request.receive_request(
            system,
            officer,
            face_ids=record or (),
            looked_for=looked_for,
            subject=subject,
            kind=kind,
            photograph=photograph,
        )
    return _told(done, f"is received, about {len(done.face_ids)} records")


@app.command
def read(which: Which, /, *, door: Door = HERE) -> Told:
    """Read who asks, which is sealed, as a privacy officer; it is on record.

    Example: beholden request read 3fa9c1
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        opened = request.read_request(system, officer, request_id=request_id)
    lines = (
        opened.subject,
        f"How it was checked: {opened.identity_how}" if opened.identity_how else "Not checked yet.",
    )
    return Told({"request": request_id, "subject": opened.subject, "identity_how": opened.identity_how}, lines)


@app.command(name="check")
def check_identity(
    which: Which,
    /,
    *,
    how: Annotated[str, Parameter(help="What was checked, in a few words; it is sealed.")],
    door: Door = HERE,
) -> Told:
    """Record that you checked who asks, and how. Keep no copy of the document.

    Example: beholden request check 3fa9c1 --how "passport seen at the counter"
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = request.check_identity(system, officer, request_id=request_id, how=how)
    return _told(done, "is of somebody who was checked")


@app.command(name="records")
def choose_records(
    which: Which,
    /,
    *,
    record: Annotated[list[str], Parameter(help="A record that it is about; once for each, in place of those before.")],
    looked_for: Annotated[str, Parameter(help="How they were looked for, where that changed.")] = "",
    door: Door = HERE,
) -> Told:
    """Say which records a request is about, after a photograph was compared or more were found.

    Example: beholden request records 3fa9c1 --record RECORD --looked-for "by a photograph given"
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = request.choose_records(system, officer, request_id=request_id, face_ids=record, looked_for=looked_for)
    return _told(done, f"is about {len(done.face_ids)} records")


@app.command
def grant(
    which: Which,
    /,
    *,
    reason: Reason,
    identity_checked: Annotated[bool, Parameter(help="You have checked who asks.")] = False,
    door: Door = HERE,
) -> Told:
    """Grant a request, as a privacy officer; somebody else then starts the erasure.

    Example: beholden request grant 3fa9c1 --identity-checked --reason "passport seen"
    """
    with door.enter() as (system, officer):
        done = request.grant_request(
            system,
            officer,
            request_id=naming.request(system, officer, which),
            identity_checked=identity_checked,
            reason=reason,
        )
    return _told(done, "is granted")


@app.command
def refuse(which: Which, /, *, reason: Reason, door: Door = HERE) -> Told:
    """Refuse a request, with the reason that the data subject is told.

    Example: beholden request refuse 3fa9c1 --reason "the records are evidence in a trial until March"
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = request.refuse_request(system, officer, request_id=request_id, reason=reason)
    return _told(done, "is refused")


@app.command
def withdraw(which: Which, /, *, door: Door = HERE) -> Told:
    """Record that the person who asked takes the request back.

    Example: beholden request withdraw 3fa9c1
    """
    with door.enter() as (system, officer):
        done = request.withdraw_request(system, officer, request_id=naming.request(system, officer, which))
    return _told(done, "is withdrawn")


@app.command(name="restrict")
def restrict_records(
    which: Which,
    /,
    *,
    reason: Annotated[str, Parameter(help="Which proceedings they are evidence in; the person who asks is told it.")],
    days: Annotated[int | None, Parameter(help="Until somebody looks again; else as many as the rules allow.")] = None,
    out: Annotated[Path | None, Parameter(help="A new file for the signed receipt.")] = None,
    door: Door = HERE,
) -> Told:
    """Keep the records of a granted request out of every search, as evidence, instead of erasing them.

    Example: beholden request restrict 3fa9c1 --reason "evidence in the proceedings 2026-88" --out receipt.txt
    """
    with folders.new_file(out) if out else nullcontext(), door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = restrict.restrict_records(system, officer, request_id=request_id, reason=reason, days=days)
        if out:
            out.write_bytes(done.receipt)
    return _told_of(done, "Restricted, not erased", out)


@app.command(name="keep-restricted")
def keep_restricted(
    which: Which,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why they must be held on; the person who asks is told it.")],
    days: Annotated[int | None, Parameter(help="Until somebody looks again; else as many as the rules allow.")] = None,
    out: Annotated[Path | None, Parameter(help="A new file for the signed receipt.")] = None,
    door: Door = HERE,
) -> Told:
    """Having looked again, hold restricted records as evidence for longer, as a privacy officer.

    Example: beholden request keep-restricted 3fa9c1 --reason "the judgment is under appeal" --days 90
    """
    with folders.new_file(out) if out else nullcontext(), door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = restrict.keep_restricted(system, officer, request_id=request_id, reason=reason, days=days)
        if out:
            out.write_bytes(done.receipt)
    return _told_of(done, "Still restricted, not erased", out)


@app.command(name="end-restriction")
def end_restriction(
    which: Which,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why they are evidence no more.")],
    door: Door = HERE,
) -> Told:
    """Having looked again, let restricted records be erased as it was granted; they come back into no search.

    Example: beholden request end-restriction 3fa9c1 --reason "the judgment is final since May"
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        done = restrict.end_restriction(system, officer, request_id=request_id, reason=reason)
    return _told_of(done, "Evidence no more, to be erased with `beholden erase`", None)


@app.command
def receipt(
    which: Which, /, *, out: Annotated[Path, Parameter(help="A new file for the receipt.")], door: Door = HERE
) -> Told:
    """Write the signed receipt of an erasure, or of a restriction, once more.

    Example: beholden request receipt 3fa9c1 --out receipt.txt
    """
    with folders.new_file(out), door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        held = restrict.latest_restriction(system, officer, request_id=request_id)
        answers: list[Erasure | Restriction] = [*desk.erasures(system, officer), *([held] if held else [])]
        made = [one for one in answers if one.request_id == request_id and one.receipt]
        if not made:
            raise Missing("no erasure of this request has a receipt yet; `beholden worker --once` finishes what waits")
        out.write_bytes(made[0].receipt)
    return Told(document(made[0], receipt=str(out)), (f"The receipt is in {out}.",))


@app.command
def listings(which: Which, /, *, door: Door = HERE) -> Told:
    """Name the searches on whose lists the erased person stood, to an auditor.

    Example: beholden request listings 3fa9c1
    """
    with door.enter() as (system, officer):
        request_id = naming.request(system, officer, which)
        made = [one for one in desk.erasures(system, officer) if one.request_id == request_id]
        if not made:
            raise Missing(
                "there is no erasure of this request that you may see; `beholden request list` shows its state"
            )
        there = [one for each in made for one in oversee.erased_searches(system, officer, erasure_id=each.id)]
    table = printing.rows(("search",), [(one,) for one in there], "No search had listed the erased person.")
    return Told({"request": request_id, "searches": there}, (table,))


@app.command(name="list")
def list_requests(*, door: Door = HERE) -> Told:
    """List the requests that you may see, the first one due first.

    Example: beholden request list
    """
    with door.enter() as (system, officer):
        there = desk.requests(system, officer)
    rows = [
        (printing.short(one.id), one.kind, str(len(one.face_ids)), printing.at(one.due_at), one.state, waits)
        for one in there
        for waits in (waiting.of_request(one),)
    ]
    table = printing.rows(("id", "kind", "records", "due", "state", "what waits"), rows, "No request for you.")
    return Told({"requests": [document(one, waits=waiting.of_request(one)) for one in there]}, (table,))


def _told(one: Request, what: str) -> Told:
    waits = waiting.of_request(one)
    lines = [f"The request {printing.short(one.id)} {what}."]
    if waits:
        lines.append(f"It {waits}.")
    return Told(document(one, waits=waits), tuple(lines))


def _told_of(one: Restriction, what: str, out: Path | None) -> Told:
    count = len(one.face_ids)
    lines = [f"{what}: {count} record{'s' if count != 1 else ''}."]
    if one.state is RestrictionState.IN_FORCE:
        lines.append(f"A privacy officer looks at that again by {printing.at(one.review_by)}.")
        lines.append(
            f"The receipt is in {out}."
            if out
            else f"The receipt: beholden request receipt {printing.short(one.request_id)}"
        )
    return Told(document(one, receipt=str(out) if out else None), tuple(lines))
