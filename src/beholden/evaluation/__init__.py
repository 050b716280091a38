"""Measuring on labelled photographs: how often the model errs, on whose faces, and how sure that is."""

import atexit
import os
import shutil
import tempfile

if "MPLCONFIGDIR" not in os.environ:
    # Where figures are drawn, matplotlib writes a list of fonts into the person's cache, and reads settings that would make
    # figures differ from one machine to the next. It looks for the place once, when it is first imported.
    os.environ["MPLCONFIGDIR"] = _place = tempfile.mkdtemp(prefix="beholden-fonts-")
    atexit.register(shutil.rmtree, _place, ignore_errors=True)
