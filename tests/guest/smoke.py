"""Boots the test guests and checks that everything in them works.

usage: smoke.py [--programs DIR] [FLAVOUR[:CPU] ...]     e.g. 6.12-cloud:max,la57=off

Default: both cloud kernels, each with 5-level and 4-level paging, one after the other. In each:
100 connections on the guest's loopback and 100 to the host, all in the truth files of both ends;
sockets in all states as /proc shows them; stop, dump and power-off. Prints what took how long.
"""

import argparse
import collections
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "boot"))
import guest as harness  # noqa: E402

DEFAULT = ["6.12-cloud:max", "6.12-cloud:max,la57=off", "6.1-cloud:max", "6.1-cloud:max,la57=off"]
COUNT = 100
STATES = dict(enumerate("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE "
                        "CLOSE_WAIT LAST_ACK LISTEN CLOSING".split(), 1))
ZOO_STATES = set(STATES.values()) - {"CLOSE"}


class Failed(Exception):
    """A check that did not hold."""


def expect(what, got, wanted):
    if got != wanted:
        raise Failed(f"{what}: {got}, not {wanted}")


def tuples(truth, mirrored=False):
    """The connections of a truth file, with how often each tuple came."""
    found = collections.Counter()
    for line in truth.decode().splitlines()[1:]:
        laddr, lport, raddr, rport, _start, _end, _closer, result = line.split(",")
        expect(f"result of {line}", result, "ok")
        near, far = (laddr, lport), (raddr, rport)
        found[(far, near) if mirrored else (near, far)] += 1
    return found


def check_local(guest):
    server = guest.spawn("loadgen serve --listen 127.0.0.1:8080 --truth /tmp/server")
    server.wait_for("listening")
    guest.check(f"loadgen client --connect 127.0.0.1:8080 --count {COUNT} --truth /tmp/client")
    server.end()
    client = tuples(guest.check("cat /tmp/client"))
    expect("local truth lines", client.total(), COUNT)
    expect("local truth of both ends", tuples(guest.check("cat /tmp/server"), True), client)


def check_external(guest, programs):
    for address, seen_as in (("127.0.0.1", "10.0.2.2"), ("::1", "[fec0::2]")):
        with tempfile.TemporaryDirectory() as directory:
            far = Path(directory) / "truth"
            with harness.host_server(address, far, programs) as port:
                target = f"{seen_as}:{port} --count {COUNT // 2} --truth /tmp/far"
                guest.check(f"rm -f /tmp/far; loadgen client --connect {target}")
            expect("lines at the host", len(far.read_text().splitlines()), COUNT // 2 + 1)
        near = tuples(guest.check("cat /tmp/far"))
        expect("external truth lines", near.total(), COUNT // 2)


def reported(report):
    """(state, local port, remote port) of all lines of /proc/net/tcp and tcp6."""
    found, table = set(), False
    for line in report.decode().splitlines():
        if line.startswith("@"):
            table = line.endswith((" file tcp", " file tcp6"))
        elif table and line.split()[0] != "sl":
            _slot, local, remote, state, *_rest = line.split()
            ports = (int(end.rpartition(":")[2], 16) for end in (local, remote))
            found.add((STATES[int(state, 16)], *ports))
    return found


def check_zoo(guest):
    zoo = guest.spawn("sockzoo")
    lines = zoo.wait_for("ready").decode().splitlines()[:-1]
    guest.stop()
    guest.cont()
    report = guest.check("report")
    expect("end of the report", report.splitlines()[-1], b"@end")
    wanted = set()
    for _name, state, _laddr, lport, _raddr, rport, _uid in (line.split(",") for line in lines):
        wanted.add((state, int(lport), int(rport)))
    expect("distinct sockets in the zoo", len(wanted), len(lines))
    expect("sockets of the zoo that /proc lacks", wanted - reported(report), set())
    expect("kinds of states", {state for state, *_ports in wanted} >= ZOO_STATES, True)
    expect("status of sockzoo", zoo.end()[0], 0)


def check_dump(guest):
    with tempfile.TemporaryDirectory(dir=guest.ram.parent) as directory:
        core = Path(directory) / "core"
        guest.dump_elf(core)
        with open(core, "rb") as file:
            expect("start of the dump", file.read(4), b"\x7fELF")
        expect("size of the dump", core.stat().st_size >= guest.memory << 20, True)


def smoke(flavour, cpu, programs):
    times = []

    def timed(what, function, *arguments):
        start = time.monotonic()
        function(*arguments)
        times.append(f"{what} {time.monotonic() - start:.2f}")

    start = time.monotonic()
    with harness.Guest(flavour, cpu=cpu, programs=programs) as guest:
        times.append(f"boot {guest.boot_seconds:.2f}")
        levels = b"la57" in guest.check("cat /proc/cpuinfo")
        expect("5-level paging", levels, "la57=off" not in cpu)
        timed("local", check_local, guest)
        timed("external", check_external, guest, programs)
        timed("zoo", check_zoo, guest)
        timed("dump", check_dump, guest)
        timed("off", guest.power_off)
    print(f"{flavour} {cpu}: ok, {time.monotonic() - start:.1f} s ({', '.join(times)})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default=harness.PROGRAMS, help="where loadgen is")
    parser.add_argument("guests", nargs="*", default=DEFAULT, metavar="FLAVOUR[:CPU]")
    options = parser.parse_args()
    failed = 0
    for text in options.guests:
        flavour, _, cpu = text.partition(":")
        try:
            smoke(flavour, cpu or "max", options.programs)
        except (Failed, harness.GuestError) as error:
            failed += 1
            print(f"{text}: FAILED: {error}", file=sys.stderr)
    print(f"{len(options.guests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
