"""Enrolling in pages: a manifest and its photographs, at once or a few at a time, with an answer for each file and row."""

from __future__ import annotations

import csv
import io
import json

import pytest

from beholden.actions import intake
from beholden.records.images import Aside, Image
from beholden.web.csrf import COOKIE, token_of
from tests.agency import Agency, draw
from tests.web.browser import Browser

MANIFEST = b"file,person_ref,caption\na.png,p1,one\nsub/b.png,p2,two\nbroken.png,,\nabsent.png,,\na.png,,again\n"


class Steward(Browser):
    """Stella, on the page of one source."""

    def __init__(self, agency: Agency) -> None:
        super().__init__(agency, "stella")
        self.source, self.gallery = agency.source(), agency.gallery("references")
        self.at = f"/sources/{self.source.id}/images"

    def give(self, path: str, *files: tuple[str, str, bytes], **fields: str) -> None:
        told = {"csrf": token_of(self.client.cookies.get(COOKIE) or ""), "gallery": self.gallery.id, **fields}
        sent = [(field, (name, content)) for field, name, content in files]
        self.page = self.client.post(path, data=told, files=sent, headers={"Sec-Fetch-Site": "same-origin"})

    def rows(self) -> list[dict[str, str]]:
        """The answers, as the CSV of the page has them."""
        address = self.page.text.partition('id="csv" download="answers.csv" href="')[2].partition('"')[0]
        content = self.client.get(address).content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(content)))


@pytest.fixture
def stella(agency: Agency) -> Steward:
    return Steward(agency)


def photographs() -> list[tuple[str, str, bytes]]:
    return [
        ("photographs", "a.png", draw(1)),
        ("folder", "chosen/sub/b.png", draw(2)),
        ("photographs", "broken.png", b"no picture"),
        ("photographs", "stray.png", draw(3)),
    ]


def test_a_manifest_and_its_photographs_are_enrolled_by_one_form_and_each_has_its_answer(stella: Steward) -> None:
    stella.open(f"/sources/{stella.source.id}")
    assert f'href="{stella.at}"' in stella.page.text
    stella.give(stella.at, ("manifest", "manifest.csv", MANIFEST), *photographs(), received_from="J. Doe, Unit 4")
    assert stella.page.status_code == 303
    stella.open(stella.page.headers["location"])
    assert [(one["file"], one["fate"]) for one in stella.rows()] == [
        ("a.png", "enrolled"),
        ("sub/b.png", "enrolled"),
        ("broken.png", "rejected"),
        ("absent.png", "rejected"),
        ("a.png", "rejected"),
        ("stray.png", "rejected"),
    ]
    assert [one["reason"].partition(": ")[2] for one in stella.rows()][3:5] == [
        "no file of this name was sent",
        "an earlier row names the same file",
    ]
    assert "enrolled 2 already held 0 put aside 0 rejected 4" in stella.text
    assert len(stella.agency.find(Image)) == 2


def test_the_same_files_can_be_given_again_and_what_is_held_is_told_so(stella: Steward) -> None:
    for wanted in ("enrolled", "already held"):
        stella.give(stella.at, ("folder", "x/manifest.csv", b"file\na.png\n"), ("folder", "x/a.png", draw(1)))
        stella.open(stella.page.headers["location"])
        assert [one["fate"] for one in stella.rows()] == [wanted]
    assert len(stella.agency.find(Image)) == 1


def test_what_is_put_aside_leads_a_privacy_officer_to_it_and_tells_the_steward_no_reason(stella: Steward) -> None:
    stella.give(stella.at, ("manifest", "m.csv", b"file\na.png\n"), ("photographs", "a.png", draw(1)))
    stella.gallery = stella.agency.gallery("others")
    stella.give(stella.at, ("manifest", "m.csv", b"file\na.png\n"), ("photographs", "a.png", draw(1)))
    stella.open(stella.page.headers["location"])
    assert [one["fate"] for one in stella.rows()] == ["put aside"]
    assert "A privacy officer looks at what was put aside" in stella.text
    assert 'href="/asides"' not in stella.page.text
    assert len(stella.agency.find(Aside)) == 1


def test_the_script_sends_the_manifest_ahead_and_then_a_few_files_at_a_time(stella: Steward) -> None:
    stella.give(f"{stella.at}/manifest", ("manifest", "manifest.csv", MANIFEST))
    told = stella.page.json()
    assert told["files"] == ["a.png", "sub/b.png", "broken.png", "absent.png", "a.png"]
    to, found = f"{stella.at}/{told['token']}", []
    for name, content in (("a.png", draw(1)), ("sub/b.png", draw(2)), ("broken.png", b"no")):
        stella.give(to, ("photographs", f"sent/{name}", content))
        found += stella.page.json()["answers"]
    lists = [(name, f"{name}.json", json.dumps([file]).encode()) for name, file in
             (("absent", "absent.png"), ("without_row", "stray.png"))]  # fmt: skip
    stella.give(to, *lists)
    found += stella.page.json()["answers"]
    assert [(one["file"], one["fate"]) for one in found] == [
        ("a.png", "enrolled"),
        ("a.png", "rejected"),
        ("sub/b.png", "enrolled"),
        ("broken.png", "rejected"),
        ("absent.png", "rejected"),
        ("stray.png", "rejected"),
    ]


def test_a_manifest_that_cannot_be_read_enrols_nothing_and_what_was_typed_stays(stella: Steward) -> None:
    bad = ("manifest", "manifest.csv", b"name\na.png\n")
    stella.give(stella.at, bad, ("photographs", "a.png", draw(1)), received_from="J. Doe")
    assert stella.page.status_code == 422
    assert 'value="J. Doe"' in stella.page.text
    assert "Log entry" in stella.text
    stella.give(f"{stella.at}/manifest", bad)
    assert (stella.page.status_code, len(stella.page.json()["why"])) == (422, 1)
    stella.give(stella.at, ("photographs", "a.png", draw(1)))
    assert "No manifest was chosen" in stella.text
    assert stella.agency.find(Image) == []


def test_who_may_not_enrol_is_refused_by_the_act_and_a_hidden_source_is_no_source(stella: Steward) -> None:
    files = (("manifest", "m.csv", b"file\na.png\n"), ("photographs", "a.png", draw(1)))
    ines = Steward(stella.agency)
    ines.client.cookies.set(COOKIE, stella.agency["ines"].session)
    ines.give(stella.at, *files)
    assert (ines.page.status_code, stella.agency.find(Image)) == (403, [])
    ines.open(f"/sources/{stella.source.id}")
    assert stella.at not in ines.page.text
    for path in (f"/sources/{'0' * 32}/images", f"/sources/{'0' * 32}/images/manifest"):
        stella.give(path, *files)
        assert stella.page.status_code == 404
    assert stella.open(f"/sources/{'0' * 32}/images").status_code == 404


def test_answers_and_a_manifest_are_there_for_the_session_that_gave_them_alone(stella: Steward) -> None:
    stella.give(stella.at, ("manifest", "m.csv", b"file\na.png\n"), ("photographs", "a.png", draw(1)))
    pia = Browser(stella.agency, "pia")
    assert pia.open(stella.page.headers["location"]).status_code == 404
    stella.give(f"{stella.at}/{'x' * 32}", ("photographs", "sent/a.png", draw(1)))
    assert stella.page.status_code == 404


def test_a_manifest_and_answers_are_of_their_source_alone(stella: Steward) -> None:
    other = stella.agency.source(name="another")
    stella.give(f"{stella.at}/manifest", ("manifest", "m.csv", b"file\na.png\n"))
    token, photograph = stella.page.json()["token"], ("photographs", "sent/a.png", draw(1))
    stella.give(f"/sources/{other.id}/images/{token}", photograph)
    assert (stella.page.status_code, stella.agency.find(Image)) == (404, [])
    stella.give(f"{stella.at}/{token}", photograph)
    assert [one["fate"] for one in stella.page.json()["answers"]] == ["enrolled"]
    stella.give(stella.at, ("manifest", "m.csv", b"file\na.png\n"), ("photographs", "a.png", draw(1)))
    answers = stella.page.headers["location"]
    assert stella.open(answers.replace(stella.source.id, other.id)).status_code == 404
    assert stella.open(answers).status_code == 200


def test_a_manifest_is_read_once_for_all_its_files_and_a_session_has_one(
    stella: Steward, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    whole = intake.read_manifest
    monkeypatch.setattr(intake, "read_manifest", lambda content: read.append(len(content)) or whole(content))
    tokens = []
    for manifest in (b"file\nold.png\n", b"file\na.png\nb.png\n"):
        stella.give(f"{stella.at}/manifest", ("manifest", "m.csv", manifest))
        tokens.append(stella.page.json()["token"])
    for name, content in (("a.png", draw(1)), ("b.png", draw(2))):
        stella.give(f"{stella.at}/{tokens[1]}", ("photographs", f"sent/{name}", content))
        assert [one["fate"] for one in stella.page.json()["answers"]] == ["enrolled"]
    assert read == [13, 17]
    stella.give(f"{stella.at}/{tokens[0]}", ("photographs", "sent/old.png", draw(3)))
    assert stella.page.status_code == 404


@pytest.mark.parametrize("sent", [b"[" * 200_000, b'"a"', b"[1]", b"\xff", b'["' + b"x" * 4 * 2**20 + b'"]'])
def test_a_list_of_names_that_is_none_is_told_so(stella: Steward, sent: bytes) -> None:
    stella.give(f"{stella.at}/manifest", ("manifest", "m.csv", b"file\na.png\n"))
    stella.give(f"{stella.at}/{stella.page.json()['token']}", ("absent", "names.json", sent))
    assert stella.page.status_code == 422
    assert "The list of file names cannot be read" in stella.page.json()["why"][0]


def test_a_name_that_a_spreadsheet_would_take_for_a_formula_is_none_in_the_csv(stella: Steward) -> None:
    stella.give(stella.at, ("manifest", "m.csv", b"file\n=1+1.png\n"))
    stella.open(stella.page.headers["location"])
    assert [one["file"] for one in stella.rows()] == ["'=1+1.png"]


def test_where_no_gallery_fits_the_page_says_who_opens_one(agency: Agency) -> None:
    source, stella = agency.source(), Browser(agency, "stella")
    stella.open(f"/sources/{source.id}/images")
    assert "A privacy officer opens one." in stella.text
    assert stella.forms() == ["/sign-out"]
