#!/usr/bin/env python3
"""Boots Debian's 6.12 as L2 of an emulated TD and holds what svsm lists against the load
generator's truth; then kernels and memories that cannot work, each of which must end in one line.
--large: instead, a TD with memory above 4 GiB.

Prints one line a test, `ok NAME` or `not ok NAME`, and what a failed one found.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from booted import BUILD, CACHE  # noqa: E402
from cases import CASES, run_case  # noqa: E402
from td import TRACKER, TdGuest  # noqa: E402
from verdicts import attempt, failures, verdict  # noqa: E402

COUNT = 1000
MIB = 1 << 20
REFUSAL_SECONDS = 300


def check_dmesg(guest):
    said = guest.check("dmesg").decode(errors="replace")
    for text in ("tdx: Guest detected", "Memory Encryption Features active: Intel TDX"):
        verdict(text in said, f"L2 says: {text}", said[-2000:])
    bad = re.findall(r".*(?:BUG:|WARNING:|Oops|unchecked MSR|Call Trace).*", said)
    verdict(not bad, "L2 warns of nothing", "\n".join(bad))


def name_some(tuples):
    return "\n".join(f"{t.local} {t.remote} number {n}" for t, n in sorted(tuples)[:10])


def check_case(guest, case):
    outcome = run_case(guest, case, COUNT)
    result = outcome.result
    print(f"# {case.name}: generated {len(result.generated)}, recorded {len(result.recorded)}, "
          f"missed {len(result.missed)}, invented {len(result.invented)}, {outcome.seconds:.1f} s",
          flush=True)
    verdict(len(result.generated) == COUNT, f"{case.name}: {COUNT} connections were made")
    verdict(not result.invented, f"{case.name}: none invented", name_some(result.invented))
    if case.closer == "client":
        verdict(not result.missed, f"{case.name}: {COUNT} of {COUNT} recorded",
                name_some(result.missed))
        return
    print(f"# missed, as they leave no TIME_WAIT: {len(result.missed)}, among them")
    print("#   " + name_some(result.missed).replace("\n", "\n#   "))
    verdict(len(result.recorded) + len(result.missed) == COUNT,
            f"{case.name}: every connection is counted, as recorded or as missed",
            (len(result.recorded), len(result.missed)))


def check_end(guest):
    """The sums after the power-off."""
    guest.power_off()
    summary = guest.summary
    sent = {key: summary["svsm"][key] for key in ("opened", "updated", "closed", "attempted", "time_wait")}
    verdict(sent == {key: summary[key] for key in sent}, "every event that svsm sent has arrived",
            (sent, summary))
    numbers = [event["event.sequence"] for event in guest.events()]
    verdict(numbers == list(range(numbers[0], numbers[0] + len(numbers))),
            "the numbers of the events have no holes")
    errors = guest.errors.read_text()
    verdict(errors == "", "nothing to warn of", errors)
    verdict(summary.get("tdxemu", {}).get("tdcalls"), "tdxemu counts its TDCALLs", summary)
    print(f"# {summary['scans']} scans, longest gap {summary['longest_gap_us']} us, "
          f"{summary['exits']} exits")


def check_machine():
    with TdGuest(name="td-boot") as guest:
        print(f"# booted in {guest.boot_seconds:.0f} s", flush=True)
        check_dmesg(guest)
        for case in CASES:
            check_case(guest, case)
        check_end(guest)


def check_large_memory():
    """Memory above 4 GiB: the TD's RAM has a hole."""
    with TdGuest(memory=3072, name="td-3g") as guest:
        lines = guest.check("grep 'System RAM' /proc/iomem").decode().split("\n")[:-1]
        ranges = [[int(end, 16) for end in line.split()[0].split("-")] for line in lines]
        above = sum(end + 1 - start for start, end in ranges if start >= 4 << 30)
        total = sum(end + 1 - start for start, end in ranges)
        # Low memory ends at 2016 MiB; svsm keeps 66 MiB, and firmware's first MiB is not all RAM.
        verdict(above == (3072 - 2016) * MIB and total >= (3072 - 66 - 1) * MIB,
                "L2 has the memory above 4 GiB", lines)
        guest.settle()
        guest.power_off()
    verdict(guest.summary["opened"] >= 2, "connections are seen with memory above 4 GiB",
            guest.summary)


def refused(name, says, *arguments):
    """`run` must end by itself with status 3 and one line."""
    ended = subprocess.run([TRACKER, "run", *map(str, arguments)], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, timeout=REFUSAL_SECONDS)
    good = (ended.returncode == 3 and ended.stderr.count("\n") == 1 and says in ended.stderr and
            ended.stdout == "")
    verdict(good, name, f"status {ended.returncode}: {ended.stderr}{ended.stdout[-500:]}")
    print("#", ended.stderr.strip(), flush=True)


def damaged(kernel, path):
    """The kernel with a flipped byte in the middle of its payload."""
    image = bytearray(kernel.read_bytes())
    image[len(image) // 2] ^= 0xFF
    path.write_bytes(image)
    return path


def check_refusals():
    good = CACHE / "kernels" / "6.12-cloud" / "vmlinuz"
    initrd = BUILD / "guest" / "6.12-cloud.cpio.gz"
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        refused("a kernel without TDX support is named as such", "CONFIG_INTEL_TDX_GUEST",
                "--kernel", CACHE / "kernels" / "6.1-cloud" / "vmlinuz", "--initrd", initrd)
        refused("a kernel damaged inside is refused", "kernel", "--kernel", damaged(good, path),
                "--initrd", initrd)
        with open(path, "wb") as file:
            file.truncate(150 * MIB)
        refused("an initrd that leaves no memory is refused", "initrd", "--kernel", good,
                "--initrd", path, "--memory", "256M")


def main():
    if sys.argv[1:] == ["--large"]:
        attempt("3 GiB", check_large_memory)
    else:
        attempt("TD", check_machine)
        attempt("refusals", check_refusals)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
