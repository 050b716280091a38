"""An investigator in the pages: a folder dropped while work goes on, faces picked by key, a box drawn, authority asked for."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, expect

from beholden.actions import register
from beholden.demo import composing, photographs
from beholden.demo.chapters.authority import NECESSITY
from beholden.demo.stage import INES, PIA, Stage
from beholden.records.authority import Authority, AuthorityState
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.sought import Sought
from tests.browser.behind import behind
from tests.browser.checks import examine
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import Notes, Window, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]

GALLERY = "Missing children"
FAR = (0.6, 0.8)  # where somebody stands whom the detector does not find, of the width and the height

# A folder as the desktop would hand it over: a script makes it, since no test may reach into the person's folders.
DROP = """
(zone, { name, bytes }) => {
  const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const file = (given) => ({ isFile: true, file: (done) => done(given) });
  const folder = (...all) => ({ isFile: false, createReader: () => {
    const left = [...all]; // a browser gives some at a time, and then none
    return { readEntries: (done) => done(left.splice(0, 1)) };
  } });
  const inner = folder(file(new File([content], ".hidden.jpg", { type: "image/jpeg" })),
    file(new File([content], name, { type: "image/jpeg" })));
  const dropped = folder(file(new File(["a list"], "list.txt", { type: "text/plain" })), inner);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new Event(kind, { bubbles: true, cancelable: true });
    Object.defineProperty(event, "dataTransfer", { value: { items: [{ webkitGetAsEntry: () => dropped }], files: [] } });
    zone.dispatchEvent(event);
  }
}"""


def lay(folder: Path) -> bytes:
    """A seized disk: two people at once, a child, the same file again, a landscape, a text. Gives a photograph beside it."""
    chosen = photographs.choose(4)
    near = [one.path.read_bytes() for one in chosen.references[:2]]
    (folder / "phone").mkdir(parents=True)
    together = composing.group(near, [chosen.references[4].path.read_bytes()])
    (folder / "phone" / "together.jpg").write_bytes(beside(together, chosen.references[6].path.read_bytes()))
    (folder / "child.jpg").write_bytes(chosen.younger.path.read_bytes())
    (folder / "phone" / "child-again.jpg").write_bytes(chosen.younger.path.read_bytes())
    (folder / "hills.png").write_bytes(composing.landscape())
    (folder / "list.txt").write_bytes(b"what was on the disk")
    return chosen.older.path.read_bytes()


def beside(photograph: bytes, portrait: bytes) -> bytes:
    """With one more at the lower edge, too small and out of focus for the detector, at `FAR` of the picture."""
    with Image.open(BytesIO(photograph)) as page, Image.open(BytesIO(portrait)) as there:
        left, top = round(FAR[0] * page.width), round(FAR[1] * page.height)
        page.paste(there.convert("RGB").resize((26, 32)).filter(ImageFilter.GaussianBlur(3)), (left, top))
        page.save(out := BytesIO(), "JPEG", quality=92)
    return out.getvalue()


def open_gallery(stage: Stage, *_: object) -> None:
    """For the purpose of the case of this journey: the one of the demo is held for another."""
    register.open_gallery(stage.system, stage[PIA], name=GALLERY, purposes=("imminent-threat",))


def picked(ines: Window) -> int:
    return ines.page.locator("main [name=face]:checked").count()


def test_an_investigator_fills_a_case_and_goes_on_with_it_by_keys(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    """The journey; with `pictures`, three screenshots of it into that folder."""
    disk = folder / "disk"
    dropped = lay(disk)
    agency = folder / "agency"
    agency.mkdir()
    prepared = prepare(agency, open_gallery)
    notes = Notes(pictures)
    with serve(prepared.data) as served:
        ines = signed_in(chromium, served.address, served.link(INES.name), notes)
        keys = ines.page.keyboard
        ines.open("/cases")
        ines.unfold("Open a case")
        ines.fill(reference="2026-204", title="A phone")
        ines.choose("purpose", "imminent-threat")
        ines.press("Open the case")
        case = ines.page.url.split("?")[0].rpartition("/")[2]
        ines.sees("nothing can be searched in it")

        # A folder with folders in it is dropped: the photographs of it are ready. Without its reason nothing is sent; with it
        # the photograph is on its way at once.
        ines.page.locator("#case-drop").evaluate(
            DROP, {"name": "older.jpg", "bytes": base64.b64encode(dropped).decode()}
        )
        expect(ines.page.locator("#case-dropped")).to_have_text("Files ready to be sent: 1")
        ines.page.locator("#many-why").fill("found on the seized phone")
        ines.page.get_by_role("button", name="Take them in").click()
        expect(ines.page.locator("#case-intake")).to_contain_text("1 exhibit added", timeout=60_000)
        ines.page.locator("#many-folder").set_input_files(disk)
        ines.page.get_by_role("button", name="Take them in").click()
        expect(ines.page.locator("#case-intake progress")).to_have_attribute("max", "4")
        ines.look("case-intake")
        ines.open("/cases")  # and works on elsewhere, where it is told too
        ines.look("cases-while-taking-in")
        ines.open(f"/cases/{case}")
        expect(ines.page.locator("main")).to_contain_text("1 was in the case already", timeout=60_000)
        ines.open(f"/cases/{case}")
        ines.sees("The photographs given last", "2 exhibits added", "1 was not taken", "hills.png")
        ines.look("case-with-its-exhibits", picture=True)

        # Faces: small, grey and blurred around; a key goes on, another ticks, a third shows while it is held.
        ines.follow("and say who is sought")
        expect(ines.page.locator("[data-face]")).to_have_count(5)
        ines.page.get_by_role("button", name="Switch single keys on").click()
        keys.press("j")
        expect(ines.page.locator("[data-face]").first).to_be_focused()
        keys.press("x")
        assert picked(ines) == 1
        keys.down("o")
        expect(ines.page.locator("img.clear")).to_be_visible()
        keys.up("o")
        expect(ines.page.locator("img.clear")).to_have_count(0)
        keys.press("j")
        keys.press("x")
        keys.press("x")
        keys.press("k")
        assert picked(ines) == 1
        expect(ines.page.locator("[data-face]").first).to_be_focused()
        ines.look("case-faces", picture=True)

        # The group photograph itself, for a reason; a box by keys over somebody whom the detector did not find.
        with behind(served.data) as (_, look):
            [together] = {face.exhibit_id for face in look.find(ExhibitFace, case_id=case) if face.position == 2}
            exhibit = look.get(Exhibit, together)
        ines.open(f"/cases/{case}/exhibits/{together}/frame")
        ines.look("frame-map")
        ines.fill(reason="somebody small stands at the lower edge, whom the detector did not find")
        ines.press("Show the photograph")
        expect(ines.page.locator("#case-frame image")).to_have_count(1)
        ines.page.keyboard.press("b")
        box = ines.page.locator("#f-box")
        expect(box).not_to_have_value("")
        left, top, width, height = (float(one) for one in box.input_value().split(","))
        for _ in range(3):
            keys.press("ArrowLeft")
        keys.press("Shift+ArrowDown")
        moved = [float(one) for one in box.input_value().split(",")]
        assert moved == pytest.approx([left - 0.03, top, width, height + 0.01], abs=1e-3)
        ines.look("frame", picture=True)
        ines.page.locator("#case-frame").scroll_into_view_if_needed()
        frame = ines.page.locator("#case-frame image").bounding_box()
        assert frame is not None
        far, side = FAR, 26 / exhibit.width
        bottom = far[1] + 32 / exhibit.height
        ines.page.mouse.move(frame["x"] + far[0] * frame["width"], frame["y"] + far[1] * frame["height"])
        ines.page.mouse.down()
        ines.page.mouse.move(frame["x"] + (far[0] + side) * frame["width"], frame["y"] + bottom * frame["height"])
        ines.page.mouse.up()
        drawn = [float(one) for one in box.input_value().split(",")]
        assert drawn[0] == pytest.approx(far[0], abs=0.01)
        assert drawn[2] == pytest.approx(side, abs=0.01)
        ines.fill(why="somebody small at the lower edge, whom the detector did not find")
        ines.press("Draw")
        ines.sees("It is added, and on record.")
        with behind(served.data) as (_, look):
            [added] = [face for face in look.find(ExhibitFace, exhibit_id=together) if face.drawn_by]
        assert added.box.left == pytest.approx(drawn[0], abs=1e-3)
        assert added.box.width == pytest.approx(drawn[2], abs=1e-3)
        ines.look("face-drawn")

        ines.open(f"/cases/{case}/faces")
        keys.press("j")
        keys.press("x")
        ines.choose("subject_role", "victim")
        ines.fill(why="the child on the stairs, as the school knows her")
        ines.press("Declare who is sought")
        ines.follow("Ask for authority")
        ines.fill(less_intrusive=NECESSITY.less_intrusive, why_person=NECESSITY.why_person, why_now=NECESSITY.why_now)
        ines.tick(GALLERY)
        ines.look("ask")
        ines.press("Ask")
        ines.sees("It is requested. Somebody else now decides about it.")
        ines.look("asked")
        ines.open(f"/cases/{case}/timeline")
        ines.sees(
            f"{INES.name} opened the case", f"{INES.name} added an exhibit", f"{INES.name} declared who is sought"
        )
        ines.look("timeline")
        with behind(served.data) as (_, look):
            assert look.count(Sought, case_id=case) == 1
            [asked] = look.find(Authority, case_id=case)
            assert asked.state is AuthorityState.REQUESTED
            assert asked.necessity.why_now == NECESSITY.why_now
            assert look.count(Exhibit, case_id=case) == 3
        found = examine(chromium, served.address, notes.visits)
    assert notes.complaints == []
    assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
