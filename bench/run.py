"""Measure the budgets of the design, each beside the thing it is compared with, and print them as a table.

    python bench/run.py                all rows; the table also becomes bench/RESULTS.md
    python bench/run.py --only 1,4     some rows; printed only

A budget that is missed is reported, and is no failure of the bench: it ends with 0 unless it broke.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
# At the end: the package that is measured is the installed one, not the checkout's.
sys.path = [each for each in sys.path if Path(each or ".").resolve() != HERE] + [str(HERE.parent)]

#: Set for the second start of this program, which happens in the bench's own environment.
_PEERS = "COMPUTE_BENCH_PEERS"
ROWS = {
    1: "sending",
    2: "fifty_at_once",
    3: "fifty_run",
    4: "listing",
    5: "news",
    6: "asking",
    7: "one_run",
    8: "bundle",
    9: "panel",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(map(str, ROWS)), help="some of the rows, e.g. 1,4")
    parser.add_argument("--as-installed", action="store_true", help="measure what the last run installed")
    arguments = parser.parse_args()
    rows = [int(word) for word in arguments.only.split(",")]
    if unknown := set(rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(map(str, sorted(unknown)))}")
    if _PEERS not in os.environ:
        from bench import environments

        ours, peers = environments.make(as_installed=arguments.as_installed)
        sys.stdout.flush()
        # The wheel's environment is a place where nobody may have put anything else.
        os.execve(ours, [str(ours), __file__, *sys.argv[1:]], {**os.environ, _PEERS: str(peers)})
    return _measure(rows, Path(os.environ[_PEERS]))


def _measure(rows: list[int], peers: Path) -> int:
    from bench import machine
    from bench.findings import Finding, NotHere, table
    from bench.stage import Stage

    begun, load_before = time.monotonic(), machine.load()
    findings: list[Finding] = []
    broken = False
    with Stage(peers) as stage:
        for row in rows:
            print(f"--- row {row}: {ROWS[row].replace('_', ' ')} (load {machine.load()})", flush=True)
            row_begun = time.monotonic()
            try:
                for found in importlib.import_module(f"bench.rows.{ROWS[row]}").measure(stage):
                    findings.append(dataclasses.replace(found, row=row))
                    print(f"    {found.what}: {found.ours}; budget {found.budget} {findings[-1].verdict}; "
                          f"beside: {found.beside}", flush=True)  # fmt: skip
            except NotHere as why:
                findings.append(Finding(ROWS[row].replace("_", " "), "not here", "—", None, how=str(why), row=row))
            except Exception as error:  # noqa: BLE001
                # One row that broke must not take the others' numbers away.
                broken = True
                traceback.print_exc()
                said = str(error).partition("\n")[0][:200]
                findings.append(Finding(ROWS[row].replace("_", " "), "BROKEN", "—", None, how=said, row=row))
            print(f"    {time.monotonic() - row_begun:.0f} s", flush=True)
    took = time.monotonic() - begun
    facts = [*machine.describe(peers), f"load before: {load_before}, after: {machine.load()}; took {took:.0f} s"]
    text = table(findings)
    print("\n" + "\n".join(facts) + "\n\n" + text)
    if rows == list(ROWS) and not broken:
        _write(facts, text)
    missed = sum(found.met is False for found in findings)
    print(f"{sum(found.met is True for found in findings)} budgets met, {missed} missed", flush=True)
    return 1 if broken else 0


def _write(facts: list[str], text: str) -> None:
    lines = [
        "# Results of the bench",
        "",
        "Written by `make bench`; see [README.md](README.md) for what is measured and how.",
        "Numbers are medians unless the row says otherwise.",
        "",
        *(f"- {fact}" for fact in facts),
        "",
        text,
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
