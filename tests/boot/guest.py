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
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from booted import (BUILD, PROGRAMS, ROOT, Booted, GuestError, child_options,  # noqa: F401
                    sigterm_unwinds)
from qmp import Qmp

BOOT_SECONDS = 180


@contextlib.contextmanager
def host_server(address="127.0.0.1", truth=None, programs=PROGRAMS):
    """Runs loadgen's server on the host's loopback; gives its port."""
    host = f"[{address}]" if ":" in address else address
    command = [Path(programs) / "loadgen", "serve", "--listen", f"{host}:0"]
    command += ["--truth", truth] if truth else []
    with sigterm_unwinds():
        server = subprocess.Popen(command, stdout=subprocess.PIPE, **child_options())
        try:
            words = server.stdout.readline().split()
            if words[:1] != [b"listening"]:
                raise GuestError("the host's loadgen does not serve: see its message above")
            yield int(words[1])
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


class Guest(Booted):
    """A running guest; see the head of this file. Memory is in MiB; ram_dir is where the RAM file
    goes, by default /dev/shm when it has room and the build directory when not. serial_control is
    for machines without virtio: the control channel is the second serial port, at 30 kB/s."""

    def __init__(self, flavour="6.12-cloud", *, memory=1024, cpus=2, cpu="max", machine="q35",
                 append="", ram_dir=None, programs=PROGRAMS, name=None, serial_control=False):
        super().__init__(flavour, append, programs, name)
        self.memory, self.cpus, self.cpu, self.machine = memory, cpus, cpu, machine
        self.ram_dir, self.serial_control = ram_dir, serial_control
        self.ram = None

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
                                                stdout=log, stderr=log, **child_options())
        self.cleanup.callback(self._kill)
        self.channel = self._channel(control)
        self.qmp = Qmp(self._channel(qmp))
        self._await_ready(start, BOOT_SECONDS)

    def dump_elf(self, path):
        """Writes the guest's memory as an ELF core."""
        self.qmp.events.clear()
        self.qmp.command("dump-guest-memory", paging=False, detach=True,
                         protocol=f"file:{Path(path).resolve()}")
        result = self.qmp.wait_event("DUMP_COMPLETED")["result"]
        if result["status"] != "completed":
            raise self.error(f"dump to {path}: {result['status']}")
