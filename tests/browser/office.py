"""What the steward and the administrator do by hand in the pages before anybody searches: references, and training."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from beholden.actions.training import COURSES
from beholden.demo import photographs
from beholden.demo.photographs import Portrait, page_of, reference_of
from beholden.demo.stage import Player
from tests.browser.window import Window

COLUMNS = ("file", "person_ref", "captured_at", "image_url", "page_url", "page_title", "caption")


def certify(administrator: Window, player: Player) -> None:
    """Enter a certificate of training for whose acts ask for one."""
    if player.role not in COURSES:
        return
    administrator.follow("People", inside="nav")
    administrator.follow(player.name)
    administrator.choose("for_role", player.role)
    administrator.fill(course=f"{player.role} 1", number="117")
    administrator.press("Enter the certificate")
    administrator.sees("It is entered, and on record.")


def give(steward: Window, gallery: str, *portraits: Portrait) -> dict[str, int]:
    """Enrol these with their manifest; how many of them had which answer."""
    steward.follow("Sources", inside="nav")
    steward.follow("Rendered people")
    steward.follow("Enrol images")
    main = steward.page.locator("main")
    main.locator("select[name=gallery]").select_option(gallery)
    main.locator("input[name=manifest]").set_input_files(
        {"name": "manifest.csv", "mimeType": "text/csv", "buffer": manifest_of(*portraits)}
    )
    main.locator("input[name=photographs]").set_input_files(
        [{"name": one.name, "mimeType": "image/jpeg", "buffer": one.path.read_bytes()} for one in portraits]
    )
    steward.named("button", "Enrol them").click()
    expect(main.locator("#progress")).to_have_text("Every file and every row has its answer.", timeout=60_000)
    told = {one.get_attribute("data-count") or "": int(one.inner_text()) for one in main.locator("[data-count]").all()}
    return {fate: count for fate, count in told.items() if count}


def manifest_of(*portraits: Portrait) -> bytes:
    rows = io.StringIO()
    manifest = csv.DictWriter(rows, COLUMNS)
    manifest.writeheader()
    for portrait in portraits:
        page = page_of(portrait.person)
        manifest.writerow(
            {
                "file": portrait.name,
                "person_ref": reference_of(portrait.person),
                "captured_at": photographs.TAKEN[portrait.number],
                "image_url": f"{page}/{portrait.number}.jpg",
                "page_url": page,
                "page_title": f"Rendered person {portrait.person[1:]}",
                "caption": f"Portrait {portrait.number} of somebody who does not exist",
            }
        )
    return rows.getvalue().encode()
