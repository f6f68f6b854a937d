#!/usr/bin/env python3
"""Boots Debian's kernels and holds `tdx-tracker scan` against what the guests say of themselves.

usage: scan.py [BOOT...]     the boots are listed in BOOTS and OTHERS; default: those of BOOTS
       scan.py --others      those of OTHERS: kernels of other configurations, fetched on demand

Prints one line a test, `ok NAME` or `not ok NAME`, and what a failed one found.
"""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import images  # noqa: E402
import proc  # noqa: E402
from guest import BUILD, ROOT, Guest  # noqa: E402
from verdicts import attempt, failures, verdict  # noqa: E402

TRACKER = BUILD / "tdx-tracker"
WALKER = BUILD / "tests" / "boot" / "walker"
WALKS = 10000
HOLD = 200
REQUEST, RESPONSE = 1000, 143
UID = 1000

Boot = collections.namedtuple("Boot", "flavour machine memory cpu below_4g extras append",
                              defaults=[""])

# What a coverage record has, as proc.Report calls it: counters, and levels, which may fall as well.
COUNTERS = {
    "active_opens": "ActiveOpens", "passive_opens": "PassiveOpens",
    "attempt_fails": "AttemptFails", "estab_resets": "EstabResets",
    "in_segs": "InSegs", "out_segs": "OutSegs", "retrans_segs": "RetransSegs",
    "out_rsts": "OutRsts", "time_waited": "TW", "time_wait_recycled": "TWRecycled",
    "time_wait_killed": "TWKilled", "time_wait_overflow": "TCPTimeWaitOverflow",
    "abort_on_timeout": "TCPAbortOnTimeout",
    "udp_in": "UdpInDatagrams", "udp_no_ports": "UdpNoPorts", "udp_errors": "UdpInErrors",
    "udp_out": "UdpOutDatagrams", "udp6_in": "Udp6InDatagrams", "udp6_no_ports": "Udp6NoPorts",
    "udp6_errors": "Udp6InErrors", "udp6_out": "Udp6OutDatagrams",
    "icmp_in": "IcmpInMsgs", "icmp_out": "IcmpOutMsgs",
    "icmp6_in": "Icmp6InMsgs", "icmp6_out": "Icmp6OutMsgs",
    "ip_in_octets": "IpExtInOctets", "ip_out_octets": "IpExtOutOctets",
    "ip_delivered": "IpInDelivers", "ip_forwarded": "IpForwDatagrams",
    "ip6_in_octets": "Ip6InOctets", "ip6_out_octets": "Ip6OutOctets",
    "ip6_delivered": "Ip6InDelivers", "ip6_forwarded": "Ip6OutForwDatagrams",
}
LEVELS = {
    "curr_estab": "CurrEstab", "raw_sockets": "RAWinuse", "raw6_sockets": "RAW6inuse",
    "time_wait_use": "TCPtw", "time_wait_limit": "tcp_max_tw_buckets",
}
# Of these some must have been counted, or the comparison says little.
SEEN = ["udp_in", "udp_no_ports", "udp_out", "udp6_in", "udp6_no_ports", "udp6_out", "icmp_in", "icmp_out",
        "icmp6_in", "icmp6_out", "ip_in_octets", "ip_out_octets", "ip_delivered", "ip6_in_octets",
        "ip6_out_octets", "ip6_delivered", "raw_sockets", "raw6_sockets", "time_wait_use",
        "time_wait_limit", "curr_estab"]

BOOTS = {
    "6.1-q35-la57": Boot("6.1-cloud", "q35", 1024, "max", 4 << 30, ["churn", "damage"]),
    "6.1-pc-la48": Boot("6.1-cloud", "pc", 5120, "max,la57=off", 3 << 30, []),
    "6.12-q35-la48": Boot("6.12-cloud", "q35", 3072, "max,la57=off", 2 << 30, ["dumps", "damage"]),
    "6.12-q35-la57": Boot("6.12-cloud", "q35", 1024, "max", 4 << 30, ["churn", "rivals"]),
}

OTHERS = {
    "6.1-full": Boot("6.1-amd64", "q35", 2048, "max", 4 << 30, ["churn"]),
    "6.1-rt": Boot("6.1-rt", "pc", 4096, "max,la57=off", 3 << 30, ["churn"],
                   "thash_entries=16"),
    "6.12-full": Boot("6.12-amd64", "q35", 6144, "max", 2 << 30, ["churn", "dumps"]),
    "6.12-rt": Boot("6.12-rt", "q35", 2048, "qemu64", 4 << 30, ["churn"],
                    "nokaslr mitigations=off"),
}

ALL = {**BOOTS, **OTHERS}

def scan(*arguments, check=True):
    """Runs scan; returns (status, stdout, stderr)."""
    ended = subprocess.run([TRACKER, "scan", *map(str, arguments)], capture_output=True, text=True)
    if check and ended.returncode != 0:
        raise RuntimeError(f"scan ended with {ended.returncode}: {ended.stderr}")
    return ended.returncode, ended.stdout, ended.stderr


def difference(found, wanted):
    missing = "\n".join(f"missing {entry}" for entry in (wanted - found))
    invented = "\n".join(f"invented {entry}" for entry in (found - wanted))
    return "\n".join(filter(None, [missing, invented]))


def populate(guest):
    """Three namespaces with all kinds of sockets; the second has a connection table of its own."""
    guest.check("mkdir -p /sys/fs/cgroup/web")
    zoo = "ip link set lo up; exec sockzoo"
    guest.spawn("sockzoo").wait_for("ready")
    guest.check("echo 1024 >/proc/sys/net/ipv4/tcp_child_ehash_entries")
    guest.spawn(f"unshare -n sh -c '{zoo}'").wait_for("ready")
    guest.check("echo 0 >/proc/sys/net/ipv4/tcp_child_ehash_entries")
    guest.spawn(f"unshare -n sh -c '{zoo}'").wait_for("ready")


def babble(guest):
    """What is not TCP: datagrams, with and without somebody who takes them, and raw sockets."""
    guest.spawn("babble").wait_for("ready")
    guest.check("echo 3333 >/proc/sys/net/ipv4/tcp_max_tw_buckets")


def transfer(guest):
    """A known transfer over connections that stay open, by another user in a cgroup of its own."""
    join = "echo $$ >/sys/fs/cgroup/web/cgroup.procs"
    serve = guest.spawn(f"sh -c '{join}; exec loadgen serve --listen [::]:8000 --uid {UID}'")
    serve.wait_for("listening")
    for name, target in (("v4", "127.0.0.1"), ("v6", "[::1]")):
        guest.spawn(f"loadgen client --connect {target}:8000 --hold 3 --bytes-request {REQUEST} "
                    f"--bytes-response {RESPONSE}").wait_for("holding 3")


def check_entries(boot, report, records):
    found = collections.Counter(map(proc.entry_of, records))
    verdict(found == report.entries, f"{boot}: every entry as the guest shows it",
            difference(found, report.entries))
    verdict(len({entry.netns for entry in report.entries}) >= 3,
            f"{boot}: three namespaces took part")
    states = {entry.state for entry in report.entries}
    verdict(len(states) >= 10, f"{boot}: all states took part", states)
    unkeyed = [r for r in records if r["tracker.check"] != "keyed"]
    verdict(not unkeyed, f"{boot}: every tuple confirmed by the keyed hash", unkeyed[:3])


def check_owners(boot, report, records):
    """Every socket of a process: pid and name are of one that holds it."""
    wrong = []
    for record in records:
        owners = report.owners.get(record.get("tracker.inode", 0), [])
        claim = (record.get("process.pid"), record.get("process.name"), record.get("process.cgroup"))
        truth = [(pid, comm, cgroup) for pid, _fd, _uid, comm, cgroup in owners]
        if claim[:2] not in [t[:2] for t in truth] and (owners or claim[0] is not None):
            wrong.append(f"{claim} not in {truth}")
    verdict(not wrong, f"{boot}: owners as /proc/PID/fd shows them", "\n".join(wrong[:5]))


def check_transfer(boot, records):
    mine = [r for r in records if r["destination.port"] == 8000 and "source.port" in r]
    wrong = [r for r in mine if (r.get("source.bytes"), r.get("destination.bytes")) !=
             (REQUEST, RESPONSE)]
    verdict(len(mine) == 12 and not wrong, f"{boot}: bytes of a known transfer", wrong[:2] or mine)
    served = [r for r in mine if r["tracker.endpoint"] == "destination"]
    wrong = [r for r in served if (r.get("process.name"), r.get("process.cgroup"),
                                   r.get("tracker.creator_uid")) != ("loadgen", "/web", UID)]
    verdict(len(served) == 6 and not wrong, f"{boot}: owner of a known transfer", wrong[:2])


def read_counters(ram):
    """The coverage records of a scan, by namespace."""
    _, text, _ = scan(ram, "--format", "json", "--counters")
    lines = map(json.loads, text.splitlines())
    return {line["tracker.netns"]: line for line in lines if line["event.action"] == "coverage"}


def report_counters(guest):
    """The guest's own counters by namespace; the limit is that of the first."""
    report = proc.Report(guest.check("report"))
    first = int(guest.check("readlink /proc/1/ns/net").decode().strip("net:[]\n"))
    limit = guest.check("cat /proc/sys/net/ipv4/tcp_max_tw_buckets")
    for netns, counters in report.counters.items():
        counters["tcp_max_tw_buckets"] = int(limit) if netns == first else None
    return report.counters


def check_counters(boot, before, found, after):
    """Retransmissions go on until the guest stands still: what is found lies in between."""
    wrong = []
    for netns, truth in before.items():
        for field, name in {**COUNTERS, **LEVELS}.items():
            value = found[netns].get(f"tracker.counters.{field}")
            ends = [truth[name], after[netns][name]]
            if None not in ends and (value is None or not min(ends) <= value <= max(ends)):
                wrong.append(f"{netns} {name}: {value}, not from {ends[0]} to {ends[1]}")
    verdict(not wrong and len(before) >= 3, f"{boot}: counters as the guest shows them",
            "\n".join(wrong))
    silent = [field for field in SEEN
              if not any(line[f"tracker.counters.{field}"] for line in found.values())]
    verdict(not silent, f"{boot}: all kinds of traffic took part", silent)


def connected(record):
    return record["network.connection.state"] in ("established", "close_wait")


def waits(record):
    """A time-wait socket; one in FIN_WAIT2 is told from a full socket by having no byte counters."""
    state = record["network.connection.state"]
    return state == "time_wait" or (state == "fin_wait_2" and "source.bytes" not in record)


def check_levels(boot, records, found):
    """Two witnesses of what there is while the guest stands still: the walk and the counters."""
    for field, counts in (("curr_estab", connected), ("time_wait_use", waits)):
        seen = collections.Counter(r["tracker.netns"] for r in records if counts(r))
        told = {netns: line[f"tracker.counters.{field}"] for netns, line in found.items()}
        verdict(told == {netns: seen[netns] for netns in told} and sum(seen.values()) > 0,
                f"{boot}: {field} is what the walk saw", (told, seen))


def check_quiet(boot, guest):
    """The guest stands still: what it said last is what must be found."""
    report = proc.Report(guest.check("report"))
    guest.stop()
    _, text, errors = scan(guest.ram, "--format", "json")
    records = proc.load(text)
    check_entries(boot, report, records)
    check_owners(boot, report, records)
    check_transfer(boot, records)
    verdict(errors == "", f"{boot}: nothing to warn of", errors)
    return records


def stable(records):
    """Records without what differs from scan to scan."""
    return sorted(str({k: v for k, v in r.items() if k not in ("@timestamp", "event.sequence")})
                  for r in records)


def check_dumps(boot, guest, records):
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        core, lime = Path(directory) / "core", Path(directory) / "lime"
        guest.dump_elf(core)
        images.write_lime(guest.ram, ALL[boot].below_4g, lime)
        for name, path in (("ELF core", core), ("LiME file", lime)):
            _, text, _ = scan(path, "--format", "json")
            verdict(stable(proc.load(text)) == stable(records), f"{boot}: {name} gives the same list")
        for name, path in (("ELF core", core), ("LiME file", lime)):
            os.truncate(path, path.stat().st_size // 2)
            status, text, errors = scan(path, check=False)
            verdict(status == 3 and text == "" and errors.count("\n") == 1,
                    f"{boot}: a truncated {name} is refused in one line", errors)


def check_rivals(boot, guest):
    """A second complete kernel in the same RAM: refuse, and list both."""
    with tempfile.TemporaryDirectory(dir=guest.ram.parent) as directory:
        copy = Path(directory) / "ram"
        subprocess.run(["cp", "--sparse=always", guest.ram, copy], check=True)
        first, second = images.plant_kernel(copy)
        start = time.monotonic()
        status, text, errors = scan(copy, check=False)
        seconds = time.monotonic() - start
        verdict(status == 3 and text == "" and errors.count("\n") == 1 and
                f"{first:x}" in errors and f"{second:x}" in errors,
                f"{boot}: a second kernel planted in user memory is ambiguous", errors)
        print(f"# refused after {seconds:.2f} s")


def check_damage(boot, guest, records):
    """Copies of the RAM file in which the note has gone, has doubles, or whose end has gone."""
    with tempfile.TemporaryDirectory(dir=guest.ram.parent) as directory:
        copy = Path(directory) / "ram"
        subprocess.run(["cp", "--sparse=always", guest.ram, copy], check=True)
        images.scatter_notes(copy)
        _, text, _ = scan(copy, "--format", "json")
        verdict(stable(proc.load(text)) == stable(records),
                f"{boot}: copies of the note elsewhere change nothing")
        images.wipe_notes(copy)
        start = time.monotonic()
        _, text, _ = scan(copy, "--format", "json")
        print(f"# found without a note in {time.monotonic() - start:.2f} s")
        verdict(stable(proc.load(text)) == stable(records),
                f"{boot}: the same list without VMCOREINFO")
        os.truncate(copy, copy.stat().st_size // 2)
        status, text, errors = scan(copy, check=False)
        verdict(status == 3 and text == "" and errors.count("\n") == 1,
                f"{boot}: a truncated RAM file is refused in one line", errors)


def check_churn(boot, guest):
    """Walks while connections come and go: what is held must be in each of them."""
    guest.spawn("loadgen serve --listen 127.0.0.1:9000").wait_for("listening")
    guest.spawn(f"loadgen client --connect 127.0.0.1:9000 --hold {HOLD}").wait_for(
        f"holding {HOLD}")
    report = proc.Report(guest.check("report"))
    held = [e for e in report.entries if 9000 in (e.lport, e.rport) and e.state == "established"]
    for who in ("server", "client", "reset-server", "reset-client"):
        guest.spawn(f"loadgen client --connect 127.0.0.1:9000 --close {who} --count 100000000 "
                    "--concurrency 4")
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        path = Path(directory) / "held"
        path.write_text("".join(f"{e.local} {e.lport} {e.remote} {e.rport}\n" for e in held))
        ended = subprocess.run([WALKER, guest.ram, str(WALKS), path], capture_output=True, text=True)
    print("#", ended.stdout.strip(), flush=True)
    verdict(ended.returncode == 0 and len(held) == 2 * HOLD,
            f"{boot}: {WALKS} walks of live RAM have every held connection", ended.stdout +
            ended.stderr)


def run(name):
    boot = ALL[name]
    if name in OTHERS:
        subprocess.run([ROOT / "scripts" / "fetch-kernels", boot.flavour], check=True,
                       stdout=sys.stderr)
    with Guest(boot.flavour, memory=boot.memory, machine=boot.machine, cpu=boot.cpu,
               append=boot.append, name=f"scan-{name}") as guest:
        print(f"# {name}: booted in {guest.boot_seconds:.0f} s", flush=True)
        populate(guest)
        babble(guest)
        transfer(guest)
        before = report_counters(guest)
        records = check_quiet(name, guest)
        counters = read_counters(guest.ram)
        check_levels(name, records, counters)
        if "dumps" in boot.extras:
            check_dumps(name, guest, records)
        if "rivals" in boot.extras:
            check_rivals(name, guest)
        if "damage" in boot.extras:
            check_damage(name, guest, records)
        guest.cont()
        check_counters(name, before, counters, report_counters(guest))
        if "churn" in boot.extras:
            check_churn(name, guest)
        guest.power_off()


def main(arguments):
    names = list(OTHERS) if arguments == ["--others"] else arguments or list(BOOTS)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"scan.py: no boot {unknown[0]!r}: there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in names:
        attempt(name, run, name)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
