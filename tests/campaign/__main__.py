r"""``make campaign``: damaged inputs, kills and troubles, from a seed, with a report as JSON."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--inputs", type=int, default=2400, help="damaged inputs in all")
    parser.add_argument("--kills", type=int, default=200, help="kill -9 in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--troubles", type=int, default=1, help="rounds of disks, folders and clocks")
    parser.add_argument("--only", nargs="*", default=(), help="these kinds of file")
    parser.add_argument("--commands", nargs="*", default=(), help="these commands")
    parser.add_argument("--out", type=Path, default=Path("runs/campaign.json"))
    options = parser.parse_args()

    def tell(line: str) -> None:
        print(line, flush=True)

    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    report: dict = {"seed": options.seed}
    begun = time.monotonic()
    if options.inputs:
        from tests.campaign.mutated_inputs import run_inputs

        outcome = run_inputs(options.inputs, options.seed, options.only, tell)
        report["inputs"] = outcome.as_json()
    if options.kills:
        from tests.campaign.kills import run_kills

        report["kills"] = run_kills(options.kills, options.seed, options.commands, tell)
    if options.troubles:
        from tests.campaign.troubles import run_troubles

        report["troubles"] = run_troubles(options.seed, options.commands, options.troubles, tell)
    report["seconds"] = round(time.monotonic() - begun)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    faults = sum(len(part["faults"]) for part in report.values() if isinstance(part, dict))
    print(f"{faults} faults; report in {options.out}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
