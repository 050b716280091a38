"""A disk that is really full: a small one in memory, in a mount namespace of its own, so that the errors are the kernel's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def run_on(disk: Path, size: str, command: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a shell command while `disk` is a disk of this size. Skips where the system lets nobody have one."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare (util-linux) is not installed: a small disk cannot be made")
    disk.mkdir()
    shell = [unshare, "--user", "--map-root-user", "--mount", "sh", "-ec"]
    mount = f"mount -t tmpfs -o size={size} none '{disk}'"
    if subprocess.run([*shell, mount], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets nobody but root mount a small disk of their own")
    return subprocess.run([*shell, f"{mount}; exec {command}"], capture_output=True, text=True, check=False, **how)
