"""Boots test guests from real kernels under QEMU, and runs commands in them.

    with host_server() as port, Guest("6.12-cloud") as guest:
        guest.check(f"loadgen client --connect 10.0.2.2:{port} --count 100 --truth /tmp/t")
        guest.stop(); ...read the file guest.ram...; guest.cont()

The guest's RAM is the file guest.ram, shared, and gone after the with block. The guest runs
tests/guest/init, whose head describes the control channel. In the guest, the host's 127.0.0.1 is
10.0.2.2 and its ::1 is fec0::2; the guest itself is 10.0.2.15 and fec0::15. Nothing of QEMU is
left behind, whatever ends us: it is killed when we leave the with block, and when we die.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from job import Job
from qmp import Channel, ChannelError, Qmp

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TDX_TRACKER_BUILD", ROOT / "build"))
PROGRAMS = BUILD / "tests" / "guest"
CACHE = Path(
    os.environ.get("TDX_TRACKER_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tdx-tracker"
)
BOOT_SECONDS = 180
PR_SET_PDEATHSIG = 1


class GuestError(Exception):
    """What went wrong with a guest, with the end of its console."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _child_options():
    """The parent of the kernel's notion is a thread: only the main one lives as long as we do."""
    main = threading.current_thread() is threading.main_thread()
    return {"preexec_fn": _die_with_parent} if main else {}


@contextlib.contextmanager
def _sigterm_unwinds():
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


@contextlib.contextmanager
def host_server(address="127.0.0.1", truth=None, programs=PROGRAMS):
    """Runs loadgen's server on the host's loopback; gives its port."""
    host = f"[{address}]" if ":" in address else address
    command = [Path(programs) / "loadgen", "serve", "--listen", f"{host}:0"]
    command += ["--truth", truth] if truth else []
    with _sigterm_unwinds():
        server = subprocess.Popen(command, stdout=subprocess.PIPE, **_child_options())
        try:
            words = server.stdout.readline().split()
            if words[:1] != [b"listening"]:
                raise GuestError("the host's loadgen does not serve: see its message above")
            yield int(words[1])
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


class Guest:
    """A running guest; see the head of this file. Memory is in MiB; ram_dir is where the RAM file
    goes, by default /dev/shm when it has room and the build directory when not. serial_control is
    for machines without virtio: the control channel is the second serial port, at 30 kB/s."""

    def __init__(self, flavour="6.12-cloud", *, memory=1024, cpus=2, cpu="max", machine="q35",
                 append="", ram_dir=None, programs=PROGRAMS, name=None, serial_control=False):
        self.flavour, self.memory, self.cpus, self.cpu = flavour, memory, cpus, cpu
        self.machine, self.append, self.ram_dir = machine, append, ram_dir
        self.programs, self.name = Path(programs), name or f"{flavour}-{os.getpid()}"
        self.log = BUILD / "logs" / f"{self.name}.log"
        self.ram = self.boot_seconds = self.process = self.channel = self.qmp = None
        self.serial_control, self.jobs = serial_control, 0
        self.cleanup = contextlib.ExitStack()

    def __enter__(self):
        try:
            self.cleanup.enter_context(_sigterm_unwinds())
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
        """Ends QEMU and removes the RAM file; may be called again."""
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

    def _make_ram(self):
        shm = Path("/dev/shm")
        size = self.memory << 20
        roomy = shm.is_dir() and shutil.disk_usage(shm).free > size + size // 4
        where = Path(self.ram_dir) if self.ram_dir else shm if roomy else BUILD / "run"
        where.mkdir(parents=True, exist_ok=True)
        for stale in where.glob("tdx-tracker.*.*"):
            # Left by a process that was killed: the name tells which.
            if not Path("/proc", stale.name.split(".")[1]).exists():
                shutil.rmtree(stale, ignore_errors=True)
        directory = tempfile.mkdtemp(prefix=f"tdx-tracker.{os.getpid()}.", dir=where)
        self.cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
        self.ram = Path(directory) / "ram"

    def _command(self, control, qmp):
        backend = f"memory-backend-file,id=ram,size={self.memory}M,mem-path={self.ram},share=on"
        port = ["-device", "virtio-serial-pci", "-device",
                "virtserialport,chardev=control,name=control"]
        append = f"console=ttyS0 panic=-1 quiet {self.append}".strip()
        return ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot",
                "-display", "none", "-machine", f"{self.machine},memory-backend=ram",
                "-accel", "tcg,thread=multi", "-cpu", self.cpu, "-smp", str(self.cpus),
                "-m", f"{self.memory}M", "-object", backend,
                "-kernel", self._kernel(), "-initrd", self._initramfs(), "-append", append,
                "-chardev", f"file,id=console,path={self.log}", "-serial", "chardev:console",
                "-chardev", f"socket,id=control,fd={control}",
                *(["-serial", "chardev:control"] if self.serial_control else port),
                "-chardev", f"socket,id=qmp,fd={qmp}", "-mon", "chardev=qmp,mode=control",
                "-netdev", "user,id=net,restrict=off",
                "-device", "virtio-net-pci,netdev=net,romfile="]

    def _start(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        self._make_ram()
        control, control_far = socket.socketpair()
        qmp, qmp_far = socket.socketpair()
        with control_far, qmp_far:
            far = [control_far.fileno(), qmp_far.fileno()]
            command = self._command(*far)
            start = time.monotonic()
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(command, pass_fds=far, stdin=subprocess.DEVNULL,
                                                stdout=log, stderr=log, **_child_options())
        self.cleanup.callback(self._kill)
        self.channel = Channel(control, self.process.pid)
        self.cleanup.callback(self.channel.close)
        qmp_channel = Channel(qmp, self.process.pid)
        self.cleanup.callback(qmp_channel.close)
        self.qmp = Qmp(qmp_channel)
        while self.channel.read_line(start + BOOT_SECONDS) != b"@@ready":
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

    def dump_elf(self, path):
        """Writes the guest's memory as an ELF core."""
        self.qmp.events.clear()
        self.qmp.command("dump-guest-memory", paging=False, detach=True,
                         protocol=f"file:{Path(path).resolve()}")
        result = self.qmp.wait_event("DUMP_COMPLETED")["result"]
        if result["status"] != "completed":
            raise self.error(f"dump to {path}: {result['status']}")

    def power_off(self, timeout=120):
        """Has the guest power off, and waits for QEMU's end."""
        self.channel.send(b"poweroff\n")
        try:
            if self.process.wait(timeout):
                raise self.error(f"QEMU ended with status {self.process.returncode}")
        except subprocess.TimeoutExpired as error:
            raise self.error("the guest does not power off") from error
