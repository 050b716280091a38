"""A server begins with all of its pages or not at all, and tells of its own errors even where the page of errors is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from beholden.web import page
from tests.agency import Agency
from tests.edges.terminal import Office, make
from tests.server.door import HERE, SECRET, client_of, signed_in
from tests.server.running import COMMAND, SRC
from tests.server.test_headers import ASKED
from tests.server.test_own_forms import changing


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    make(folder)
    return Office(folder)


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("web/templates/leads.html.jinja", Path.unlink, "leads.html.jinja"),
    ("web/templates/_reasons.html.jinja", Path.unlink, "_reasons.html.jinja"),
    ("web/templates/error.html.jinja", lambda file: file.write_text("{% block main %}"), "error.html.jinja"),
    ("web/templates/home.html.jinja", lambda file: file.write_text("{{ 1 | unheard }}"), "unheard"),
    ("web/static/own.css", Path.unlink, "own.css"),
    ("web/locale/fr/LC_MESSAGES/beholden.mo", Path.unlink, "language fr"),
]


@pytest.mark.parametrize(("part", "do", "named"), BROKEN, ids=[part for part, _, _ in BROKEN])
def test_an_installation_without_all_of_its_pages_does_not_start(
    office: Office, tmp_path: Path, part: str, do: Callable[[Path], object], named: str
) -> None:
    shutil.copytree(SRC / "beholden", tmp_path / "beholden", ignore=shutil.ignore_patterns("__pycache__"))
    do(tmp_path / "beholden" / part)
    ran = subprocess.run(
        [*COMMAND, "--data", str(office.data), "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "the pages are not whole" in ran.stderr
    assert named in ran.stderr
    assert "install the package again" in ran.stderr


@pytest.mark.parametrize("path", [path for path, _, status in ASKED if status >= 400 and not path.startswith("/v1")])
def test_an_error_in_the_page_of_errors_is_still_an_answer_with_all_headers(
    agency: Agency, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    headers = next(headers for asked, headers, status in ASKED if asked == path and status >= 400)
    client = client_of(agency)
    right = client.get(path, headers=headers).headers

    def broken(name: str) -> object:
        raise RuntimeError(f"{SECRET} in {name}")

    monkeypatch.setattr(page.environment(), "get_template", broken)
    answer = client.get(path, headers=headers)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Tell whoever keeps this server" in answer.text
    assert set(right) <= set(answer.headers) | {"content-language"}
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert answer.headers["cache-control"] == "no-store"
    assert SECRET not in caplog.text


@pytest.mark.parametrize("path", ["/", "/cases", "/sign-in", "/health", "/nothing", "/sign-out"])
def test_head_is_answered_as_get_without_content(agency: Agency, path: str) -> None:
    client = client_of(agency)
    signed_in(client, agency, "ines")
    got, told = client.get(path), client.head(path)
    assert told.status_code == got.status_code != 405
    assert told.content == b""
    differ = {"content-security-policy", "content-length"}  # the nonce; a session's time
    assert {k: v for k, v in told.headers.items() if k not in differ} == {
        k: v for k, v in got.headers.items() if k not in differ
    }
    assert set(told.headers) == set(got.headers)


def test_head_of_data_is_answered_as_it_is_described(agency: Agency) -> None:
    key = {"Authorization": f"Bearer {agency['ines'].session}"}
    assert client_of(agency).head("/v1/cases", headers=key).status_code == 405


def test_loading_the_answer_of_a_refused_form_again_leads_to_the_page_of_the_form(agency: Agency) -> None:
    client = client_of(agency)
    case = agency.case()
    signed_in(client, agency, "ines")
    refused = client.post(f"/cases/{case.id}/close", headers=HERE)
    assert refused.status_code == 403
    again = client.get(f"/cases/{case.id}/close")
    assert (again.status_code, again.headers["location"]) == (303, f"/cases/{case.id}")
    assert client.get(again.headers["location"]).status_code == 200
    for path in ("/sign-out", "/sign-in/passkey"):
        assert client.get(path).headers["location"] == "/"
    assert client.request("DELETE", f"/cases/{case.id}").status_code in (403, 405)


def test_no_address_that_takes_forms_is_a_dead_end_when_it_is_loaded(agency: Agency) -> None:
    client = client_of(agency)
    signed_in(client, agency, "ines")
    paths = {path for path, _ in changing()}
    assert len(paths) > 25
    for path in paths:
        there = path.replace("{", "").replace("}", "")
        assert client.get(there).status_code in (200, 303, 403, 404, 422), (
            path
        )  # where it is a page too, or the id of a record
