"""There is no crawler and no fetcher: whatever takes images in knows neither sockets nor an HTTP client, and says so."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "beholden"
SPEAKS = re.compile(
    r"(socket|ssl|http\.client|http\.server|urllib\.request|urllib3|requests|httpx2?|aiohttp|h11|h2|ftplib|smtplib|poplib|"
    r"imaplib|telnetlib|xmlrpc|webbrowser|websockets?|asyncio|pycurl|uvicorn|playwright|selenium|scrapy|paramiko)(\.|$)"
)
# Who speaks with others, and with whom.
SPEAKERS = {
    "client": "programs that use a running server of ours",
    "serving": "who asks that server",
    "witness": "the witnesses that the settings name, which are sent checkpoints; and who asks a witness of ours",
    "keys/oidc.py": "the agency's own sign-in, where the settings name one",
    # A pair that a process and its walled child have inherited: it leads nowhere else.
    "media/reader_process.py": "the child behind walls",
    "media/cell.py": "the child behind walls",
    "media/film_cell.py": "the child behind walls",
}
CRAWLERS = re.compile(
    r"scrapy|selenium|playwright|requests|beautifulsoup|instagram|twitter|tweepy|praw|facebook|wget|yt-dlp"
)
TAKES_IN = (
    "actions.archives actions.enrol actions.intake formats.warc formats.web_survey formats.site_rules demo.publisher"
)


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_req_03_only_the_server_its_client_and_the_reader_behind_walls_know_of_a_connection() -> None:
    speaking = {
        path.relative_to(SRC).as_posix()
        for path in SRC.rglob("*.py")
        if any(SPEAKS.match(name) for name in imported(path))
    }
    assert {one for one in speaking if not any(one == who or one.startswith(f"{who}/") for who in SPEAKERS)} == set()


@pytest.mark.parametrize("module", TAKES_IN.split())
def test_req_03_what_takes_images_in_loads_no_http_client_in_a_fresh_interpreter(module: str) -> None:
    loaded = "import sys; print(*sorted(sys.modules))"
    code = f"import beholden.{module}; {loaded}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    clients = {"http.client", "urllib.request", "urllib3", "requests", "httpx2", "aiohttp", "ftplib", "webbrowser"}
    assert set(ran.stdout.split()) & clients == set()


def test_req_03_nothing_that_collects_from_the_web_is_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for name, some in project["optional-dependencies"].items() if name != "dev" for one in some]
    assert [one for one in [*project["dependencies"], *extras] if CRAWLERS.search(one)] == []


def test_req_03_an_address_in_an_archive_is_only_text() -> None:
    """What it is made of has no way to look one up: `urllib.parse` takes words apart."""
    for name in ("records/addresses.py", "records/web.py", "records/archives.py"):
        assert not {one for one in imported(SRC / name) if one.startswith("urllib") and "urllib.parse" not in one}, name
