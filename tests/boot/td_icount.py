#!/usr/bin/env python3
"""TDs in counted time: under -icount the TSC advances with instructions and with nothing else.

Two boots without a network must be the same to the last byte of every log, and while L2 spins in
user space no scan may come later than the period, a tenth of it, and the scan before.

Prints one line a test, `ok NAME` or `not ok NAME`, and what a failed one found.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from batch import run_batch  # noqa: E402
from verdicts import attempt, failures, verdict  # noqa: E402

LOGS = ("svsm.log", "tdxemu.log", "console.log")
TSC_HZ = 10**9
PERIOD_US = 100000

SERVE = "loadgen serve --listen 127.0.0.1:8080 & sleep 1"
TWICE = f"{SERVE}; loadgen client --connect 127.0.0.1:8080 --close client --count 50; cat /proc/stat"
SPIN = f"sleep 1; spin {3 * TSC_HZ} && echo spun"


def first_difference(one, other):
    for number, (a, b) in enumerate(zip(one.splitlines(), other.splitlines()), 1):
        if a != b:
            return f"line {number}:\n{a.decode(errors='replace')}\n{b.decode(errors='replace')}"
    return f"{len(one)} and {len(other)} bytes"


def check_twice():
    first, second = (run_batch(TWICE, name=f"icount-{n}", icount=True) for n in (1, 2))
    for log in LOGS:
        one, other = ((run.logs / log).read_bytes() for run in (first, second))
        verdict(one == other and one, f"two boots have the same {log}", first_difference(one, other))
    counters = [json.dumps(run.summary["tdxemu"], sort_keys=True) for run in (first, second)]
    verdict(counters[0] == counters[1], "two boots have identical counters", "\n".join(counters))
    verdict(first.summary["opened"] >= 50, "connections were tracked meanwhile", first.summary)


def check_spin():
    run = run_batch(SPIN, name="icount-spin", icount=True)
    svsm = run.summary["svsm"]
    gap, scan = svsm["longest_gap_l2_us"], svsm["longest_scan_us"]
    print(f"# longest gap {gap} us, longest scan {scan} us, {svsm['scans']} scans", flush=True)
    verdict(gap <= PERIOD_US * 11 // 10 + scan,
            "while L2 spins, the gap stays within period + 10% + one scan", svsm)
    verdict("spun" in (run.logs / "console.log").read_text(), "L2 has spun, and gone on")
    verdict(svsm["scans"] >= 30, "scans went on meanwhile", svsm)


def main():
    attempt("two boots", check_twice)
    attempt("spin", check_spin)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
