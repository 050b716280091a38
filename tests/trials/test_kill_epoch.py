"""kill -9 at random moments of a new key epoch: every key lives, there is one KEK, and the next opening finishes what was asked."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
from tests.trials.place import LONG

KEYS = 100_000 if LONG else 20_000
KILLS = 60 if LONG else 12
AT_ONCE = 10_000

TURN = """
import sys
from pathlib import Path
from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
vault = Vault(Path(sys.argv[1]), KeyFile(Path(sys.argv[2])))
print("begun", flush=True)
print(vault.begin_epoch(), flush=True)
"""


@pytest.mark.timeout(600)  # 20 s on a calm machine
def test_a_kill_at_any_moment_of_a_new_epoch_leaves_all_keys_and_one_kek(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    folder, key_file = tmp_path / "keys", KeyFile.make(tmp_path / "key-file")
    names = [f"key {number}" for number in range(KEYS)]
    vault = Vault.make(folder, key_file)
    for start in range(0, KEYS, AT_ONCE):
        vault.create(names[start : start + AT_ONCE])
    shown = chance.sample(names, 200)
    sealed = [(name, vault.seal(name, name.encode(), "c")) for name in shown]
    vault.destroy(names[:10])
    living, gone = set(names[10:]), set(names[:10])
    started = time.monotonic()
    vault.begin_epoch()
    lasts = time.monotonic() - started
    vault.close()
    turned = 0
    for _ in range(KILLS):
        epoch = _epoch(folder, key_file)
        process = subprocess.Popen(
            [sys.executable, "-c", TURN, str(folder), str(key_file.path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(chance.uniform(0, 1.2 * lasts))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        opened = Vault(folder, key_file)
        assert opened.epoch in (epoch, epoch + 1)
        assert opened.names() == living
        assert opened.open_many(sealed, "c") == [None if name in gone else name.encode() for name, _ in sealed]
        assert sorted(path.name for path in folder.glob("kek*")) == ["kek.json"]
        turned += opened.epoch - epoch
        opened.close()
    print(f"{KILLS} kills, {turned} of them after the turn was kept")
    vault = Vault(folder, key_file)
    before = vault.epoch
    assert vault.begin_epoch() == before + 1
    assert vault.open_many(sealed, "c") == [None if name in gone else name.encode() for name, _ in sealed]
    vault.close()


def _epoch(folder: Path, key_file: KeyFile) -> int:
    opened = Vault(folder, key_file)
    try:
        return opened.epoch
    finally:
        opened.close()
