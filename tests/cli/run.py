#!/usr/bin/env python3
"""tdx-tracker run as a user meets it, with a QEMU that is none (fake_qemu.py): what it refuses, in
one line and with the right status; how its output ends; and that nothing is left running.

    run.py [TDX-TRACKER]       default: that of build/

Prints one line a test, `ok NAME` or `not ok NAME`.
"""

import hashlib
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tap import Tap  # noqa: E402

HERE = Path(__file__).resolve().parent
TOOL = HERE.parents[1] / "build" / "tdx-tracker"
MIB = 1 << 20

USAGE = {
    (): "no --kernel",
    ("--kernel",): "needs an argument",
    ("--bogus",): "not an option",
    ("--kernel", "k", "more"): "unexpected",
    ("--kernel", "k", "--memory", "64M"): "too little memory",
    ("--kernel", "k", "--memory", "1T"): "too much memory",
    ("--kernel", "k", "--memory", "300000001"): "whole MiB",
    ("--kernel", "k", "--memory", "lots"): "whole MiB",
    ("--kernel", "k", "--period", "99us"): "out of range",
    ("--kernel", "k", "--period", "61m"): "out of range",
    ("--kernel", "k", "--period", "100"): "not a period",
    ("--kernel", "k", "--period", "-1ms"): "not a period",
    ("--kernel", "k", "--period", "99999999999999999999s"): "not a period",
    ("--kernel", "k", "--track", "maybe"): "on or off",
    ("--kernel", "k", "--network", "tap"): "user or none",
    ("--kernel", "k", "--format", "csv"): "table or json",
}


def bzimage(size=4 * MIB, magic=b"HdrS", version=0x20f, xload=1, payload=b"\x28\xb5\x2f\xfd",
            init_size=32 * MIB):
    """A file that a boot loader takes for a kernel."""
    setup = 2 * 512
    image = bytearray(size)
    struct.pack_into("<B", image, 0x1f1, 1)
    struct.pack_into("<I", image, 0x1f4, (size - setup) // 16)
    struct.pack_into("<H4sH", image, 0x1fe + 0, 0xaa55, b"\0\0" + magic[:2], 0)
    image[0x202:0x206] = magic
    struct.pack_into("<H", image, 0x206, version)
    image[0x211] = 1
    struct.pack_into("<H", image, 0x236, xload)
    struct.pack_into("<II", image, 0x248, 0x100, size - setup - 0x100)
    struct.pack_into("<QI", image, 0x258, 16 * MIB, init_size)
    image[setup + 0x100:setup + 0x100 + len(payload)] = payload
    return bytes(image)


def flow(action, sequence, us, remote="10.0.2.2:80", state="established"):
    return json.dumps({"event.action": action, "event.sequence": sequence, "us": us,
                       "l": "10.0.2.15:41954", "r": remote, "state": state, "netns": 4026531840,
                       "cookie": 7}) + "\n"


SUMMARY = json.dumps({
    "event.action": "summary", "scans": 12, "longest_gap_us": 100250, "longest_gap_l2_us": 100100,
    "period_us": 100000, "opened": 1, "updated": 2, "closed": 1, "attempted": 1, "time_wait": 1,
    "exits": 4711}) + "\n"
COUNTERS = '{"event.action":"tdxemu","exits":{"CPUID":3},"tdcalls":{"VP.ENTER":9}}\n'
FOUND = '{"event.action":"kernel-found","us":500000,"release":"6.12-x","attempts":3}\n'
FLOWS = [["svsm", "svsm: hello\n"], ["svsm", flow("flow-opened", 1, 1500000)],
         ["svsm", flow("flow-updated", 2, 1550000, state="fin_wait_1")],
         ["svsm", flow("flow-updated", 3, 1600000, state="time_wait")],
         ["svsm", flow("flow-attempted", 4, 1700000, remote="10.0.2.9:1", state="syn_sent")],
         ["svsm", flow("flow-closed", 5, 61600000, state="time_wait")]]
GOOD_END = [["svsm", SUMMARY], ["tdxemu", COUNTERS]]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Run(unittest.TestCase):
    """A copy of the tool beside two images, and the fake in front of PATH."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = Path(holder.name)
        for name in ("tdxemu", "svsm", "work", "path"):
            (self.dir / name).mkdir()
        for name in ("tdxemu", "svsm"):
            (self.dir / name / f"{name}.bin").write_bytes(b"image")
        self.tool = shutil.copy(TOOL, self.dir / "tdx-tracker")
        shutil.copy(HERE / "fake_qemu.py", self.dir / "path" / "qemu-system-x86_64")
        os.chdir(self.dir / "work")
        Path("kernel").write_bytes(bzimage())
        self.script = self.dir / "script"
        self.environment = {**os.environ, "FAKE_QEMU": str(self.script),
                            "PATH": f"{self.dir / 'path'}:{os.environ['PATH']}",
                            "TMPDIR": str(self.dir / "work"), "TERM": "xterm"}

    def started(self):
        """What the fake was started with."""
        return json.loads(Path(f"{self.script}.started").read_text(encoding="utf-8"))

    def call(self, *args, steps=(), **options):
        self.script.write_text(json.dumps(list(steps)))
        return subprocess.run([self.tool, "run", *map(str, args)], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL,
                              env={**self.environment, **options})

    def refused(self, *args, status, says="", steps=(), **options):
        """Runs the tool, which must refuse in one line that names the problem."""
        before = sorted(os.listdir())
        done = self.call(*args, steps=steps, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("tdx-tracker: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(sorted(os.listdir()), before)
        if Path(f"{self.script}.started").exists():
            self.assertFalse(alive(self.started()["pid"]))

    def value(self, option, start=""):
        """The value that follows an option of QEMU and begins with `start`."""
        arguments = self.started()["arguments"]
        return next(value for before, value in zip(arguments, arguments[1:])
                    if before == option and value.startswith(start))


class Refusals(Run):
    def test_usage(self):
        for args, says in USAGE.items():
            with self.subTest(args=args):
                self.refused(*args, status=2, says=says)

    def test_kernels(self):
        cases = {
            "is not a bzImage": bzimage(magic=b"nope"),
            "too short": bytes(512),
            "2.12": bzimage(version=0x20b),
            "64-bit": bzimage(xload=0),
            "truncated": bzimage()[:3 * MIB],
            "corrupt": bzimage(payload=bytes(4)),
            "does not fit": bzimage(init_size=2048 * MIB),
            "empty": b"",
        }
        for says, image in cases.items():
            with self.subTest(says=says):
                Path("kernel").write_bytes(image)
                self.refused("--kernel", "kernel", status=3, says=says)
        self.refused("--kernel", "absent", status=3, says="absent: cannot be opened: No such file")
        self.refused("--kernel", ".", status=3, says="not a regular file")

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_a_kernel_of_somebody_else(self):
        os.chmod("kernel", 0)
        for folder in (self.dir, self.dir / "work"):
            os.chmod(folder, 0o755)
        done = subprocess.run([self.tool, "run", "--kernel", "kernel"], user=65534,
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (3, 1), done.stderr)
        self.assertIn("Permission denied", done.stderr)

    def test_initrds(self):
        with open("initrd", "wb") as file:
            file.truncate(300 * MIB)
        self.refused("--kernel", "kernel", "--initrd", "initrd", "--memory", "256M", status=3,
                     says="initrd: is too large: 300 MiB")
        self.refused("--kernel", "kernel", "--initrd", "absent", status=3, says="No such file")
        Path("initrd").write_bytes(b"")
        self.refused("--kernel", "kernel", "--initrd", "initrd", status=3, says="empty")

    def test_no_qemu(self):
        self.refused("--kernel", "kernel", status=4, says="Debian package qemu-system-x86",
                     PATH=str(self.dir / "work"))

    def test_no_images(self):
        (self.dir / "svsm" / "svsm.bin").unlink()
        self.refused("--kernel", "kernel", status=4, says="svsm.bin: is neither in")
        (self.dir / "tdxemu" / "tdxemu.bin").unlink()
        self.refused("--kernel", "kernel", status=4, says="tdxemu.bin: is neither in")

    def test_no_place_for_logs(self):
        self.refused("--kernel", "kernel", "--logs", "a/b", status=4, says="a/b: cannot be written")

    def test_svsm_gives_up(self):
        message = "the kernel has no TDX guest support (CONFIG_INTEL_TDX_GUEST): use Debian's 6.12"
        steps = [["svsm", f"svsm: error: {message}\n"], ["tdxemu", f"tdxemu: td error: {message}\n"],
                 ["tdxemu", COUNTERS], ["exit", 3]]
        self.refused("--kernel", "kernel", status=3, says=f"svsm: {message}\n", steps=steps)
        self.refused("--kernel", "kernel", status=3, says=f"svsm: {message}\n", steps=steps[1:])

    def test_tdxemu_gives_up(self):
        steps = [["tdxemu", "tdxemu: error: the CPU has no SVM\n"], ["exit", 5]]
        self.refused("--kernel", "kernel", status=4, says="tdxemu: the CPU has no SVM\n", steps=steps)

    def test_qemu_gives_up(self):
        steps = [["stderr", "qemu-system-x86_64: warning: TCG doesn't support something\n"],
                 ["stderr", "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot "
                            "allocate memory\n"], ["exit", 1]]
        self.refused("--kernel", "kernel", status=4, says="cannot set up guest memory", steps=steps)
        self.refused("--kernel", "kernel", status=4, says="ended with status 9",
                     steps=[["stderr", "qemu-system-x86_64: warning: x\n"], ["exit", 9]])
        self.refused("--kernel", "kernel", status=4, says="ended by signal 9", steps=[["kill", 9]])
        self.refused("--kernel", "kernel", status=3, says="without a summary")

    def test_hostile_logs(self):
        steps = [["svsm", "svsm: error: \x1b[2J\x00\xff" + "x" * 100000 + "\n"], ["exit", 3]]
        self.refused("--kernel", "kernel", status=3, says="svsm: \\x1b[2J", steps=steps)


class Listings(Run):
    def test_lines_and_table(self):
        done = self.call("--kernel", "kernel", steps=[["svsm", FOUND]] + FLOWS + GOOD_END)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found, *lines = done.stdout.splitlines()
        self.assertEqual(found.split(), ["0.500", "s", "kernel-found", "6.12-x"])
        self.assertEqual(lines[0].split(), ["1.500", "s", "opened", "10.0.2.15:41954", "10.0.2.2:80",
                                            "established"])
        self.assertEqual([line.split()[2] for line in lines[:5]],
                         ["opened", "updated", "updated", "attempted", "closed"])
        self.assertEqual(lines[6].split(), ["1", "1", "1", "1", "12", "100.2", "ms", "100.1", "ms", "100", "ms",
                                            "4711"])

    def test_json(self):
        done = self.call("--kernel", "kernel", "--format", "json", steps=FLOWS + GOOD_END)
        *events, summary = map(json.loads, done.stdout.splitlines())
        self.assertEqual([e["event.sequence"] for e in events], [1, 2, 3, 4, 5])
        self.assertEqual([summary[key] for key in ("opened", "updated", "time_wait", "closed", "attempted")],
                         [1, 2, 1, 1, 1])
        self.assertEqual((summary["scans"], summary["exits"], summary["longest_gap_us"],
                          summary["period_us"]), (12, 4711, 100250, 100000))
        self.assertEqual(summary["tdxemu"]["tdcalls"], {"VP.ENTER": 9})
        self.assertFalse(summary["interrupted"])

    def test_what_does_not_add_up(self):
        steps = FLOWS[:2] + [["svsm", "{nonsense\n"], ["svsm", flow("flow-odd", 9, 9)]] + GOOD_END
        done = self.call("--kernel", "kernel", steps=steps)
        self.assertEqual(done.returncode, 0)
        self.assertIn("2 lines of its log make no sense", done.stderr)
        for kind, sent in (("updated", 2), ("closed", 1), ("attempted", 1)):
            self.assertIn(f"sent {sent} events '{kind}', 0 arrived", done.stderr)

    def test_a_burst_at_the_end(self):
        """More than a read takes, right before the machine ends."""
        burst = "".join(flow("flow-opened", n, n) for n in range(1, 3001))
        done = self.call("--kernel", "kernel", "--format", "json",
                         steps=[["svsm", burst + SUMMARY], ["kill", 9]])
        self.assertEqual(done.returncode, 4)
        *events, summary = map(json.loads, done.stdout.splitlines())
        self.assertEqual([e["event.sequence"] for e in events], list(range(1, 3001)))
        self.assertEqual(summary["opened"], 3000)

    def test_hostile_events(self):
        found = json.loads(FOUND)
        found["release"] = "\u001b[2Jx\u202e"
        bad = flow("flow-opened", 1, 1, remote="\u001b[2Jx\u202e")
        done = self.call("--kernel", "kernel",
                         steps=[["svsm", json.dumps(found) + "\n"], ["svsm", bad]] + GOOD_END)
        self.assertIn("\\x1b[2Jx", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("1 lines of its log make no sense", done.stderr)

    def test_logs(self):
        done = self.call("--kernel", "kernel", "--logs", "logs",
                         steps=FLOWS + [["console", "Linux\r\n"], ["stderr", "warning: x\n"]] + GOOD_END)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(Path("logs/console.log").read_bytes(), b"Linux\r\n")
        self.assertEqual(Path("logs/qemu.log").read_text(), "warning: x\n")
        self.assertEqual(Path("logs/tdxemu.log").read_text(), COUNTERS)
        self.assertEqual(Path("logs/svsm.log").read_text(),
                         "".join(text for _, text in FLOWS) + SUMMARY)

    def test_machine(self):
        """The command line: the TD's memory and its backing, and the configuration's digest."""
        blob = struct.pack("<QIIII40x", int.from_bytes(b"TRKTCFG1", "little"), 1, 64, 1, 250000)
        self.call("--kernel", "kernel", "--memory", "3G", "--period", "250ms", "--append", "a,b c",
                  "--qemu-arg", "-icount", "--qemu-arg", "shift=1", steps=GOOD_END)
        self.assertEqual(self.value("-netdev"), "user,id=net")
        self.assertEqual(self.value("-m"), f"{2048 + 1056 + 3072 + 96 + 48}M")
        self.assertEqual(self.value("-append"), "a,b c")
        self.assertEqual(self.value("-icount"), "shift=1")
        self.assertEqual(self.value("-fw_cfg", "name=opt/org.tdx-tracker/mrconfigid"),
                         "name=opt/org.tdx-tracker/mrconfigid,string=" +
                         hashlib.sha384(blob).hexdigest())
        self.assertEqual(self.value("-fw_cfg", "name=opt/org.tdx-tracker/td-memory"),
                         "name=opt/org.tdx-tracker/td-memory,string=3072")

    def test_no_network(self):
        self.call("--kernel", "kernel", "--network", "none", steps=GOOD_END)
        self.assertFalse([a for a in self.started()["arguments"] if "net" in a])

    def test_a_full_disk(self):
        self.script.write_text(json.dumps(FLOWS + GOOD_END))
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([self.tool, "run", "--kernel", "kernel"], stdout=full,
                                  stderr=subprocess.PIPE, env=self.environment, check=False)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (4, 1), done.stderr)

    def test_a_reader_that_goes_away(self):
        self.script.write_text(json.dumps(FLOWS + [["sleep"]]))
        with subprocess.Popen([self.tool, "run", "--kernel", "kernel"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment) as tool:
            tool.stdout.close()
            said = tool.stderr.read()
        self.assertEqual((tool.returncode, said), (-signal.SIGPIPE, b""))
        self.assertFalse(alive(self.started()["pid"]))


class Endings(Run):
    """Whatever ends it, nothing is left behind."""

    def interrupt(self, number, steps):
        self.script.write_text(json.dumps(steps))
        before = sorted(os.listdir())
        with subprocess.Popen([self.tool, "run", "--kernel", "kernel"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment, text=True) as tool:
            for _ in FLOWS[1:]:
                tool.stdout.readline()
            child = self.started()["pid"]
            tool.send_signal(number)
            try:
                said, errors = tool.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                os.kill(child, signal.SIGKILL)
                self.fail("it does not end")
        deadline = time.monotonic() + 60
        while alive(child) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(alive(child))
        self.assertEqual(sorted(os.listdir()), before)
        return tool.returncode, said, errors

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                status, said, errors = self.interrupt(number, FLOWS + [["sleep"]])
                self.assertEqual((status, errors), (128 + number, ""))
                self.assertEqual(said.splitlines()[-1].split(),
                                 ["1", "1", "1", "1", "-", "-", "-", "100", "ms", "-"])

    def test_a_stubborn_qemu(self):
        status, _, _ = self.interrupt(signal.SIGINT, FLOWS + [["stubborn"]])
        self.assertEqual(status, 130)

    def test_killed(self):
        status, _, _ = self.interrupt(signal.SIGKILL, FLOWS + [["sleep"]])
        self.assertEqual(status, -signal.SIGKILL)


class Terminal(Run):
    """On a pseudo-terminal."""

    def on_terminal(self, *args, steps, react=None):
        """Runs it to its end; returns (status, everything on the screen)."""
        self.script.write_text(json.dumps(list(steps)))
        pid, master = pty.fork()
        if pid == 0:
            os.execve(self.tool, [self.tool, "run", "--kernel", "kernel", *args], self.environment)
        said = b""
        while True:
            try:
                got = os.read(master, 65536)
            except OSError:
                break
            said += got
            if react and react[0] in said:
                os.write(master, react[1])
                react = None
        self.assertTrue(termios.tcgetattr(master)[3] & termios.ECHO, "the terminal is given back")
        os.close(master)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode(errors="replace")

    def test_console(self):
        status, screen = self.on_terminal(
            steps=[["console", "login: "], ["echo"]] + FLOWS + GOOD_END,
            react=(b"login: ", b"root\n"))
        self.assertEqual(status, 0, screen)
        self.assertIn("login: root", screen)
        self.assertNotIn("flow-opened", screen)
        self.assertEqual(screen.splitlines()[-1].split()[:5], ["1", "1", "1", "1", "12"])

    def test_ctrl_c(self):
        status, screen = self.on_terminal(steps=[["console", "busy"], ["sleep"]],
                                          react=(b"busy", b"\x03"))
        self.assertEqual(status, 130, screen)
        self.assertEqual(screen.splitlines()[-1].split()[:5], ["0", "0", "0", "0", "-"])
        self.assertFalse(alive(self.started()["pid"]))

    def test_live(self):
        status, screen = self.on_terminal("--live", steps=FLOWS + GOOD_END)
        self.assertEqual(status, 0, screen)
        self.assertIn(" in TIME_WAIT, ", screen)
        self.assertIn("10.0.2.15:41954", screen)
        self.assertEqual(screen.splitlines()[-1].split()[:5], ["1", "1", "1", "1", "12"])

    def test_live_without_a_terminal_type(self):
        self.environment["TERM"] = "bogus"
        status, screen = self.on_terminal("--live", steps=[["sleep"]])
        self.assertEqual(status, 4)
        self.assertIn("check TERM", screen)


if __name__ == "__main__":
    TOOL = os.path.abspath((sys.argv[1:] + [TOOL])[0])
    SUITE = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    RUNNER = unittest.TextTestRunner(resultclass=Tap, verbosity=0)
    sys.exit(0 if RUNNER.run(SUITE).wasSuccessful() else 1)
