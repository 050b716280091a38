"""Time-stamps of checkpoints, by an authority that openssl plays."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.edges.terminal import Office, Ran, run

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl, which plays the authority, is not on this machine")
CONFIG = """
[tsa]
dir = .
serial = ./serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
[v3_tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[v3_ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
"""


class Authority:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "conf").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        new = ("req", "-newkey", "rsa:2048", "-nodes")
        self.openssl(*new, "-x509", "-subj", "/CN=root", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30")
        self.openssl(*new, "-subj", "/CN=authority", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = ("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        self.openssl(*signed, "-days", "30", "-extfile", "conf", "-extensions", "v3_tsa", "-out", "tsa.pem")

    @property
    def root(self) -> str:
        return str(self.folder / "ca.pem")

    def openssl(self, *arguments: str) -> str:
        assert OPENSSL is not None
        ran = subprocess.run(
            [OPENSSL, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout + ran.stderr

    def answer(self, query: Path, out: Path) -> None:
        signer = ("-signer", "tsa.pem", "-inkey", "tsa.key", "-config", "conf", "-section", "tsa")
        self.openssl("ts", "-reply", "-queryfile", str(query), *signer, "-out", str(out))


def stamp(office: Office, *arguments: str) -> Ran:
    return run("log", *arguments, "--data", str(office.data), "--json")


def test_a_checkpoint_is_stamped_by_an_authority_and_openssl_says_so_too(office: Office, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path / "authority"), Authority(tmp_path / "other")
    query, answer = tmp_path / "q.tsq", tmp_path / "a.tsr"
    size = stamp(office, "stamp-request", "--out", str(query)).document["size"]
    office.people("aude")  # the log goes on while the query is away
    authority.answer(query, answer)
    wrong = stamp(office, "stamp-add", str(answer), "--authority", other.root)
    assert (wrong.code, "not by the authority" in wrong.document["detail"]) == (1, True)
    assert not (office.data / "log" / "stamps").exists()
    told = stamp(office, "stamp-add", str(answer), "--authority", authority.root)
    assert told.document["size"] == size
    kept = office.data / "log" / "stamps"
    files = ("-in", str(kept / f"{size}.tsr"), "-data", str(kept / f"{size}.checkpoint"))
    assert "OK" in authority.openssl("ts", "-verify", *files, "-CAfile", authority.root)
    office.does("aude", "log", "export", "--out", str(tmp_path / "bundle"))  # it is no part of what is checked there
    assert not (tmp_path / "bundle" / "stamps").exists()


def test_a_stamp_of_something_else_and_what_is_no_stamp_are_refused(office: Office, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    (tmp_path / "other").write_bytes(b"another file")
    query, answer = tmp_path / "q.tsq", tmp_path / "a.tsr"
    authority.openssl("ts", "-query", "-data", str(tmp_path / "other"), "-sha512", "-cert", "-out", str(query))
    authority.answer(query, answer)
    wrong = stamp(office, "stamp-add", str(answer), "--authority", authority.root)
    assert (wrong.code, "no checkpoint of this log" in wrong.document["detail"]) == (1, True)
    assert stamp(office, "stamp-add", str(tmp_path / "other"), "--authority", authority.root).code == 4
    assert stamp(office, "stamp-add", str(answer), "--authority", str(tmp_path / "other")).code == 4
    content = answer.read_bytes()
    answer.write_bytes(content[:-200])
    assert stamp(office, "stamp-add", str(answer), "--authority", authority.root).code == 4
