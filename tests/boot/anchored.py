#!/usr/bin/env python3
"""Discovery from a virtual CPU's registers on Debian's kernels, from early boot on.

usage: anchored.py [FLAVOUR...]     default: 6.12-cloud 6.1-cloud

While the guest boots, its CPU is stopped time and again and discovery tried with CR3 as it is: it
may fail, and must never name another kernel. Once it runs, discovery must succeed, also beside a
second kernel planted in free memory and forged notes. Prints `ok NAME` or `not ok NAME` lines.
"""
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import images  # noqa: E402
from guest import BUILD, Guest  # noqa: E402

ANCHORED = BUILD / "tests" / "boot" / "anchored"
BELOW_4G = 4 << 30
KERNEL_TEXT = 0xFFFFFFFF80000000

failures = 0


def verdict(good, name, detail=""):
    global failures
    print("ok" if good else "not ok", name, flush=True)
    if not good:
        failures += 1
        print("\n".join("#   " + line for line in str(detail).splitlines()), flush=True)


def registers(guest):
    """CR3 and the number of paging levels when the CPU is in the kernel, else None."""
    text = guest.qmp.command("human-monitor-command", **{"command-line": "info registers"})
    value = {key: int(number, 16) for key, number in
             re.findall(r"\b(CR3|CR4|RIP)=([0-9a-f]+)", text)}
    in_kernel = "CPL=0" in text and value.get("RIP", 0) >= KERNEL_TEXT
    return (value["CR3"], 5 if value["CR4"] & 0x1000 else 4) if in_kernel else None


def anchored(ram, *arguments):
    ended = subprocess.run([ANCHORED, ram, str(BELOW_4G), *map(str, arguments)],
                           capture_output=True, text=True)
    return ended.returncode, ended.stdout.strip() + ended.stderr.strip()


def stopped_in_kernel(guest):
    """Stops the guest at a time when its CPU runs the kernel."""
    while True:
        guest.stop()
        found = registers(guest)
        if found:
            return found
        guest.cont()
        time.sleep(0.01)


def watch_boot(guest, boot):
    """Samples of (CR3, levels, RAM) while the guest boots: copies for later, LSTAR is not known."""
    samples = []
    while boot.is_alive() and len(samples) < 6:
        time.sleep(0.4)
        if guest.qmp is None:
            continue
        guest.stop()
        found = registers(guest)
        if found:
            copy = Path(f"{guest.ram}.{len(samples)}")
            subprocess.run(["cp", "--sparse=always", guest.ram, copy], check=True)
            samples.append((*found, copy))
        guest.cont()
    boot.join()
    return samples


def check_beside_rivals(flavour, guest, cr3, lstar, levels, release):
    with tempfile.TemporaryDirectory(dir=guest.ram.parent) as directory:
        copy = Path(directory) / "ram"
        shutil.copyfile(guest.ram, copy)
        images.scatter_notes(copy)
        images.plant_kernel(copy)
        status, text = anchored(copy, cr3, lstar, levels)
        verdict(status == 0 and release in text, f"{flavour}: found beside a second kernel", text)
        images.wipe_notes(copy)
        status, text = anchored(copy, cr3, lstar, levels)
        verdict(status == 0 and release in text, f"{flavour}: found without any note", text)


def run(flavour):
    guest = Guest(flavour, name=f"anchored-{flavour}")
    boot = threading.Thread(target=guest.__enter__)
    boot.start()
    try:
        samples = watch_boot(guest, boot)
        release = guest.check("uname -r").decode().strip()
        cr3, levels = stopped_in_kernel(guest)
        status, text = anchored(guest.ram)
        lstar = text.removeprefix("lstar ")
        verdict(status == 0, f"{flavour}: the entry is known", text)
        status, text = anchored(guest.ram, cr3, lstar, levels)
        print("#", text.replace("\n", "\n# "), flush=True)
        verdict(status == 0 and f"release {release} " in text, f"{flavour}: found by registers", text)
        check_beside_rivals(flavour, guest, cr3, lstar, levels, release)
        for early in samples:
            status, text = anchored(early[2], early[0], lstar, early[1])
            early[2].unlink()
            print("# early:", text.splitlines()[0], flush=True)
            verdict(status == 1 or f"release {release} " in text,
                    f"{flavour}: early in boot found or refused", text)
        guest.cont()
        guest.power_off()
    finally:
        guest.close()


def main(arguments):
    for flavour in arguments or ["6.12-cloud", "6.1-cloud"]:
        run(flavour)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
