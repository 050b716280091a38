"""A process that has used a model can still be told to end."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, signal, threading, time
import numpy as np
from beholden.opening import open_address

pixels = np.zeros((64, 64, 3), np.uint8)
for _ in range(2):
    model = open_address("pack:yunet-sface")
    model.find(pixels)
    held = [model]
    del model
    one = threading.Thread(target=held.clear)  # as when the garbage is collected while another thread runs
    one.start()
    one.join()
came = []
signal.signal(signal.SIGTERM, lambda *_: came.append("SIGTERM"))
os.kill(os.getpid(), signal.SIGTERM)
while not came:
    time.sleep(0.01)
print(came)
"""


def test_a_signal_reaches_the_thread_whose_model_was_let_go_by_another() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (0, "['SIGTERM']\n"), ran.stderr
