#!/usr/bin/env python3
"""make bench: what tracking costs. HTTP on localhost in a TD, one connection a request, with svsm
scanning every 1 s, 100 ms and 10 ms, against the same svsm that looks at nothing.

    bench/overhead.py [--rounds N] [--requests N] [--counted N]

Three figures, as tests run in software emulation, where an exit costs nearly nothing in one and far
too much in another:

  instructions  counted (-icount, so many requests that TIME_WAIT is at its limit for most of them, as
                on a server in use): what svsm spends on tracking, over what
                L2 and the rest of svsm execute meanwhile, counted by tdxemu at every switch, without
                its own. What svsm measures as tracking contains what tdxemu executes for the TDCALLs
                meanwhile: it makes the ratio larger.
  wall clock    requests a second, and the time a connection takes, as ratios to mode off. The
                machines run at the same time, one after the other in each round.
  cost model    the instructions, and for each exit of L2 2,000, 5,000 or 10,000 cycles, for each
                other TDCALL of svsm 1,700: as on hardware, one cycle an instruction. What is charged
                to tracking is the instructions it executes and the exits and calls that mode off
                does not have for the same requests. An aim is met when it holds at 5,000.

PASS or FAIL is printed for the aim; the status is 0 in either case. Figures go to
build/bench/overhead.json.
"""
import argparse
import contextlib
import json
import statistics
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests" / "boot"))
from batch import NS_PER_INSTRUCTION, run_batch  # noqa: E402
from booted import BUILD, GuestError  # noqa: E402
from td import TdGuest  # noqa: E402

MODES = {"off": ("off", "100ms"), "1 s": ("on", "1s"), "100 ms": ("on", "100ms"),
         "10 ms": ("on", "10ms")}
AIM_MODE, AIM = "100 ms", 0.03
EXIT_CYCLES = (2000, 5000, 10000)
EXIT_CYCLES_AIM = 5000
TDCALL_CYCLES = 1700
PORT = 8080
LOAD = f"loadgen client --connect 127.0.0.1:{PORT} --close client"
SERVE = f"loadgen serve --listen 127.0.0.1:{PORT}"
RESULT = BUILD / "bench" / "overhead.json"


def spread(values):
    """Median, and the distance of the quartiles from each other."""
    low, median, high = statistics.quantiles(values, n=4)
    return {"median": median, "iqr": high - low, "values": values}


def measure(guest, requests):
    """Requests a second, and the median life of a connection in ms, by loadgen's own clock."""
    guest.check(f"rm -f /tmp/t; {LOAD} --count {requests} --truth /tmp/t", timeout=900)
    rows = [line.split(",") for line in guest.check("cat /tmp/t").decode().splitlines()[1:]]
    times = [(int(row[4]), int(row[5])) for row in rows]
    seconds = (max(end for _, end in times) - min(start for start, _ in times)) / 1e9
    return requests / seconds, statistics.median(end - start for start, end in times) / 1e6


def wall_clock(rounds, requests):
    """Rates and latencies of each mode, a list of one value a round."""
    found = {mode: ([], []) for mode in MODES}
    with contextlib.ExitStack() as stack:
        guests = {}
        for mode, (track, period) in MODES.items():
            name = "bench-" + mode.replace(" ", "")
            guest = TdGuest(name=name, track=track, period=period, network=False, qmp=True)
            guests[mode] = stack.enter_context(guest)
            guest.spawn(SERVE).wait_for("listening")
            measure(guest, requests)  # the tables and caches of a machine that has been in use
            guest.stop()
        for number in range(rounds):
            for mode, guest in guests.items():
                guest.cont()
                rate, latency = measure(guest, requests)
                guest.stop()
                found[mode][0].append(rate)
                found[mode][1].append(latency)
            print(f"  round {number + 1} of {rounds}: " + ", ".join(
                f"{mode} {found[mode][0][-1]:.0f}/s" for mode in MODES), flush=True)
    return found


def calls_beside_exits(summary):
    """svsm's TDCALLs other than the entries, each of which belongs to an exit."""
    calls = summary["tdxemu"]["tdcalls"]
    return sum(calls.values()) - calls.get("TDG.VP.ENTER", 0)


def count_instructions(requests):
    """The sums of one boot in counted time and of the same without requests; the difference is
    the load's."""
    counted = {}
    for mode, (track, period) in MODES.items():
        sums = []
        for count in (0, requests):
            load = f"; {LOAD} --count {count}" if count else ""
            run = run_batch(f"{SERVE} & sleep 1{load}", name="bench-icount", icount=True,
                            track=track, period=period)
            svsm = run.summary["svsm"]
            ticks = run.summary["tdxemu"]["ticks"]
            sums.append({"l2": ticks["L2"], "track": svsm["track_us"] * 1000,
                         "svsm": ticks["L1"] - svsm["track_us"] * 1000, "tdxemu": ticks["tdxemu"],
                         "exits": svsm["exits"], "scans": svsm["scans"],
                         "calls": calls_beside_exits(run.summary),
                         "reads": svsm.get("reads_most", 0)})
        counted[mode] = {key: value - (sums[0][key] if key != "reads" else 0)
                         for key, value in sums[1].items()}
        print(f"  {mode}: {counted[mode]['exits']} exits, {counted[mode]['calls']} other TDCALLs, "
              f"{counted[mode]['scans']} scans, {instructions(counted[mode]['track'])} instructions "
              f"of tracking, {counted[mode]['reads']} reads of L2's memory in a scan", flush=True)
    return counted


def instructions(ticks):
    """The TSC runs at 1 GHz of counted time."""
    return ticks // NS_PER_INSTRUCTION


def modelled(counted, mode, exit_cycles):
    """Overhead by the cost model."""
    base, this = counted["off"], counted[mode]

    def cycles(sums):
        return sums["exits"] * exit_cycles + sums["calls"] * TDCALL_CYCLES

    cost = instructions(base["l2"] + base["svsm"]) + cycles(base)
    return (instructions(this["track"]) + cycles(this) - cycles(base)) / cost


def assemble(walls, counted):
    """One row of figures a mode."""
    rows = {}
    for mode in MODES:
        rate = spread([a / b for a, b in zip(walls[mode][0], walls["off"][0])])
        latency = spread([a / b for a, b in zip(walls[mode][1], walls["off"][1])])
        this = counted[mode]
        rows[mode] = {
            "rate": spread(walls[mode][0]), "rate_ratio": rate, "latency_ratio": latency,
            "counted": this, "instructions": this["track"] / (this["l2"] + this["svsm"]),
            "model": {str(cycles): modelled(counted, mode, cycles) for cycles in EXIT_CYCLES},
        }
    return rows


def show(rows):
    print(f"\n  {'':8}{'requests/s':>16}{'rate':>16}{'latency':>16}{'instructions':>14}"
          f"{'model 2k':>10}{'5k':>8}{'10k':>8}")
    for mode, row in rows.items():
        cells = [f"{row['rate']['median']:.0f} ±{row['rate']['iqr'] / 2:.0f}"]
        cells += [f"{100 * (row[key]['median'] - 1):+.1f}% ±{50 * row[key]['iqr']:.1f}"
                  for key in ("rate_ratio", "latency_ratio")]
        models = [f"{100 * row['model'][str(cycles)]:.2f}%" for cycles in EXIT_CYCLES]
        print(f"  {mode:8}" + "".join(f"{cell:>16}" for cell in cells) +
              f"{100 * row['instructions']:13.2f}%" + f"{models[0]:>10}{models[1]:>8}{models[2]:>8}")


def judge(rows):
    row = rows[AIM_MODE]
    figures = {"instructions": row["instructions"], "model 5k": row["model"][str(EXIT_CYCLES_AIM)],
               "wall clock": 1 - row["rate_ratio"]["median"]}
    met = all(figures[name] <= AIM for name in ("instructions", "model 5k"))
    print(f"\n{'PASS' if met else 'FAIL'}: at {AIM_MODE} tracking costs at most {100 * AIM:.0f}%: " +
          ", ".join(f"{name} {100 * value:.2f}%" for name, value in figures.items()))
    print("Wall clock is that of software emulation; it is no figure for hardware.")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=1000, help="of a round")
    parser.add_argument("--counted", type=int, default=10000, help="of the boots in counted time")
    options = parser.parse_args()
    print("Counted time:", flush=True)
    counted = count_instructions(options.counted)
    print("Wall clock:", flush=True)
    walls = wall_clock(options.rounds, options.requests)
    rows = assemble(walls, counted)
    show(rows)
    met = judge(rows)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"aim_met": met, "modes": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GuestError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(4)
