"""What the walls around the reading of strangers' files cost: `beholden bench decode`, as a script.

python benches/decode.py --times 25
"""

from __future__ import annotations

import sys

from beholden.cli import main

if __name__ == "__main__":
    sys.exit(main(["bench", "decode", *sys.argv[1:]]))
