"""A kernel that was booted with the test initramfs, and the control channel to it: what guest.py
(a plain VM) and td.py (a TD) have in common.

The guest runs tests/guest/init, whose head describes the control channel. Nothing of what was
started is left behind, whatever ends us: it is killed when we leave the with block, and when we
die.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from job import Job
from qmp import Channel, ChannelError

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TDX_TRACKER_BUILD", ROOT / "build"))
PROGRAMS = BUILD / "tests" / "guest"
CACHE = Path(
    os.environ.get("TDX_TRACKER_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tdx-tracker"
)
PR_SET_PDEATHSIG = 1


class GuestError(Exception):
    """What went wrong with a guest, with the end of its console."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def child_options():
    """The parent of the kernel's notion is a thread: only the main one lives as long as we do."""
    main = threading.current_thread() is threading.main_thread()
    return {"preexec_fn": _die_with_parent} if main else {}


@contextlib.contextmanager
def sigterm_unwinds():
    """SIGTERM ends the program by an exception, so that with blocks clean up."""

    def unwind(number, _frame):
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, unwind)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Booted:
    """A running kernel. A subclass starts it in _start(), which sets `process` and `channel`; then
    commands can be run in it."""

    def __init__(self, flavour, append, programs, name):
        self.flavour, self.append = flavour, append
        self.programs, self.name = Path(programs), name or f"{flavour}-{os.getpid()}"
        self.log = BUILD / "logs" / f"{self.name}.log"
        self.process = self.channel = self.qmp = self.boot_seconds = None
        self.jobs = 0
        self.cleanup = contextlib.ExitStack()

    def __enter__(self):
        try:
            self.cleanup.enter_context(sigterm_unwinds())
            self._start()
            return self
        except ChannelError as error:
            failure = self.error(f"{self.flavour} does not boot: {error}")
            self.close()
            raise failure from error
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        """Ends it and removes its files; may be called again."""
        self.cleanup.close()

    def error(self, what):
        """The exception to raise: what, and the end of the console's log."""
        tail = self.log.read_text(errors="replace").splitlines()[-15:] if self.log.exists() else []
        return GuestError("\n".join([f"{what}; console in {self.log}, its end:"] + tail))

    def _kernel(self):
        kernel = CACHE / "kernels" / self.flavour / "vmlinuz"
        if not kernel.exists():
            raise GuestError(f"no kernel {self.flavour}: run scripts/fetch-kernels {self.flavour}")
        return kernel

    def _initramfs(self):
        image = BUILD / "guest" / f"{self.flavour}.cpio.gz"
        builder = ROOT / "tests" / "guest" / "build-initramfs"
        if subprocess.run([builder, self.flavour, self.programs, image]).returncode:
            raise GuestError(f"cannot build {image}: see the message above")
        return image

    def _channel(self, sock):
        """A channel to the process, closed with everything else."""
        channel = Channel(sock, self.process.pid)
        self.cleanup.callback(channel.close)
        return channel

    def _await_ready(self, start, seconds):
        """Waits until the guest takes commands."""
        while self.channel.read_line(start + seconds) != b"@@ready":
            pass
        self.boot_seconds = time.monotonic() - start

    def _kill(self):
        self.process.kill()
        self.process.wait()

    def run(self, command, timeout=120):
        """Runs one line of shell; returns (status, what it printed on stdout and stderr)."""
        if "\n" in command:
            raise ValueError("a command is one line")
        deadline = time.monotonic() + timeout
        try:
            self.channel.send(command.encode() + b"\n")
            length = self.channel.read_line(deadline).removeprefix(b"@@out ")
            output = self.channel.read(int(length), deadline)
            return int(self.channel.read_line(deadline).removeprefix(b"@@exit ")), output
        except (ChannelError, ValueError) as error:
            raise self.error(f"'{command}' in the guest: {error}") from error

    def check(self, command, timeout=120):
        """As run(), for a command that must succeed; returns what it printed."""
        status, output = self.run(command, timeout)
        if status:
            text = output.decode(errors="replace")
            raise self.error(f"'{command}' in the guest: status {status}: {text}")
        return output

    def spawn(self, command):
        """Starts a command that goes on by itself."""
        self.jobs += 1
        return Job(self, self.jobs, command)

    def stop(self):
        """Stops the virtual CPUs; they stand when this returns."""
        self.qmp.command("stop")

    def cont(self):
        self.qmp.command("cont")

    def power_off(self, timeout=120):
        """Has the guest power off, and waits for the machine's end."""
        self.channel.send(b"poweroff\n")
        try:
            if self.process.wait(timeout):
                raise self.error(f"it ended with status {self.process.returncode}")
        except subprocess.TimeoutExpired as error:
            raise self.error("the guest does not power off") from error
