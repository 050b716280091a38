"""Letters to who asked about themselves, to print and to sign: in the language in which they asked, whatever the officer reads."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from beholden.actions import desk, letters
from beholden.actions.letters import Facts, Letter
from beholden.errors import BadInput, BeholdenError, Missing
from beholden.serving.languages import LANGUAGES
from beholden.web.forms import Form, Typed
from beholden.web.page import environment, render
from beholden.web.who import Seat
from beholden.web.words import _, named, speaking

router = APIRouter()

MOST_TYPED = 600  # characters of each field: an address, or a body and how it is reached
WORDS = {
    Letter.RECEIVED: named("It was received"),
    Letter.PROOF: named("Who asks is to show who they are"),
    Letter.GRANTED: named("It is granted"),
    Letter.REFUSED: named("It is refused"),
    Letter.RESTRICTED: named("The records are restricted, not erased"),
    Letter.ERASED: named("The records are erased"),
    Letter.WITHDRAWN: named("It was taken back"),
}
SPOKEN = (("en", "English"), ("fr", "Français"))
DECISIONS = (Letter.GRANTED, Letter.REFUSED, Letter.RESTRICTED, Letter.ERASED)


@router.get("/requests/{request_id}/letter")
def begin_letter(request: Request, seat: Seat, request_id: str) -> Response:
    return _page(request, seat, request_id)


@router.post("/requests/{request_id}/letter")
def write_letter(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    """A consultation that is on record, as reading who asks is, and so no GET. Nothing of the letter is kept here."""
    try:
        language, sender, complaints = _typed(form)
        facts = letters.write_letter(
            *seat, request_id=request_id, letter=form.text("letter"), name_sources=form.ticked("sources")
        )
    except BeholdenError as error:
        return _page(request, seat, request_id, error, form)
    return _page(request, seat, request_id, None, form, _letter(seat, facts, language, sender, complaints))


def _page(
    request: Request,
    seat: Seat,
    request_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    letter: Markup | None = None,
) -> Response:
    try:
        shown = letters.request_to_answer(*seat, request_id=request_id)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    return render(
        request,
        "letter.html.jinja",
        error=error,
        typed=typed or {},
        shown=shown,
        kinds=[(str(one), _(WORDS[one])) for one in letters.letters_for(shown)],
        languages=SPOKEN,
        letter=letter,
        letter_language=typed.text("language") if typed and letter else "",
    )


def _typed(form: Typed) -> tuple[str, str, str]:
    language = form.text("language")
    if language not in LANGUAGES:
        raise BadInput("choose the language in which the person asked")
    sender, complaints = form.text("sender").strip(), form.text("complaints").strip()
    if not sender or not complaints:
        raise BadInput("say who writes, and to whom the person can complain")
    if max(len(sender), len(complaints)) > MOST_TYPED:
        raise BadInput(f"write at most {MOST_TYPED} characters of who writes, and of to whom one complains")
    return language, sender, complaints


def _letter(seat: Seat, facts: Facts, language: str, sender: str, complaints: str) -> Markup:
    """The text alone, in its own language."""
    system, officer = seat
    writer = desk.oneself(system, officer)
    with speaking(language):
        return Markup(  # noqa: S704 - of a template that escapes what it is given
            environment()
            .get_template("letter_text.html.jinja")
            .render(
                facts=facts,
                letter=str(facts.letter),
                request=facts.request,
                decided=facts.letter in DECISIONS,
                today=system.clock.now(),
                sender=sender,
                complaints=complaints,
                writer=writer.name,
                pack=facts.request.kept.policy.partition("@")[0],
            )
        )
