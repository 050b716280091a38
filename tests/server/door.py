"""The whole application of a small agency, with some addresses of the tests' own behind its guards."""

from __future__ import annotations

import tempfile
from typing import Any

from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from starlette.testclient import TestClient

from beholden.errors import Missing, Reason, Refused
from beholden.server import make_app
from beholden.web.csrf import COOKIE, token_of
from tests.agency import Agency

HERE = {"Sec-Fetch-Site": "same-origin"}
SECRET = "4f1d7f0e5b8c"  # what must never be written down


def app_of(agency: Agency, **how: Any) -> FastAPI:
    app = make_app(agency.system, **how)
    for path, endpoint in (("/probe", probe), ("/probe/upload", upload), ("/v1-probe", probe)):
        app.add_api_route(path, endpoint, methods=["GET", "POST"])
    app.add_api_route("/probe/breaks/{id}", breaks)
    app.add_api_route("/probe/refuses/{id}", refuses)
    return app


def client_of(agency: Agency, **how: Any) -> TestClient:
    return TestClient(app_of(agency, **how), base_url="http://localhost", follow_redirects=False)


def signed_in(client: TestClient, agency: Agency, name: str) -> str:
    """From now on the client's browser is this person's; the token of their forms."""
    client.cookies.set(COOKIE, agency[name].session)
    return token_of(agency[name].session)


def probe(request: Request) -> Response:
    return HTMLResponse(f"<p>{request.state.nonce}</p>", headers={"Cache-Control": "public, max-age=60"})


def upload(request: Request, picture: UploadFile) -> dict[str, Any]:
    held = picture.file
    assert isinstance(held, tempfile.SpooledTemporaryFile)
    return {"bytes": picture.size, "on disk": bool(getattr(held, "_rolled", None))}


def breaks(id: str) -> None:
    raise RuntimeError(f"broken at {id}")


def refuses(id: str) -> None:
    if id == "missing":
        raise Missing("there is none")
    raise Refused(Reason("a-rule", "why", "REQ 0", "how"), Reason("another-rule", "why", "REQ 0", "how"))
