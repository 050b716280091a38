"""How a system asks its witnesses: over HTTP, at a socket of this machine, or by a process for one question."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from beholden.errors import Fault
from beholden.ports.cosigners import Answer, Reach
from beholden.witness.serving import PATH, SOCKET, short

CONNECT_S, ANSWER_S, ONCE_S = 2.0, 5.0, 30.0
MAX_ANSWER = 16 * 1024
SECRET = ("BEHOLDEN_PASSPHRASE",)  # of ours, and no business of a witness


@dataclass(frozen=True, slots=True)
class AskedWitness:
    """One that has a key. `url` is empty where checkpoints are carried to it; `folder` is that of a bundled one."""

    name: str
    vkey: str
    url: str = ""
    folder: str = ""

    @property
    def reach(self) -> Reach:
        if self.folder or self.url.startswith("unix:") or is_local(self.url):
            return Reach.BUNDLED
        return Reach.OUTSIDE if self.url else Reach.STICK

    def add_checkpoint(self, body: bytes) -> Answer:
        if not self.url and not self.folder:
            raise Fault(f"{self.name} is asked by hand: take the checkpoint to it, and bring its cosignature back")
        try:
            return _post(self.url or f"unix:{Path(self.folder) / SOCKET}", body)
        except Fault:
            if not self.folder:
                raise
            return _once(
                self.folder, body
            )  # nobody serves it now: it answers this one question in a process of its own


@dataclass(frozen=True, slots=True)
class PaperWitness:
    """People who print the checkpoint and keep it."""

    name: str

    @property
    def vkey(self) -> str:
        return ""

    @property
    def reach(self) -> Reach:
        return Reach.PAPER

    def add_checkpoint(self, body: bytes) -> Answer:  # noqa: ARG002 - as the port has it
        raise Fault(f"{self.name} is a witness on paper: print the checkpoint with `beholden log paper`")


def child_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in SECRET}


def is_local(url: str) -> bool:
    parts = urlsplit(url)
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _post(url: str, body: bytes) -> Answer:
    try:
        status, kind, answered = _at_socket(url, body) if url.startswith("unix:") else _over_http(url, body)
    except OSError as error:
        raise Fault(f"the witness at {url} cannot be asked ({error.strerror or error}); it is tried again") from error
    if len(answered) > MAX_ANSWER:
        raise Fault(f"the witness at {url} answers with more than {MAX_ANSWER} bytes; tell its keeper")
    return Answer(status, kind, answered)


def _over_http(url: str, body: bytes) -> tuple[int, str, bytes]:
    import httpx2

    # No proxy of the environment, no redirection: the body goes to the configured address or nowhere.
    timeout = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
    headers = {"User-Agent": "beholden"}
    try:
        with (
            httpx2.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", f"{url}{PATH}", content=body, headers=headers) as answer,
        ):
            read = b""
            for part in answer.iter_bytes():
                read += part
                if len(read) > MAX_ANSWER:
                    break
            return answer.status_code, answer.headers.get("content-type", ""), read
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise OSError(type(error).__name__) from error


def _at_socket(url: str, body: bytes) -> tuple[int, str, bytes]:
    connection = HTTPConnection("witness", timeout=ANSWER_S)
    try:
        connection.sock = _connected(Path(url.removeprefix("unix:")))
        connection.request("POST", PATH, body, {"User-Agent": "beholden"})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("content-type", ""), answer.read(MAX_ANSWER + 1)
    except HTTPException as error:
        raise OSError(type(error).__name__) from error
    finally:
        connection.close()


def _connected(path: Path) -> socket.socket:
    there = socket.socket(socket.AF_UNIX)
    try:
        there.settimeout(ANSWER_S)
        with short(path) as address:
            there.connect(address)
    except BaseException:
        there.close()
        raise
    return there


def _once(folder: str, body: bytes) -> Answer:
    """The witness's key is read by its own process, and never by this one."""
    command = [sys.executable, "-m", "beholden.witness", folder, "--once"]
    try:
        ran = subprocess.run(  # noqa: S603 - this very Python, and a folder that the settings name
            command, input=body, capture_output=True, timeout=ONCE_S, check=False, env=child_environment()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Fault(f"the witness in {folder} cannot be asked ({type(error).__name__}); it is tried again") from error
    status, _, rest = ran.stdout.partition(b"\n")
    if ran.returncode or not status.isdigit():
        raise Fault(f"the witness in {folder} cannot answer: {ran.stderr.decode(errors='replace').strip()[-300:]}")
    kind, _, answered = rest.partition(b"\n")
    return Answer(int(status), kind.decode(errors="replace"), answered)
