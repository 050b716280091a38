"""Letters to who asked about themselves: what each says, in which language, to whom it is there, and that it is on record."""

from __future__ import annotations

import re

import pytest

from beholden.actions.letters import ENTRIES, OF_STATE, Letter
from beholden.records.audit import Entry
from beholden.records.requests import Request, RequestState
from beholden.records.sources import Source
from beholden.web.letters import MOST_TYPED, WORDS
from tests.agency import Agency, last
from tests.web.browser import Browser

SUBJECT = "A. Person, 12 Elm Street <b>"
TYPED = {"language": "en", "sender": "The agency\n1 Main Street", "complaints": "The commissioner, 1 800 555-0100"}


@pytest.fixture
def asked(agency: Agency) -> str:
    """A request about two records of person 4."""
    source, gallery = agency.source(), agency.gallery()
    made = [agency.enrol(source, gallery, 4, seed=seed) for seed in (0, 1)]
    pia = Browser(agency, "pia")
    pia.send(
        "/requests",
        {"record": [face.id for one in made for face in one.faces], "looked_for": "by the number", "subject": SUBJECT},
    )
    [request] = agency.find(Request)
    return request.id


def letter_of(window: Browser, asked: str, kind: Letter, **typed: str) -> str:
    """The letter alone, without the page around it."""
    window.send(f"/requests/{asked}/letter", TYPED | {"letter": str(kind)} | typed)
    assert window.page.status_code == 200, window.text
    found = re.search(r'<article class="letter".*?</article>', window.page.text, re.DOTALL)
    assert found, window.text
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def kinds(window: Browser, asked: str) -> list[str]:
    page = window.open(f"/requests/{asked}/letter").text
    return re.findall(r'<option value="([a-z]+)"', page)


def decide(agency: Agency, asked: str, act: str, reason: str) -> None:
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{asked}/check", {"how": "passport seen at the counter"})
    pia.send(f"/requests/{asked}/{act}", {"reason": reason})


def test_every_letter_has_words_an_entry_and_a_state() -> None:
    assert set(WORDS) == set(ENTRIES) == set(Letter) == {one for of in OF_STATE.values() for one in of}
    assert set(OF_STATE) == set(RequestState)


def test_a_letter_says_what_the_record_says_and_what_was_typed_and_is_on_record(agency: Agency, asked: str) -> None:
    pia = Browser(agency, "pia")
    assert kinds(pia, asked) == ["received", "proof"]
    before = len(agency.leaves())
    said = letter_of(pia, asked, Letter.RECEIVED)
    request = agency.get(Request, asked)
    for words in (
        "The agency 1 Main Street",
        "A. Person, 12 Elm Street &lt;b&gt;",
        f"Our reference {asked}",
        f"You asked on {request.kept.created_at:%Y-%m-%d}",
        f"We answer by {request.due_at:%Y-%m-%d} .",
        "2 records of a face, in 2 photographs.",
        "How they were looked for: by the number",
        "The commissioner, 1 800 555-0100",
        "pia Privacy officer",
        "policy pack ca-2020",
    ):
        assert words in said, words
    assert last(agency)[:2] == ("request.read", "done")
    assert agency.told(len(agency.leaves()) - 1)["letter"] == ["received"]
    assert len(agency.leaves()) == before + 1
    entry = int(re.findall(r"entry (\d+) of our log", said)[0])
    assert agency.leaves()[entry]["event"] == "request.received"


def test_nobody_is_asked_twice_who_they_are(agency: Agency, asked: str) -> None:
    pia = Browser(agency, "pia")
    assert "keep no copy" in letter_of(pia, asked, Letter.PROOF)
    pia.send(f"/requests/{asked}/check", {"how": "passport seen at the counter"})
    assert kinds(pia, asked) == ["received"]
    assert "Who you are was checked: passport seen at the counter" in letter_of(pia, asked, Letter.RECEIVED)


def test_a_refusal_gives_its_reason_and_to_whom_one_complains(agency: Agency, asked: str) -> None:
    decide(agency, asked, "refuse", "s. 22(1)(b): it would injure an investigation")
    pia = Browser(agency, "pia")
    assert kinds(pia, asked) == ["refused"]
    said = letter_of(pia, asked, Letter.REFUSED)
    assert "Your request is refused" in said
    assert "s. 22(1)(b): it would injure an investigation" in said
    assert "If you do not agree You can complain to the body named here. Give our reference. The commissioner" in said
    entry = int(re.findall(r"entry (\d+) of our log", said)[0])
    assert agency.leaves()[entry]["event"] == "request.refused"


def test_a_letter_in_french_is_in_french_whatever_the_officer_reads(agency: Agency, asked: str) -> None:
    decide(agency, asked, "grant", "ce sont les siennes")
    pia = Browser(agency, "pia")
    said = letter_of(pia, asked, Letter.GRANTED, language="fr")
    assert 'lang="fr"' in pia.page.text.split('id="letter"')[1][:40]
    assert "novembre 2026" in said
    assert "ce sont les siennes" in said
    assert "Letter to who asks" in pia.text, "the page around it is in the officer's language"
    assert "2026-11" in letter_of(pia, asked, Letter.GRANTED)


def test_sources_are_named_only_where_the_officer_says_so(agency: Agency, asked: str) -> None:
    pia = Browser(agency, "pia")
    [name] = [one.name for one in agency.find(Source)]
    assert name not in letter_of(pia, asked, Letter.RECEIVED)
    assert name in letter_of(pia, asked, Letter.RECEIVED, sources="yes")


def test_records_that_are_restricted_and_records_that_are_erased_each_have_their_letter(
    agency: Agency, asked: str
) -> None:
    decide(agency, asked, "grant", "they are theirs")
    pia, stella = Browser(agency, "pia"), Browser(agency, "stella")
    stella.send(f"/requests/{asked}/restrict", {"reason": "evidence in the trial 2026-88", "days": "60"})
    assert kinds(pia, asked) == ["restricted"]
    said = letter_of(pia, asked, Letter.RESTRICTED)
    assert "evidence in the trial 2026-88" in said
    assert "A privacy officer looks at this again by" in said
    agency.clock.pass_by(minutes=1)
    pia.send(f"/requests/{asked}/end-restriction", {"reason": "the judgment is final since May"})
    stella.send(f"/requests/{asked}/erase")
    assert kinds(pia, asked) == ["erased"]
    said = letter_of(pia, asked, Letter.ERASED)
    assert "The records are erased" in said
    assert "What was held" in said
    entry = int(re.findall(r"entry (\d+) of our log", said)[0])
    assert agency.leaves()[entry]["event"] == "erasure.finished"
    assert agency.find(Entry, n=entry)[0].kept.created_at.strftime("%Y-%m-%d") in said


def test_one_that_was_taken_back_is_answered_too(agency: Agency, asked: str) -> None:
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{asked}/withdraw")
    assert "You can ask again at any time." in letter_of(pia, asked, Letter.WITHDRAWN)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"letter": "erased"}, "No letter 'erased' can be written of it now: choose one of received, proof"),
        ({"letter": "received", "language": "de"}, "Choose the language"),
        ({"letter": "received", "sender": " "}, "Say who writes"),
        ({"letter": "received", "complaints": ""}, "Say who writes, and to whom the person can complain"),
        ({"letter": "received", "sender": "x" * (MOST_TYPED + 1)}, "Write at most 600 characters"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_typed_is_lost(
    agency: Agency, asked: str, typed: dict[str, str], said: str
) -> None:
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{asked}/letter", TYPED | typed)
    assert pia.page.status_code == 422
    assert said in pia.text
    assert SUBJECT.split(",")[0] not in pia.text
    if typed.get("complaints") != "":
        assert TYPED["complaints"] in pia.text


def test_to_everybody_else_there_is_no_letter(agency: Agency, asked: str) -> None:
    for name in ("stella", "sven", "aude", "ines", "rosa", "ada"):
        somebody = Browser(agency, name)
        assert somebody.open(f"/requests/{asked}/letter").status_code == 404, name
        answer = somebody.send(f"/requests/{asked}/letter", TYPED | {"letter": "received"})
        assert answer.status_code == 404, name
        assert SUBJECT.split(",")[0] not in answer.text
        assert last(agency)[:2] == ("request.read", "refused"), name
