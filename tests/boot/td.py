"""Boots a kernel as L2 of an emulated TD by `tdx-tracker run`, and runs commands in it.

    with TdGuest(period="100ms") as guest:
        guest.check("loadgen client ...")
        guest.settle()              every event of what has happened by now has arrived
        guest.events()              flow events so far, as svsm's objects
        guest.power_off()
    guest.summary                   the last object of `run --format json`

The machine is the one of `tdx-tracker run` and nothing else: only the control channel is added,
and what is asked for in qemu_args. Logs are in build/logs/NAME.
"""

import contextlib
import json
import socket
import subprocess
import time
from pathlib import Path

from booted import BUILD, PROGRAMS, Booted, child_options
from flows import read_truth
from qmp import ChannelError, Qmp

TRACKER = BUILD / "tdx-tracker"
BOOT_SECONDS = 300
MARKER_PORT = 9


class TdGuest(Booted):
    """A running TD; see the head of this file. Memory is in MiB."""

    def __init__(self, flavour="6.12-cloud", *, memory=1024, period="100ms", track="on", append="",
                 programs=PROGRAMS, name=None, qemu_args=(), network=True, qmp=False):
        super().__init__(flavour, append, programs, name or f"td-{flavour}")
        self.memory, self.period, self.track = memory, period, track
        self.qemu_args, self.network, self.wants_qmp = qemu_args, network, qmp
        self.logs = BUILD / "logs" / self.name
        self.log = self.logs / "console.log"
        self.said, self.errors = self.logs / "run.json", self.logs / "run.err"
        self.summary, self.markers = None, 0

    def command(self, *qemu_args):
        """The command line of `run`, with further arguments of QEMU."""
        append = f"console=hvc0 panic=-1 quiet {self.append}".strip()
        return [TRACKER, "run", "--kernel", self._kernel(), "--initrd", self._initramfs(),
                "--append", append, "--memory", f"{self.memory}M", "--period", self.period,
                "--track", self.track, "--network", "user" if self.network else "none",
                "--format", "json", "--logs", self.logs,
                *(word for argument in (*self.qemu_args, *qemu_args)
                  for word in ("--qemu-arg", argument))]

    def _start(self):
        self.logs.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        with contextlib.ExitStack() as far:
            control, control_far = self._pair(far)
            words = ["-chardev", f"socket,id=control,fd={control_far}",
                     "-device", "virtserialport,bus=serial.0,chardev=control,name=control"]
            files = [control_far]
            if self.wants_qmp:
                qmp, qmp_far = self._pair(far)
                words += ["-chardev", f"socket,id=qmp,fd={qmp_far}",
                          "-mon", "chardev=qmp,mode=control"]
                files.append(qmp_far)
            start = time.monotonic()
            self._launch(self.command(*words), files)
        self.channel = self._channel(control)
        if self.wants_qmp:
            self.qmp = Qmp(self._channel(qmp))
        self._await_ready(start, BOOT_SECONDS)

    @staticmethod
    def _pair(far_ends):
        """A socket, and the descriptor of its far end, which is closed with far_ends."""
        near, far = socket.socketpair()
        return near, far_ends.enter_context(far).fileno()

    def _launch(self, command, files):
        with open(self.said, "wb") as said, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(command, pass_fds=files, stdin=subprocess.DEVNULL,
                                            stdout=said, stderr=errors, **child_options())
        self.cleanup.callback(self._kill)

    def error(self, what):
        said = self.errors.read_text(errors="replace").strip() if self.errors.exists() else ""
        return super().error(f"{what}{'; ' if said else ''}{said}")

    def objects(self):
        """What `run` has printed so far."""
        lines = self.said.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def events(self):
        """The flow events so far, in their order."""
        return [o for o in self.objects() if o["event.action"].startswith("flow-")]

    def _mark(self):
        """Makes one connection that no scan can overlook, and waits until it has been listed."""
        if not self.markers:
            self.spawn(f"loadgen serve --listen 127.0.0.1:{MARKER_PORT}").wait_for("listening")
        self.markers += 1
        self.check(f"rm -f /tmp/marker; loadgen client --connect 127.0.0.1:{MARKER_PORT} "
                   "--close client --truth /tmp/marker")
        marker = read_truth(self.check("cat /tmp/marker"))[0]
        deadline = time.monotonic() + 120
        while marker.local not in [e[side] for e in self.events() for side in ("l", "r")]:
            if time.monotonic() > deadline:
                raise self.error(f"svsm does not list the marker connection {marker}")
            if self.process.poll() is not None:
                raise ChannelError("QEMU has ended")
            time.sleep(0.05)

    def settle(self):
        """Returns when all events of what has happened by now are in events(). The first marker
        is seen by a scan that began after it all; the second when that scan is complete."""
        self._mark()
        self._mark()

    def power_off(self, timeout=120):
        super().power_off(timeout)
        self.summary = self.objects()[-1]
