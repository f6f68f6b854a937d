#!/usr/bin/env python3
"""tdx-tracker as a user meets it: what it refuses, in one line, with the right status and nothing
left behind; how its output ends; and that a million rows stream.

    user.py [TDX-TRACKER [MAKE-GUEST]]       default: those of build/

Prints one line a test, `ok NAME` or `not ok NAME`.
"""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tap import Tap  # noqa: E402

BUILD = Path(__file__).resolve().parents[2] / "build"
TOOL = BUILD / "tdx-tracker"
MAKE_GUEST = BUILD / "tests" / "image" / "make-guest"
MIB = 1 << 20
SEED = 20261122
MILLION = 1000000
HEAP_LIMIT = 64 * MIB

# First bytes of a file, and a word of the answer.
FORMATS = {
    b"KDUMP   ": "kdump",
    b"makedumpfile\0\0\0\0": "kdump",
    b"LibvirtQemudSave": "virsh dump",
    b"QEVM\0\0\0\3": "machine state",
    b"QFI\xfb": "qcow2",
    b"AVML": "avml-convert",
    b"\x1f\x8b\x08": "decompress",
    b"\x28\xb5\x2f\xfd": "decompress",
    b"\x7fELF\2\1\1": "ELF core",
    b"EMiL\1\0\0\0": "LiME dump",
}

USAGE = [
    [],
    ["bogus"],
    ["scan"],
    ["scan", "a", "b"],
    ["scan", "--bogus", "a"],
    ["scan", "--format"],
    ["scan", "--format", "xml", "a"],
    ["scan", "--format", "csv", "--counters", "a"],
    ["scan", "--below-4g", "5G", "a"],
    ["scan", "--below-4g", "1", "a"],
    ["scan", "--below-4g", "-1G", "a"],
]


class Refusals(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = Path(holder.name)
        os.chdir(self.dir)

    def refused(self, *args, status=3, says="", **options):
        """Runs the tool, which must refuse in one line that names the problem."""
        before = sorted(os.listdir())
        done = subprocess.run([TOOL, *args], stdout=options.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, timeout=60, **options)
        line = done.stderr.decode()
        self.assertEqual(done.returncode, status, line)
        self.assertFalse(done.stdout)
        self.assertTrue(line.startswith("tdx-tracker: ") and line.endswith("\n"), line)
        self.assertEqual(line.count("\n"), 1, line)
        self.assertTrue(line.isprintable() or line[:-1].isprintable(), line)
        self.assertIn(says, line)
        self.assertEqual(sorted(os.listdir()), before)

    def test_usage(self):
        for args in USAGE:
            with self.subTest(args=args):
                self.refused(*args, status=2)

    def test_what_is_not_a_file(self):
        os.mkfifo("fifo")
        for path, says in [("absent", "No such file"), (".", "directory"), ("fifo", "neither"),
                           ("/dev/null", "neither"), ("/dev/zero", "neither")]:
            with self.subTest(path=path):
                self.refused("scan", path, says=says)

    def test_formats(self):
        for magic, says in FORMATS.items():
            with self.subTest(magic=magic):
                Path("f").write_bytes(magic + bytes(3))
                self.refused("scan", "f", says=says)
                self.refused("scan", "--below-4g", "2G", "f", says="no Linux kernel")

    def test_small_files(self):
        Path("f").write_bytes(b"")
        self.refused("scan", "f", says="empty")
        for size in (1, 4095, 4096, 4097, MIB):
            Path("f").write_bytes(b"\xff" * size)
            self.refused("scan", "f", says="no Linux kernel")

    def test_random_bytes(self):
        Path("f").write_bytes(random.Random(SEED).randbytes(16 * MIB))
        self.refused("scan", "f", says="no Linux kernel")

    def test_a_hole_is_not_read(self):
        with open("f", "wb") as file:
            file.truncate(64 << 30)
        self.refused("scan", "f", says="no Linux kernel")
        self.assertLess(os.stat("f").st_blocks, 16)

    def test_hostile_name(self):
        name = "a\n\x1b[2Jb"
        Path(name).write_bytes(b"x")
        self.refused("scan", name, says="a\\x0a\\x1b[2Jb")

    def test_output_is_left_alone(self):
        Path("f").write_bytes(b"x")
        Path("o").write_text("before")
        self.refused("scan", "--output", "o", "f")
        self.assertEqual(Path("o").read_text(), "before")
        self.refused("scan", "--output", "f", "f", status=2, says="being read")
        self.refused("scan", "--output", ".", "f", status=2, says="directory")
        self.refused("scan", "--output", "absent/o", "f", status=4, says="No such file")

    def test_full_device(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            self.refused("--help", status=4, says="No space", stdout=full)
            self.refused("scan", "--help", status=4, says="No space", stdout=full)

    def test_a_signal_cleans_up(self):
        Path("f").write_bytes(b"\xff" * 256 * MIB)
        for number in (signal.SIGINT, signal.SIGTERM):
            # The tool gives way to us: the signal finds it at work also on a busy machine.
            with subprocess.Popen(["nice", "-n", "19", TOOL, "scan", "--output", "o", "f"],
                                  stderr=subprocess.PIPE) as tool:
                while not any(name.startswith(".o.") for name in os.listdir()):
                    self.assertIsNone(tool.poll())
                tool.send_signal(number)
                said = tool.stderr.read().decode()
            self.assertEqual(tool.returncode, 128 + number)
            self.assertTrue(said.startswith("interrupted: 0 sockets"), said)
            self.assertEqual(os.listdir(), ["f"])

    def test_a_file_that_shrinks(self):
        Path("f").write_bytes(b"\xff" * 256 * MIB)
        with subprocess.Popen(["nice", "-n", "19", TOOL, "scan", "--output", "o", "f"],
                              stderr=subprocess.PIPE) as tool:
            while not any(name.startswith(".o.") for name in os.listdir()):
                self.assertIsNone(tool.poll())
            os.truncate("f", MIB)
            said = tool.stderr.read().decode()
        self.assertEqual(tool.returncode, 3, said)
        self.assertIn("truncated while being read", said)
        self.assertEqual(os.listdir(), ["f"])


    def test_a_gib_of_noise(self):
        """Refused, whatever the machine is doing; how long it took is printed."""
        block = random.Random(SEED).randbytes(16 * MIB)
        with open("f", "wb") as file:
            for i in range(64):
                file.write(block[i:] + block[:i])
        start = time.monotonic()
        self.refused("scan", "f", says="no Linux kernel")
        print(f"# a GiB of random bytes: {time.monotonic() - start:.2f} s")

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_a_file_of_somebody_else(self):
        Path("f").write_bytes(b"x")
        os.chmod("f", 0)
        os.chmod(".", 0o755)
        tool = shutil.copy(TOOL, self.dir / "tool")
        done = subprocess.run([tool, "scan", "f"], user=65534, capture_output=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"Permission denied", done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1)


class Listings(unittest.TestCase):
    """On a synthetic guest of a few sockets, and on one of a million."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        os.chdir(holder.name)
        subprocess.run([MAKE_GUEST, "guest"], check=True)

    def scan(self, *args, **options):
        return subprocess.run([TOOL, "scan", *args], capture_output=True, text=True, check=True,
                              **options).stdout

    def test_formats_agree(self):
        rows = len(self.scan("--format", "csv", "guest").splitlines()) - 1
        records = [json.loads(line) for line in self.scan("--format", "json", "guest").splitlines()]
        self.assertGreater(rows, 40)
        self.assertEqual(len(records), rows)
        self.assertEqual(len(self.scan("guest").splitlines()), rows + 1)
        self.assertEqual([r["event.sequence"] for r in records], list(range(1, rows + 1)))

    def test_output(self):
        self.assertEqual(self.scan("--format", "csv", "--output", "list", "guest"), "")
        self.assertEqual(Path("list").read_text(), self.scan("--format", "csv", "guest"))
        self.assertEqual(sorted(os.listdir()), ["guest", "list"])

    def test_a_full_disk(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([TOOL, "scan", "--format", "csv", "guest"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (4, 1))

    def test_a_reader_that_goes_away(self):
        with subprocess.Popen([TOOL, "scan", "guest"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as tool:
            tool.stdout.close()
            said = tool.stderr.read()
        self.assertEqual((tool.returncode, said), (-signal.SIGPIPE, b""))

    def test_a_million_rows_stream(self):
        """In a heap that a tenth of the rows would not fit in."""
        roomy = shutil.disk_usage("/dev/shm").free > 8 << 30
        holder = tempfile.TemporaryDirectory(dir="/dev/shm" if roomy else None)
        self.addCleanup(holder.cleanup)
        million = Path(holder.name) / "million"
        subprocess.run([MAKE_GUEST, million, str(MILLION)], check=True)

        def limit():
            resource.setrlimit(resource.RLIMIT_DATA, (HEAP_LIMIT, HEAP_LIMIT))

        for name in ("csv", "json", "table"):
            start = time.monotonic()
            with subprocess.Popen([TOOL, "scan", "--format", name, "--no-owners", million],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  preexec_fn=limit) as tool:
                rows = sum(1 for _ in tool.stdout)
            self.assertEqual(tool.returncode, 0)
            self.assertGreaterEqual(rows, MILLION)
            print(f"# {rows} lines of {name}: {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    TOOL, MAKE_GUEST = (os.path.abspath(path) for path in
                        (sys.argv[1:] + [TOOL, MAKE_GUEST][len(sys.argv) - 1:]))
    SUITE = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    RUNNER = unittest.TextTestRunner(resultclass=Tap, verbosity=0)
    sys.exit(0 if RUNNER.run(SUITE).wasSuccessful() else 1)
