"""The story by hand: from an empty system to a receipt, one person after another in a window of their own.

It does in pages what `tests.api.story.by_acts` does in Python, with rendered people in the place of drawn ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from beholden.database.tables import RECORDS
from beholden.demo import photographs
from beholden.demo.chapters.authority import NECESSITY
from beholden.demo.photographs import Portrait, reference_of
from beholden.demo.stage import ADA, AUDE, EDDA, EMIL, ERIK, INES, INVITED, PIA, PURPOSE, ROSA, STELLA, SVEN, Player
from beholden.records.audit import Entry
from beholden.records.examination import COMPONENTS
from beholden.records.galleries import Gallery
from beholden.records.sources import Source
from tests.api.story import counted
from tests.browser.around import look_around
from tests.browser.behind import behind, hidden_of, people_behind
from tests.browser.office import certify, give
from tests.browser.served import Served
from tests.browser.window import Notes, Window, signed_in, window

PASSPHRASE = "seven quiet herons wade"
PEOPLE = 8
OPINIONS = {ERIK: ("3", "3"), EDDA: ("3", "-1"), EMIL: ("1",)}  # the second pair goes to a third examiner


@dataclass
class Told:
    """What is left when the story is over."""

    served: Served
    notes: Notes
    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Path] = field(default_factory=dict)  # of who was blind → all that their browser was given
    hidden: list[str] = field(default_factory=list)  # what none of it may hold
    files: dict[str, Path] = field(default_factory=dict)  # what was saved
    log: list[dict[str, Any]] = field(default_factory=list)
    records: dict[str, Mapping[str, int]] = field(default_factory=dict)


def tell(browser: Browser, served: Served, folder: Path, pictures: Path | None = None) -> Told:
    told = Told(served, Notes(pictures), folder)
    Story(browser, told).play()
    return told


@dataclass
class Story:
    browser: Browser
    told: Told
    windows: dict[Player, Window] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chosen = photographs.choose(PEOPLE)
        self.sought, self.lookalike = chosen.sought, chosen.lookalike
        self.exhibits = (chosen.younger, chosen.older)
        first: dict[str, Portrait] = {}
        for portrait in chosen.references:
            first.setdefault(portrait.person, portrait)
        self.references = list(first.values())
        assert len(self.references) == PEOPLE
        self.leaving = next(one for one in reversed(self.references) if one.person not in (self.sought, self.lookalike))

    def __getitem__(self, player: Player) -> Window:
        """Their window; the first time they sign in, by a link that the administrator made in a terminal."""
        if player not in self.windows:
            served = self.told.served
            har = (
                self.told.folder / f"{player.role}-{player.name.split()[0]}.har"
                if player in (ROSA, *OPINIONS)
                else None
            )
            if har:
                self.told.answers[player.name] = har
            link = served.link(player.name)
            self.windows[player] = signed_in(self.browser, served.address, link, self.told.notes, har=har)
        return self.windows[player]

    def play(self) -> None:
        self.invite()
        self.register()
        self.enrol()
        self.open_case()
        self.obtain_authority()
        self.search()
        self.review()
        self.examine()
        self.disclose()
        self.erase()
        self.end()
        look_around(self[INES], self[PIA], self[AUDE], case_id=self.told.ids["case"])
        with behind(self.told.served.data) as (_, look):
            self.told.log = [json.loads(entry.leaf) for entry in look.find(Entry, order="n")]
            self.told.records = {kind.__name__: counted(look, kind) for kind in RECORDS}

    def invite(self) -> None:
        ada = self[ADA]
        ada.follow("People", inside="nav")
        tokens = {}
        for player in INVITED:
            ada.unfold("Invite a person")
            ada.fill(name=player.name)
            ada.tick(player.role.replace("_", " "))
            ada.press("Invite")
            tokens[player.name] = ada.page.locator("#token").inner_text()
            if player is STELLA:
                ada.look("token")
            ada.follow("I have handed it over")
            ada.follow("People", inside="nav")
        ada.sees(*[player.name for player in INVITED])
        ada.look("people")
        ada.follow(AUDE.name)
        ada.look("one-person")
        for player in INVITED:
            certify(ada, player)
        ada.look("one-person-certified")

        stella = self.windows[STELLA] = window(self.browser, self.told.served.address, self.told.notes)
        stella.open("/cases")
        expect(stella.page).to_have_url(f"{stella.address}/sign-in?next=%2Fcases")
        stella.look("sign-in", picture=True)
        stella.follow("I was given a one-time token")
        stella.look("sign-in-first")
        stella.fill(name=STELLA.name, token=tokens[STELLA.name], passphrase=PASSPHRASE, again=PASSPHRASE + "?")
        stella.press("Choose it and sign in")
        stella.sees("The two passphrases differ")
        stella.look("sign-in-first-again")
        stella.fill(token=tokens[STELLA.name], passphrase=PASSPHRASE, again=PASSPHRASE)
        stella.press("Choose it and sign in")
        stella.sees("Stella Ruiz (steward)", "Nothing waits for you now")

    def register(self) -> None:
        stella, pia = self[STELLA], self[PIA]
        stella.follow("Sources", inside="nav")
        stella.unfold("Propose a source")
        stella.fill(
            name="Rendered people",
            controller="the authors of Beholden",
            citation="generator manifest 1",
            jurisdiction="CA",
            valid_from="2020-01-01",
            valid_until="2090-01-01",
            document_sha256="0" * 64,
        )
        stella.choose("authority_kind", "synthetic")
        stella.page.locator(f"main input[name=purpose][value={PURPOSE}]").check()
        stella.press("Propose")
        source = stella.page.url.split("?")[0].rpartition("/")[2]
        assert stella.named("button", "Approve").count() == 0
        stella.look("source-proposed")
        stella.forge(f"/sources/{source}/approve")
        assert stella.page.locator(".reasons li").count() > 0
        stella.look("source-refused")
        stella.open("/")

        pia.open("/")
        pia.sees("Sources to decide about")
        pia.look("home-of-the-privacy-officer")
        pia.follow("Rendered people")
        pia.press("Approve")
        pia.sees("active")
        pia.look("source-active")
        pia.follow("Galleries", inside="nav")
        pia.unfold("Open a gallery")
        pia.fill(name="References")
        pia.page.locator(f"main input[name=purpose][value={PURPOSE}]").check()
        pia.press("Open it")
        pia.look("galleries")

    def enrol(self) -> None:
        """The steward gives a manifest and its photographs; the last of them once more."""
        stella = self[STELLA]
        with behind(self.told.served.data) as (_, look):
            self.told.ids |= {"source": look.find(Source)[0].id, "gallery": look.find(Gallery)[0].id}
        assert give(stella, self.told.ids["gallery"], *self.references) == {"enrolled": PEOPLE}
        stella.look("enrolled")
        assert give(stella, self.told.ids["gallery"], self.references[-1]) == {"already held": 1}

    def open_case(self) -> None:
        ines = self[INES]
        ines.follow("Cases", inside="nav")
        ines.look("cases-none")
        ines.unfold("Open a case")
        ines.fill(reference="2026-117", title="The attic series")
        ines.choose("purpose", PURPOSE)
        ines.press("Open the case")
        self.told.ids["case"] = ines.page.url.split("?")[0].rpartition("/")[2]
        for number, portrait in enumerate(self.exhibits, 1):
            ines.unfold("Add an exhibit")
            file = {"name": f"exhibit-{number}.jpg", "mimeType": "image/jpeg", "buffer": portrait.path.read_bytes()}
            ines.page.locator("#f-file").set_input_files(file)  # type: ignore[arg-type]
            ines.page.locator("#f-origin").select_option("synthetic")
            ines.page.locator("#f-why").fill("found on the seized disk")
            ines.press("Add")
        ines.look("case-with-exhibits")
        ines.follow("and say who is sought")
        for face in ines.page.locator("main input[name=face]").all():
            face.check()
        ines.choose("subject_role", "victim")
        ines.fill(why="the same attic, the same toy, and the same shape of the ears")
        ines.look("faces", picture=True)
        ines.press("Declare who is sought")

    def obtain_authority(self) -> None:
        ines, sven = self[INES], self[SVEN]
        ines.follow("Ask for authority")
        ines.fill(less_intrusive="They said no.", why_person=NECESSITY.why_person, why_now=NECESSITY.why_now)
        ines.tick("References")
        ines.fill(searches="3")
        ines.look("authority-new")
        ines.press("Ask")
        assert ines.page.locator(".reasons").count() == 1
        assert ines.page.locator("main [name=why_now]").input_value() == NECESSITY.why_now, "what was typed is lost"
        ines.look("authority-new-again")
        ines.fill(less_intrusive=NECESSITY.less_intrusive)
        ines.press("Ask")
        authority = ines.page.url.split("?")[0].rpartition("/")[2]
        self.told.ids["authority"] = authority
        ines.look("authority-requested")
        assert ines.named("button", "Approve").count() == 0
        ines.forge(f"/authorities/{authority}/approve", gallery=self.told.ids["gallery"], searches="3", hours="24")
        ines.told(
            "approver-is-not-requester",
            "approver-is-not-assigned",
            "unmanifested-probe-is-looked-at",
            "role-supervisor-decides-authority",
            "training-is-current",
        )
        ines.look("authority-refused", picture=True)

        sven.open("/")
        sven.sees("Authorities to decide about")
        sven.look("home-of-the-supervisor")
        sven.follow("Authority")
        sven.sees(*NECESSITY.parts(), "8 references would be compared")
        sven.look("authority-to-decide", picture=True)
        sven.follow("Look at the faces")
        sven.press("Look at the faces")
        sven.sees("in no register of the case’s evidence")
        sven.look("faces-of-a-request")
        sven.follow("Back to the request")
        sven.press("Approve")
        sven.sees("It can be used.")
        sven.look("authority-active")

    def search(self) -> None:
        ines = self[INES]
        ines.open(f"/authorities/{self.told.ids['authority']}")
        ines.press("Search now")
        self.told.ids["search"] = ines.page.url.rpartition("/")[2]
        ines.sees("8 references of 1 gallery compared")
        ines.look("search-listed", picture=True)
        ines.open(f"/searches/{self.told.ids['search']}/leads")
        ines.told("search-is-unsealed")
        ines.look("leads-refused")

    def review(self) -> None:
        """From the first key to the last without a mouse."""
        rosa, search = self[ROSA], self.told.ids["search"]
        keys = rosa.page.keyboard
        rosa.look("home-of-an-examiner")
        self.told.hidden = hidden_of(self.told.served.data)
        keys.press("Tab")
        expect(rosa.page.locator(":focus")).to_have_text("Skip to the content")
        expect(rosa.page.locator(":focus")).to_be_in_viewport()
        expect(rosa.page.locator(":focus")).to_have_css("outline-style", "solid")
        keys.press("Enter")
        expect(rosa.page.locator("#main")).to_be_focused()
        expect(rosa.page).to_have_url(f"{rosa.address}/#main")
        rosa.enter(f"Search {search[:10]}")
        rosa.look("review-offer")
        rosa.enter("Take the list")
        rosa.look("review-before-keys")
        rosa.tab_to("Switch single keys on")
        keys.press("Enter")
        keys.press("o")
        positions, people = [], people_behind(self.told.served.data)
        for decided in range(PEOPLE):
            shown = rosa.page.locator(".pair:visible")
            expect(shown).to_have_count(1)
            expect(rosa.page.locator("#progress")).to_have_text(f"{decided + 1} of {PEOPLE}; {decided} decided")
            expect(shown.locator("[data-open]")).to_have_count(1)
            expect(rosa.page.locator(".pair-clear")).to_have_count(3)
            handle = (shown.locator("form").get_attribute("action") or "").rpartition("/")[2]
            positions.append(shown.locator("h2").inner_text())
            if decided == 2:
                rosa.look("review", picture=True)
            potential = people[handle] in (self.sought, self.lookalike)
            with rosa.page.expect_response(lambda answer: "/reviews/" in answer.url) as answer:
                keys.press("1" if potential else "2")
            assert answer.value.status == 204
        assert positions == [f"Pair {number}" for number in range(1, PEOPLE + 1)]
        expect(rosa.page.locator("#progress")).to_have_text(f"{PEOPLE} of {PEOPLE}; {PEOPLE} decided")
        expect(rosa.page.locator(".pair-clear")).to_have_count(0)
        keys.press("?")
        expect(rosa.page.locator("#keys")).to_be_visible()
        rosa.look("review-keys")
        keys.press("Escape")
        rosa.enter("Finish the review")
        rosa.sees("The review is finished")
        rosa.look("review-done")
        rosa.follow("This search")
        rosa.look("search-for-examiner")

    def examine(self) -> None:
        for player, opinions in OPINIONS.items():
            here = self[player]
            for number, opinion in enumerate(opinions):
                here.open(f"/examinations/{self.told.ids['search']}")
                if player is ERIK and number == 0:
                    here.look("examination-offer")
                here.press("Take a pair")
                if player is ERIK and number == 0:
                    here.press("Keep this description, and go on")
                    assert here.page.locator(".reasons").count() == 1
                    here.look("examination-again")
                for _ in ("who is sought", "who is held"):
                    here.page.locator("main input[name=suitable][value=yes]").check()
                    here.page.get_by_role("button", name="All of them").click()
                    here.press("Keep this description, and go on")
                for component in COMPONENTS:
                    here.page.locator(f"main input[name=component-{component}][value=similar]").check()
                here.page.locator(f"main input[name=opinion][value='{opinion}']").check()
                if player is ERIK and number == 1:
                    here.look("examination", picture=True)
                here.press("Lock the opinion")
                here.sees("The opinion is locked")
            self.close(player)
        self.close(ROSA)

    def close(self, player: Player) -> None:
        """Their browser is closed, which writes down all that it was given."""
        self.windows.pop(player).close()

    def disclose(self) -> None:
        ines = self[INES]
        ines.open(f"/searches/{self.told.ids['search']}")
        ines.sees("unsealed")
        ines.look("search-unsealed")
        ines.follow("Read the leads")
        assert ines.page.locator("main tbody tr").count() == PEOPLE
        ines.look("leads", picture=True)
        ines.page.locator("main input[name=lead]").first.check()
        ines.fill(recipients="Unit 4\nInterpol desk", basis="s. 8(2)(f)")
        ines.press("See what would leave")
        ines.look("disclosure-preview", picture=True)
        ines.press("Disclose")
        ines.look("disclosure", picture=True)
        for name in ines.page.locator("main ul a").all_inner_texts():
            self.told.files[name] = ines.save(name, self.told.folder)

    def erase(self) -> None:
        pia, stella = self[PIA], self[STELLA]
        pia.open("/requests")
        pia.look("requests-none")
        pia.follow("Receive a request")
        pia.look("request-intake")
        pia.fill(person_ref=reference_of(self.leaving.person))
        pia.press("Find")
        assert pia.page.locator("main input[name=record]").count() == 1
        pia.fill(looked_for="by the source's person reference", subject="A. Person, by letter")
        pia.look("request-found")
        pia.press("Receive it")
        path = pia.page.url.removeprefix(pia.address).split("?")[0]
        pia.look("request-received")
        assert pia.named("button", "Grant").count() == 0
        pia.page.locator("#check-how").fill("passport seen")
        pia.press("It is checked")
        pia.look("request-checked")
        pia.page.locator("#grant-reason").fill("the record is theirs")
        pia.press("Grant")
        pia.press("Erase these records")
        pia.told("eraser-did-not-grant")
        pia.look("erasure-refused")
        stella.open("/")
        stella.sees("Erasures to carry out")
        stella.look("home-of-the-steward")
        stella.open(path)
        stella.press("Erase these records")
        stella.sees("It is erased, and the receipt is signed.")
        stella.look("request-erased", picture=True)
        self.told.files["receipt"] = stella.save("Download the signed receipt", self.told.folder)

    def end(self) -> None:
        ines = self[INES]
        ines.open(f"/authorities/{self.told.ids['authority']}")
        ines.press("Search now")
        ines.sees("7 references of 1 gallery compared")
        assert give(self[STELLA], self.told.ids["gallery"], self.leaving) == {"put aside": 1}
        ines.follow("2026-117")
        ines.unfold("Close the case")
        ines.fill(outcome="somebody was found, not who was sought")
        ines.choose("ended_as", "other")
        ines.press("Close the case")
        ines.told("no-search-is-under-way")
        ines.look("case-not-closed")
