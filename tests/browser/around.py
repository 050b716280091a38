"""A walk through every other page that somebody has, at the end of the story."""

from __future__ import annotations

from tests.browser.window import Window


def look_around(investigator: Window, officer: Window, auditor: Window, *, case_id: str) -> None:
    for who, here, pages in (
        ("investigator", investigator, ("/", "/cases", "/authorities", "/searches", "/account", "/confirm", "/people")),
        ("officer", officer, ("/asides", "/requests", "/sources", "/log", "/calibrations", "/evaluations", "/model")),
        ("auditor", auditor, ("/", "/cases", "/authorities", "/searches", "/requests", "/log?event=search.read")),
    ):
        for path in pages:
            here.open(path)
            assert here.page.locator(".reasons").count() == 0, f"{path} is refused to the {who}"
            here.look(f"{path.split('?')[0].strip('/') or 'home'}-of-{who}")
    auditor.open(f"/cases/{case_id}")
    auditor.look("case-of-auditor")
    auditor.open("/log")
    auditor.page.locator("main details").first.locator("summary").click()
    auditor.look("log", picture=True)
    investigator.open("/account")
    investigator.press("Set up one-time codes")
    investigator.look("account-codes")
    investigator.open("/cases/" + "0" * 32)
    investigator.look("not-there")
    investigator.open("/?lang=fr")
    investigator.look("home-in-french")
    officer.page.emulate_media(color_scheme="dark")
    officer.open("/requests")
    officer.look("requests-in-the-dark", picture=True)
