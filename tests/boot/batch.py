"""Runs a TD without a control channel: commands from its kernel command line, then power-off."""
import collections
import json
import subprocess

from booted import GuestError, child_options
from td import TdGuest

# Virtual time is instructions executed: 2 ns each, so 500 million a second of the 1 GHz TSC.
ICOUNT = ["-icount", "shift=1,sleep=off", "-seed", "1",
          "-rtc", "base=2026-01-01T00:00:00,clock=vm"]
NS_PER_INSTRUCTION = 2

Batch = collections.namedtuple("Batch", "summary events logs")


def run_batch(commands, *, name, icount=False, network=False, timeout=900, **options):
    """Boots, runs the commands, powers off; returns what `tdx-tracker run` printed."""
    guest = TdGuest(name=name, qemu_args=ICOUNT if icount else (),
                    append=f'random.trust_cpu=1 batch="{commands}"', network=network,
                    **options)
    guest.logs.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(guest.command(), capture_output=True, text=True, timeout=timeout,
                           stdin=subprocess.DEVNULL, **child_options())
    guest.said.write_text(ended.stdout)
    if ended.returncode != 0:
        raise guest.error(f"'{commands}': status {ended.returncode}: {ended.stderr}")
    *events, summary = map(json.loads, ended.stdout.splitlines())
    if summary["event.action"] != "summary":
        raise GuestError(f"no summary in {guest.said}")
    return Batch(summary, events, guest.logs)
