"""How the system is, for whoever keeps it running: each part in a sentence, what to do where something is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import condition
from beholden.actions.condition import Condition
from beholden.web.page import render
from beholden.web.who import Seat
from beholden.web.words import _, moment, named, ngettext, number

router = APIRouter(include_in_schema=False)

WELL, SOON, NOW = "well", "soon", "overdue"
STATES = {WELL: named("well"), SOON: named("look at it"), NOW: named("act now")}
A_BACKUP_LASTS = timedelta(days=7)  # a week's work is about what people can do over again
A_CHECK_LASTS = timedelta(days=31)
A_FACE_WAITS = timedelta(hours=1)
GIB, MIB, KIB = 1 << 30, 1 << 20, 1 << 10


@dataclass(frozen=True, slots=True)
class Line:
    """One part: how it is, and what to do."""

    part: str
    how: str  # WELL, SOON or NOW
    said: str
    do: str = ""
    path: str = ""  # the page where that is done
    command: str = ""  # or what whoever keeps the server types


@router.get("/condition")
def show_condition(request: Request, seat: Seat) -> Response:
    known = condition.condition(*seat)
    lines = sorted(_lines(known, seat[0].clock.now()), key=lambda one: [NOW, SOON, WELL].index(one.how))
    return render(
        request,
        "condition.html.jinja",
        lines=lines,
        urgent=sum(one.how == NOW for one in lines),
        soon=sum(one.how == SOON for one in lines),
        states={how: _(words) for how, words in STATES.items()},
        ready=known.ready,
        known=known,
    )


def _lines(known: Condition, now: datetime) -> Iterator[Line]:
    yield _room(known)
    yield _sealing(known)
    yield _witnesses(known)
    yield _templates(known, now)
    yield _index(known)
    yield _backups(known, now)
    yield _checks(known, now)
    yield _training(known)
    yield _model(known)
    yield _policy(known)


def _room(known: Condition) -> Line:
    said = _("%(free)s are free on the disk of the data folder; %(least)s are asked for.") % {
        "free": size(known.vital.free_bytes),
        "least": size(known.least_room),
    }
    if known.vital.low:
        return Line(_("Room"), NOW, said, _("Make room on that disk: nothing more is taken in until then."))
    if known.vital.free_bytes < 2 * known.least_room:
        return Line(_("Room"), SOON, said, _("Make room on that disk before it is too little."))
    return Line(_("Room"), WELL, said)


def _sealing(known: Condition) -> Line:
    part = _("The log")
    entries = ngettext("The log has one entry", "The log has %(num)s entries", known.vital.entries) % {
        "num": number(known.vital.entries)
    }
    if not known.vital.unsealed:
        return Line(part, WELL, f"{entries}. " + _("A signed checkpoint covers all of it."))
    said = f"{entries}. " + ngettext(
        "The last one is under no signed checkpoint yet.",
        "The last %(num)s are under no signed checkpoint yet.",
        known.vital.unsealed,
    ) % {"num": number(known.vital.unsealed)}
    if known.sealed_at is None or any(one.part == "log" for one in known.ready.because):
        return Line(part, NOW, said, _("Have the server run, or seal it by hand."), command="beholden worker --once")
    return Line(part, WELL, said)


def _witnesses(known: Condition) -> Line:
    part, vital = _("Witnesses"), known.vital
    if not vital.witnesses:
        said = _("The log has no witness: whoever has its key could rewrite it unnoticed.")
        return Line(
            part, SOON, said, _("Set one up, best on a machine of somebody else."), command="beholden witness make"
        )
    said = ngettext("The log has one witness.", "The log has %(num)d witnesses.", vital.witnesses) % {
        "num": vital.witnesses
    }
    if not vital.unwitnessed:
        return Line(part, WELL, f"{said} " + _("Every entry was seen by one."))
    minutes = max(1, -(-vital.unwitnessed_s // 60))
    said += " " + ngettext(
        "One entry was seen by none yet,", "%(num)s entries were seen by none yet,", vital.unwitnessed
    ) % {"num": number(vital.unwitnessed)}
    said += " " + ngettext("for a minute.", "the oldest for %(num)s minutes.", minutes) % {"num": number(minutes)}
    if any(one.part == "witness" for one in known.ready.because):
        return Line(part, NOW, said, _("Look whether the witness runs and is reached."), command="beholden log show")
    return Line(part, WELL, said)


def _templates(known: Condition, now: datetime) -> Line:
    part, waits = _("Templates"), known.vital.waiting
    if known.waiting_since is None:
        return Line(part, WELL, _("No face waits for its template."))
    said = ngettext(
        "One face waits for its template and is compared with nothing until then.",
        "%(num)s faces wait for their templates and are compared with nothing until then.",
        waits,
    ) % {"num": number(waits)}
    if now - known.waiting_since < A_FACE_WAITS:
        return Line(part, WELL, said)
    said += " " + _("The oldest has waited since %(at)s.") % {"at": _at(known.waiting_since)}
    return Line(part, SOON, said, _("Have the worker run."), command="beholden worker")


def _index(known: Condition) -> Line:
    part, sized = _("Index"), known.sized
    said = ngettext(
        "%(num)s reference takes %(memory)s of memory; this process may still take %(free)s.",
        "%(num)s references take %(memory)s of memory; this process may still take %(free)s.",
        sized.rows,
    ) % {
        "num": number(sized.rows),
        "memory": size(sized.held_bytes or sized.expected_bytes),
        "free": size(sized.free_bytes),
    }
    if not sized.fits:
        return Line(part, NOW, said, _("Give the machine more memory, or close galleries that nobody needs."))
    if any(one.part == "index" for one in known.ready.because):
        return Line(part, NOW, said, _("Start the server again: the index is then made anew from the records."))
    return Line(part, WELL, said)


def _backups(known: Condition, now: datetime) -> Line:
    part, do = _("Backups"), _("Make one, to two places that are apart, and try it out.")
    command = "beholden backup make"
    if known.backed_up_at is None:
        return Line(part, SOON, _("The log knows of no backup that Beholden made."), do, command=command)
    said = _("The last one was made on %(at)s.") % {"at": _at(known.backed_up_at)}
    if now - known.backed_up_at > A_BACKUP_LASTS:
        return Line(part, SOON, f"{said} " + _("That is more than a week ago."), do, command=command)
    return Line(part, WELL, said)


def _checks(known: Condition, now: datetime) -> Line:
    part, do = _("Check of every part"), _("Have log, pictures, keys and index looked at.")
    if known.checked_at is None:
        return Line(part, SOON, _("Nobody has had every part checked yet."), do, command="beholden check")
    said = _("The last one was on %(at)s.") % {"at": _at(known.checked_at)}
    if now - known.checked_at > A_CHECK_LASTS:
        return Line(part, SOON, f"{said} " + _("That is more than a month ago."), do, command="beholden check")
    return Line(part, WELL, said)


def _training(known: Condition) -> Line:
    part = _("Certificates of training")
    said = []
    if known.untrained:
        said.append(
            ngettext(
                "For one role of somebody no certificate counts, and acts that ask for one are refused.",
                "For %(num)d roles of people no certificate counts, and acts that ask for one are refused.",
                known.untrained,
            )
            % {"num": known.untrained}
        )
    if known.ending:
        said.append(
            ngettext(
                "One certificate ends within thirty days.",
                "%(num)d certificates end within thirty days.",
                known.ending,
            )
            % {"num": known.ending}
        )
    if not said:
        return Line(part, WELL, _("Whoever needs a certificate has one that counts for thirty days more."))
    how = NOW if known.untrained else SOON
    return Line(part, how, " ".join(said), _("Enter the new ones on the pages of these people."), path="/people")


def _model(known: Condition) -> Line:
    said = _("%(model)s makes the templates.") % {"model": known.model}
    if any(one.part == "model" for one in known.ready.because):
        return Line(
            _("Model"),
            NOW,
            said,
            _("Not every reference has a template of it: start the server again, and look below."),
            path="/model",
        )
    if known.two_models:
        return Line(
            _("Model"),
            SOON,
            f"{said} " + _("An upgrade is under way: templates of two models are made."),
            _("Look how far it is, and switch or end it."),
            command="beholden model progress",
        )
    return Line(_("Model"), WELL, said, path="/model")


def _policy(known: Condition) -> Line:
    name = known.pack.partition("@")[0]
    said = _("%(pack)s is in force.") % {"pack": name}
    if known.follows:
        said += " " + _("%(pack)s follows it on %(at)s; it is looser, and oversight was told.") % {
            "pack": known.follows.pack.partition("@")[0],
            "at": _at(known.follows.begins_at),
        }
    return Line(_("Policy"), WELL, said)


def size(many: int) -> str:
    """Bytes as people say them."""
    if many >= GIB:
        return _("%(num)s GiB") % {"num": number(many / GIB, ",.1f")}
    if many >= MIB:
        return _("%(num)s MiB") % {"num": number(many / MIB, ",.0f")}
    return _("%(num)s KiB") % {"num": number(many / KIB, ",.0f")}


def _at(time: datetime) -> str:
    return moment(time.astimezone(UTC))
