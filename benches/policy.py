"""How long one decision of the policy takes: every act that the policy knows, allowed and refused, as the product asks it.

    python benches/policy.py --pack ca-2020 --rounds 200

The pack is loaded as an opening loads it. Of each act the first decision, which picks out its rules, is told apart. Times of
the processor and by the clock: where other processes want the cores, only the first says what a decision costs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from beholden.policy.pinned import load
from beholden.ports.policy import Asker, Policy
from beholden.records.people import Role
from beholden.testing.good_requests import GOOD, ME


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", default="ca-2020")
    parser.add_argument("--rounds", type=int, default=200)
    told = parser.parse_args()
    began = time.perf_counter()
    policy = load(told.pack)
    print(f"{policy.pack.name}: loaded in {1000 * (time.perf_counter() - began):.0f} ms; {len(GOOD)} acts")
    first = [_decide(policy, act, Role.AUDITOR) for act in GOOD]
    print(f"first decision of an act: {_said([cpu for cpu, _ in first])} of the processor")
    later = [
        _decide(policy, act, role)
        for _ in range(told.rounds)
        for act in GOOD
        for role in (Role.AUDITOR, Role.INVESTIGATOR)
    ]
    for name, times in (("of the processor", [cpu for cpu, _ in later]), ("by the clock", [wall for _, wall in later])):
        print(f"{len(later):,} decisions: {_said(times)} {name}")


def _decide(policy: Policy, act: str, role: Role) -> tuple[float, float]:
    """Milliseconds of the processor and by the clock."""
    asker = Asker(ME, (role.value,), True)
    cpu, wall = time.thread_time(), time.perf_counter()
    policy.decide(act, asker, GOOD[act])
    return 1000 * (time.thread_time() - cpu), 1000 * (time.perf_counter() - wall)


def _said(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"median {ordered[len(ordered) // 2]:.3f} ms, p99 {ordered[int(0.99 * len(ordered))]:.3f} ms, most {ordered[-1]:.2f} ms"


if __name__ == "__main__":
    main()
