"""What a provider answers over HTTP: whatever is too long, no JSON, or sends elsewhere is not believed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from beholden.errors import BadInput, Fault
from beholden.keys.oidc import DISCOVERY, MOST_BYTES, OpenIdProvider, provider_of
from beholden.settings import OidcSetting

pytestmark = pytest.mark.enable_socket
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Answers(ThreadingHTTPServer):
    """Answers each path with what it is told to, and remembers who asked how."""

    said: dict[str, bytes]
    asked: list[tuple[str, str, str]]

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def configured(self, **changes: str) -> None:
        told = {"issuer": self.issuer, "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}
        self.said[DISCOVERY] = json.dumps(told | changes).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        content = self.server.said.get(self.path)
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def there() -> Iterator[Answers]:
    server = Answers(("127.0.0.1", 0), _Handler)
    server.said, server.asked = {}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def vouched(provider: OpenIdProvider) -> object:
    return provider.vouched(redirect="http://localhost/back", code="c", verifier="v" * 43, nonce="n", now=NOW)


def test_without_a_client_or_a_claim_there_is_no_provider() -> None:
    for client, claim in (("", "sub"), ("beholden", "")):
        with pytest.raises(BadInput, match="names no client_id, or no claim"):
            OpenIdProvider("https://sign-in.example", client, claim=claim)


@pytest.mark.parametrize("answer", [None, b"", b"not json", b'["a"]', b"{}", b'{"id_token": 7}'])
def test_an_answer_without_a_token_vouches_for_nobody(there: Answers, answer: bytes | None) -> None:
    there.configured()
    if answer is not None:
        there.said["/token"] = answer
    assert vouched(OpenIdProvider(there.issuer, "beholden")) is None
    assert ("POST", "/token", "") in there.asked, "a public client has no secret to send"
    assert all(path != "/keys" for _, path, _ in there.asked)


def test_an_answer_that_is_too_long_is_read_no_further(there: Answers) -> None:
    there.configured()
    there.said["/token"] = b'{"id_token": "' + b"a" * (MOST_BYTES + 1) + b'"}'
    assert vouched(OpenIdProvider(there.issuer, "beholden")) is None


def test_a_token_whose_keys_cannot_be_had_is_not_believed(there: Answers) -> None:
    there.configured()
    there.said["/token"] = b'{"id_token": "a.b.c"}'
    with pytest.raises(Fault, match=r"keys of .* cannot be had"):
        vouched(OpenIdProvider(there.issuer, "beholden"))


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri"])
def test_nothing_is_fetched_from_another_place_than_the_issuer(there: Answers, name: str) -> None:
    there.configured(**{name: "http://127.0.0.1:1/elsewhere"})
    there.said["/token"] = b'{"id_token": "a.b.c"}'
    with pytest.raises(Fault, match=f"names a {name} that is not its own"):
        vouched(OpenIdProvider(there.issuer, "beholden"))


def test_the_secret_is_read_when_it_is_needed_and_a_missing_one_is_told(there: Answers, tmp_path: Path) -> None:
    there.configured()
    secret = tmp_path / "secret"
    provider = OpenIdProvider(there.issuer, "beholden", secret_file=secret)
    with pytest.raises(Fault, match=r"secret_file .* cannot be read"):
        vouched(provider)
    assert all(path == DISCOVERY for _, path, _ in there.asked), "nothing was asked without it"
    secret.write_text("kept\n", encoding="utf-8")
    assert vouched(provider) is None
    assert there.asked[-1] == ("POST", "/token", "Basic YmVob2xkZW46a2VwdA==")


def test_the_settings_name_the_provider_and_a_secret_in_the_data_folder(there: Answers, tmp_path: Path) -> None:
    assert provider_of(None, tmp_path) is None
    told = OidcSetting(there.issuer, "beholden", "secret", "email")
    made = provider_of(told, tmp_path)
    assert made is not None
    assert (made.issuer, made.known_as) == (there.issuer, f"{there.issuer} beholden email")
    (tmp_path / "secret").write_text("kept\n", encoding="utf-8")
    there.configured()
    assert vouched(made) is None
    assert there.asked[-1][2] == "Basic YmVob2xkZW46a2VwdA=="
    public = provider_of(OidcSetting(there.issuer, "beholden"), tmp_path)
    assert public is not None
    assert vouched(public) is None
    assert there.asked[-1][2] == ""
