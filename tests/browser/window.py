"""One person's window: what they do in it by name, as they see it, and everything that the browser complained of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request, Route, expect

WIDE = {"width": 1120, "height": 860}


# What the page loaded until now, and how many bytes of it went over the line or were kept from before, as compressed. What a
# script asked for is left out: it does so when a person acts, as one who looks at a pair.
LOADED = """
() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((one) => !["xmlhttprequest", "fetch"].includes(one.initiatorType))
  .map((one) => [new URL(one.name).pathname, one.encodedBodySize])"""


@dataclass(frozen=True)
class Visit:
    """A page as somebody saw it."""

    name: str
    url: str
    html: str
    loaded: tuple[tuple[str, int], ...] = ()  # each request by its path, with its bytes


@dataclass
class Notes:
    """What all windows together came upon."""

    pictures: Path | None = None  # a folder for screenshots, if they are wanted
    visits: list[Visit] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@dataclass
class Window:
    address: str
    notes: Notes
    context: BrowserContext
    page: Page

    def open(self, path: str) -> None:
        self.page.goto(path if "://" in path else self.address + path)

    def named(self, role: str, name: str, *, inside: str = "main") -> Locator:
        return self.page.locator(inside).get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]

    def press(self, name: str, *, inside: str = "main") -> None:
        """A button, and the page that answers."""
        with self.page.expect_navigation():
            self.named("button", name, inside=inside).click()

    def follow(self, name: str, *, inside: str = "main") -> None:
        with self.page.expect_navigation():
            self.page.locator(inside).get_by_role("link", name=name).first.click()

    def unfold(self, words: str) -> None:
        self.page.locator("main summary", has_text=words).first.click()

    def fill(self, **fields: str) -> None:
        """Text fields by the names that their forms give them."""
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]:visible").fill(text)

    def tick(self, *labels: str) -> None:
        for label in labels:
            self.page.locator("main").get_by_label(label, exact=True).check()

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"main select[name={name}]").select_option(value)

    def tab_to(self, words: str) -> None:
        """Go to what is called so by Tab alone; on the way, everything shows that it has the focus."""
        focus = self.page.locator(":focus")
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if focus.count() == 0:
                continue  # the browser's own bar, at the end of the page
            expect(focus).to_have_css("outline-style", "solid")
            if focus.inner_text().strip() == words:
                return
        raise AssertionError(f"Tab does not lead to {words!r}")

    def enter(self, words: str) -> None:
        """A link or a button by the keyboard alone, and the page that answers."""
        self.tab_to(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def save(self, name: str, folder: Path) -> Path:
        """Follow a link that leads to a file."""
        with self.page.expect_download() as begun:
            self.page.locator("main").get_by_role("link", name=name).click()
        path = folder / begun.value.suggested_filename
        begun.value.save_as(path)
        return path

    def forge(self, path: str, **fields: str) -> None:
        """Send what no page offers: the form by which one signs out is turned elsewhere on its way."""

        def turn(route: Route) -> None:
            told = f"{route.request.post_data}&{urlencode(fields)}"
            route.continue_(url=self.address + path, post_data=told)

        self.page.route("**/sign-out", turn, times=1)
        self.press("Sign out", inside="header")

    def look(self, name: str, *, picture: bool = False) -> None:
        """Note the page under this name, to be examined later."""
        self.page.wait_for_load_state()
        loaded = tuple((str(path), int(size)) for path, size in self.page.evaluate(LOADED))
        self.notes.visits.append(Visit(name, self.page.url, self.page.content(), loaded))
        if picture and self.notes.pictures is not None:
            self.page.locator("h1").scroll_into_view_if_needed()
            self.page.screenshot(path=self.notes.pictures / f"{name}.png")

    def sees(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("body")).to_contain_text(one, use_inner_text=True)

    def told(self, *rules: str) -> None:
        """The page is a refusal that names exactly these rules, each with what to do about it."""
        assert self.page.locator(".reasons li code").all_inner_texts() == list(rules)
        assert self.page.locator(".reasons li", has_text="How to go on:").count() == len(rules)
        assert self.page.locator(".reasons", has_text="Log entry").count() == 1

    def close(self) -> None:
        self.context.close()


def window(browser: Browser, address: str, notes: Notes, *, har: Path | None = None) -> Window:
    """A new one, of somebody who is not signed in. `har` is a file for all that the browser is given in it."""
    context = browser.new_context(
        viewport=WIDE,  # type: ignore[arg-type]
        accept_downloads=True,
        locale="en-CA",
        reduced_motion="reduce",  # a picture taken while a page still scrolls shows what nobody sees
        **({"record_har_path": har, "record_har_content": "embed"} if har else {}),  # type: ignore[arg-type]
    )
    context.set_default_timeout(20_000)
    here = Window(address, notes, context, context.new_page())

    def heard(message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if not (refused and message.location["url"] == here.page.url):  # the refusal page itself, and nothing beside it
            notes.complaints.append(f"{message.type} at {here.page.url}: {message.text}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # so ends a download, and what still loads when one goes on
            notes.complaints.append(f"{request.method} {request.url}: {request.failure}")

    def asked(dialog: Dialog) -> None:
        dialog.accept()

    context.on("console", heard)
    context.on("weberror", lambda error: notes.complaints.append(f"at {here.page.url}: {error.error}"))
    context.on("requestfailed", failed)
    context.on("dialog", asked)
    return here


def signed_in(browser: Browser, address: str, link: str, notes: Notes, *, har: Path | None = None) -> Window:
    """The window of the person who was given this link."""
    here = window(browser, address, notes, har=har)
    here.open(link)
    here.press("Sign in")
    expect(here.page).to_have_url(address + "/")
    return here
