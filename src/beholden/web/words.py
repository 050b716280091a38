"""The words of the pages in the reader's language: English, and French where its catalogue has them."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from fastapi import Request

from beholden.records.images import is_capture_date
from beholden.serving.languages import LANGUAGES, preferred

LOCALES = Path(__file__).parent / "locale"
DOMAIN = "beholden"
COOKIE = "language"
ERROR = "error"  # the context of what acts say, in the catalogue

# By hand: Babel knows them too, and compiles the catalogues, but nothing of it is loaded by a server.
_FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_FRENCH_MARKS = {ord(","): "\u00a0", ord("."): ","}
_language: ContextVar[str] = ContextVar("language", default="en")


def _(words: str) -> str:
    """These words in the language of the request that is being answered."""
    return _catalogue(_language.get()).gettext(words) if words else ""  # the empty one is a catalogue's heading


def of_an_error(said: str) -> str:
    """What an act says, as its sentence or the template of it stands in the catalogue of the reader's language."""
    return _catalogue(_language.get()).pgettext(ERROR, said)


def ngettext(one: str, many: str, number: int) -> str:
    return _catalogue(_language.get()).ngettext(one, many, number)


def number(value: float, form: str = ",") -> str:
    """As the reader's language writes it: French has a comma before the decimals, and a space that never breaks by thousands."""
    return figure(format(value, form))


def figure(said: str) -> str:
    """A number that stands written in English, as the reader's language writes it."""
    return said.translate(_FRENCH_MARKS) if _language.get() == "fr" else said


def taken(when: str) -> str:
    """When a photograph was taken: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as the reader's language writes it."""
    parts = [int(part) for part in when.split("-")] if when and is_capture_date(when) else []
    if len(parts) in (0, 3):  # other words stand as somebody gave them
        return _("taken %(date)s") % {"date": day(date(*parts)) if parts else when}
    said = f"{_FRENCH_MONTHS[parts[1] - 1]} {parts[0]}" if len(parts) == 2 and _language.get() == "fr" else when
    return _("taken in %(date)s") % {"date": said}


def day(time: date) -> str:
    """A date as the reader's language writes it: 2026-11-23 in English, 23 novembre 2026 in French (fr-CA)."""
    if _language.get() != "fr":
        return f"{time:%Y-%m-%d}"
    return f"{'1er' if time.day == 1 else time.day} {_FRENCH_MONTHS[time.month - 1]} {time.year}"


def moment(time: datetime) -> str:
    """A moment to the minute, in UTC: 2026-11-23 14:05 UTC, or 23 novembre 2026, 14 h 05 UTC."""
    there = time.astimezone(UTC)
    if _language.get() != "fr":
        return f"{there:%Y-%m-%d %H:%M} UTC"
    return f"{day(there)}, {there.hour} h {there:%M} UTC"


def named(words: str) -> str:
    """Marks words of a table for the catalogue; `_` translates them where they are shown."""
    return words


# Names that the system gives and no state, role or kind does: in words, where hyphens taken away make none.
SLUGS = {
    "agency-own-record": named("the agency's own record"),
    "chin-jawline": named("chin and jawline"),
    "consent-of-subject": named("consent of the person shown"),
    "different-explained": named("different, with an explanation"),
    "different-unexplained": named("different, without an explanation"),
    "hairline-forehead": named("hairline and forehead"),
    "lines-marks": named("lines and marks"),
}

# What an examination may lack, beside the names of components, observations and opinions (`records/examination.py`).
LACKS = (
    named("description of the probe"),
    named("description of the reference"),
    named("opinion"),
    named("each component once"),
    named("a component that can be judged"),
    named("why it is not suitable, in at least 10 letters"),
)

# What a page says after something was done: `see_other(…, done="approved")`. A closed list, for the address names it.
DONE = {
    "accepted": named("It is in force now, and on record."),
    "added": named("It is added, and on record."),
    "approved": named("It is approved, and on record."),
    "changed": named("It is changed, and on record."),
    "certified": named("It is entered, and on record."),
    "codes": named("From now on, signing in by passphrase asks for a code."),
    "confirmed": named("You confirmed who you are. Now do here what you meant to do."),
    "closed": named("It is closed, and on record."),
    "declared": named("It is declared, and on record."),
    "decided": named("It is decided, and on record."),
    "destroyed": named("It is destroyed, and the receipt is signed."),
    "drafted": named("It is kept as a draft. Nobody decides about it before you ask with it."),
    "ended": named("That session has ended."),
    "restricted": named("The records are restricted, not erased, and the receipt is signed."),
    "erased": named("It is erased, and the receipt is signed."),
    "finished": named("It is finished, and on record."),
    "granted": named("It is granted. Somebody else now carries it out."),
    "locked": named("The opinion is locked, and on record."),
    "opened": named("It is open, and on record."),
    "proposed": named("It is proposed. Somebody else now decides about it."),
    "received": named("It is received, and on record."),
    "refused": named("It is refused, and on record."),
    "removed": named("It is removed, and on record."),
    "requested": named("It is requested. Somebody else now decides about it."),
    "resumed": named("It counts again, from now on."),
    "returned": named("It is returned with your questions, and on record."),
    "revised": named("The new version is locked, and on record. The earlier one stays."),
    "revoked": named("It is revoked: no search can use it any more."),
    "signed-out-all": named("All their sessions and keys have ended."),
    "sent": named("It is marked as sent, and on record."),
    "signed-out": named("You are signed out."),
    "uncertified": named("It is revoked, and counts no more."),
    "suspended": named("It is suspended, from now on."),
    "withdrawn": named("It is withdrawn, and on record."),
}


def load(language: str) -> None:
    """Raises `OSError` where its catalogue is missing."""
    _catalogue(language)


def language() -> str:
    return _language.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """`_`, numbers and days in this language, whatever the reader's is: for a letter to somebody else."""
    before = _language.set(code)
    try:
        yield
    finally:
        _language.reset(before)


async def speak(request: Request) -> None:
    """A dependency of every page: from here on `_` answers in the reader's language."""
    # Not a `def`: one that ran in a thread of its own could not set it for the endpoint.
    choose(request)


def choose(request: Request) -> str:
    """By what the address asks for, else what was asked for before, else what the browser prefers."""
    asked = (request.query_params.get("lang", ""), request.cookies.get(COOKIE, ""))
    chosen = next((one for one in asked if one in LANGUAGES), "") or preferred(
        request.headers.get("accept-language", "")
    )
    _language.set(chosen)
    return chosen


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALES, languages=[code], fallback=code == "en")
