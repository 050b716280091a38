"""A page: a template with what every page has (nonce, person, roles, words), an error in calm words, a way on.

Templates know: `nonce`, `csrf`, `person` and `roles` (when signed in), `nav`, `path`, `shown_at`, `language`, `asset(name)`,
`_`, what somebody was shown today (`exposure`) and has taken in (`intake`), and the filters `at` and `day` (times), `number`,
`short` (ids), `words` (a state or a role), `purpose` and `purposes` (as the policy pack says them in the reader's language).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from beholden.actions import desk
from beholden.errors import BeholdenError, Missing, SignInRefused
from beholden.ports.system import System
from beholden.records.faces import time_code
from beholden.records.people import Person
from beholden.web import csrf, exposed, uptake, words
from beholden.web.assets import asset
from beholden.web.composed import composed
from beholden.web.erased import in_sentences
from beholden.web.errors_said import in_readers_words, raised
from beholden.web.forms import new_number
from beholden.web.navigation import places_for
from beholden.web.onward import asks_who_acts, page_around, shown_at
from beholden.web.watched import words_of_tail
from beholden.web.words import DONE, SLUGS, _, ngettext

TEMPLATES = Path(__file__).parent / "templates"
NOTHING: Mapping[str, str] = MappingProxyType({})
SHORT = 10  # characters of an id that a table shows


def render(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    error: BeholdenError | None = None,
    typed: Mapping[str, str] = NOTHING,
    **context: Any,
) -> HTMLResponse:
    """The page. What is in `context` is what an act returned to this person, and nothing more.

    After an `error` the page says so above all else, has its status, and its forms show again what was `typed`.
    """
    language = words.choose(request)
    person = _person(request)
    roles = frozenset(str(role) for role in person.roles) if person else frozenset()
    content = (
        environment()
        .get_template(template)
        .render(
            nonce=getattr(request.state, "nonce", ""),
            csrf=csrf.token(request),
            person=person,
            roles=roles,
            nav=places_for(roles),
            path=request.url.path,
            language=language,
            shown_at=shown_at(request, error),
            profile=request.app.state.system.profile,
            watched=words_of_tail(request.app.state.system) if person else "",
            pack=request.app.state.system.policy.pack,
            error=error,
            said=said_of(error) if error else "",
            exposure=exposed.told(request) if person else None,
            intake=uptake.told(request) if person else None,
            told=_(DONE.get(request.query_params.get("done", ""), "")),
            typed=typed,
            confirm_at=page_around(request) if error and asks_who_acts(error) else "",
            **context,
        )
    )
    answer = HTMLResponse(content, error.status if error else status, headers={"Content-Language": language})
    if request.query_params.get("lang") == language:
        answer.set_cookie(
            words.COOKIE, language, samesite="strict", httponly=True, secure=request.url.scheme == "https"
        )
    return answer


def see_other(_request: Request, path: str, **query: str) -> RedirectResponse:
    """After something was done: the page that shows it, so that loading it again does nothing twice."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError(f"{path!r} leads elsewhere")
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, status_code=303)


def error_page(request: Request, error: BeholdenError) -> Response:
    """Every reason with its rule, its source and what to do, and a way back. Who is not signed in is asked to sign in."""
    words.choose(request)
    if isinstance(error, SignInRefused):
        on = request.url.path if request.method == "GET" else "/"
        return see_other(request, "/sign-in", next=on)
    return render(request, "error.html.jinja", error=error)


def said_of(error: BeholdenError) -> str:
    """In the error's own words; of what is not there, always in the same, so that hidden and unknown look alike."""
    if isinstance(error, Missing):
        return _(
            "There is no such record, or none that you may see now. Check the address; if you owe an opinion, lock it first."
        )
    said = "" if error.reasons else in_readers_words(_(str(error)))
    return said[:1].upper() + said[1:]  # acts say it for the middle of a line, too


def download(content: bytes, *, name: str, kind: str = "application/octet-stream") -> Response:
    """A file to keep. The browser is told not to show it in place."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=kind, headers=headers)


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that the page was not given is an error rather than a gap."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a server shows the pages with which it began, while an upgrade puts others in their place
        cache_size=-1,  # all of them
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.filters.update(at=at, day=day, short=short, words=in_words, listed=listed, number=words.number)
    made.filters.update(lacking=lacking, time_code=time_code, purpose=purpose, purposes=purposes, erased=in_sentences)
    made.filters.update(composed=composed, raised=raised, taken=words.taken)
    made.globals.update(asset=asset, new_number=new_number)
    return made


def at(time: datetime | None) -> Markup | str:
    """A moment, to the minute, in UTC, as the reader's language writes it."""
    if time is None:
        return "–"
    there = time.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(there.isoformat(timespec="seconds"), words.moment(there))


def day(time: datetime | None) -> Markup | str:
    if time is None:
        return "–"
    there = time.astimezone(UTC).date()
    return Markup('<time datetime="{}">{}</time>').format(there.isoformat(), words.day(there))


def short(id: str) -> Markup:
    """The beginning of an id, which names the record to a person; the whole of it on demand."""
    return Markup('<code title="{}">{}</code>').format(id, id[:SHORT])


def in_words(name: object) -> str:
    """A state, a role or a kind as people say it."""
    said = str(name)
    return _(SLUGS.get(said) or said.replace("_", " ").replace("-", " "))


def lacking(names: Iterable[str]) -> str:
    """What something lacks, in the order of its form: `nose: not-comparable` is a component and what it must be."""
    return "; ".join(": ".join(in_words(part) for part in name.split(": ")) for name in names)


def listed(names: Iterable[object]) -> str:
    return ", ".join(in_words(name) for name in names)


@pass_context
def purpose(context: Context, name: str) -> str:
    """A purpose as the policy pack says it; by its name, where the pack knows it no more."""
    return str(context["pack"].title(name, context["language"]))


@pass_context
def purposes(context: Context, names: Iterable[str]) -> str:
    return "; ".join(purpose(context, name) for name in names)


def purpose_options(system: System) -> list[tuple[str, str]]:
    """What a form offers: the purposes of the pack with their words."""
    pack = system.policy.pack
    return [(name, pack.title(name, words.language())) for name in pack.purposes]


def _person(request: Request) -> Person | None:
    """Who sits here, if somebody is signed in: `Seat` noted it. Nobody, once the session has ended meanwhile."""
    seat = getattr(request.state, "seat", None)
    if seat is None:
        return None
    try:
        return desk.oneself(*seat)
    except (SignInRefused, Missing):
        return None
