"""Talking to a QEMU that we started: byte channels with deadlines, and the machine protocol."""

import json
import os
import select
import time


class ChannelError(Exception):
    """The other side is gone, late, or says something else than expected."""


class Channel:
    """A stream socket to a process, read by lines or by length. Reading ends with an exception at
    the deadline (of time.monotonic()), and when the process has ended and all it said was read."""

    def __init__(self, sock, pid):
        self.sock = sock
        self.pidfd = os.pidfd_open(pid)
        self.buffer = b""

    def close(self):
        self.sock.close()
        os.close(self.pidfd)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise ChannelError(f"QEMU does not take what is sent: {error}") from error

    def _more(self, deadline):
        left = deadline - time.monotonic()
        ready = select.select([self.sock, self.pidfd], [], [], max(0, left))[0]
        if not ready:
            raise ChannelError("no answer in time")
        try:
            data = self.sock.recv(1 << 16) if self.sock in ready else b""
        except ConnectionError:
            data = b""
        if not data:
            raise ChannelError("QEMU has ended")
        self.buffer += data

    def read(self, length, deadline):
        while len(self.buffer) < length:
            self._more(deadline)
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def read_line(self, deadline):
        while b"\n" not in self.buffer:
            self._more(deadline)
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line


class Qmp:
    """QEMU's machine protocol on a channel."""

    def __init__(self, channel, timeout=60):
        self.channel = channel
        self.events = []
        if "QMP" not in self._read(time.monotonic() + timeout):
            raise ChannelError("this is not QMP")
        self.command("qmp_capabilities")

    def _read(self, deadline):
        return json.loads(self.channel.read_line(deadline))

    def command(self, name, timeout=60, **arguments):
        """Returns the answer; events that come before it are kept."""
        deadline = time.monotonic() + timeout
        self.channel.send(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
        while True:
            message = self._read(deadline)
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise ChannelError(f"QMP {name}: {message['error']['desc']}")
            else:
                return message["return"]

    def wait_event(self, name, timeout=600):
        """Returns the data of the first event of that name, and forgets what came before it."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.events.pop(0) if self.events else self._read(deadline)
            if message.get("event") == name:
                return message.get("data", {})
