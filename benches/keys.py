"""How long a new key epoch takes: every living key wrapped anew in one transaction, the write-ahead log cut and verified.

    python benches/keys.py --keys 1000000

A vault in a temporary folder. Seconds by the clock, and the greatest memory of the process before and after.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile

AT_ONCE = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    keys: int = parser.parse_args().keys
    with tempfile.TemporaryDirectory() as folder:
        key_file = KeyFile.make(Path(folder, "key-file"))
        vault = Vault.make(Path(folder, "keys"), key_file)
        for start in range(0, keys, AT_ONCE):
            vault.create([f"key {number}" for number in range(start, min(keys, start + AT_ONCE))])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        vault.begin_epoch()
        taken = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        vault.close()
    print(f"{keys:,} keys: {taken:.1f} s; memory {before // 1024} MiB before, {after // 1024} MiB after")


if __name__ == "__main__":
    main()
