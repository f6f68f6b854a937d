#!/usr/bin/env python3
"""Stands in for qemu-system-x86_64 in the tests of `tdx-tracker run`: says on the channels that it
was started with what a script tells it to, without any machine.

The script is the JSON file that FAKE_QEMU names, a list of steps:
    ["svsm", TEXT], ["tdxemu", TEXT], ["console", TEXT], ["stderr", TEXT]   say it
    ["sleep"]       wait for ever; SIGTERM ends it
    ["stubborn"]    the same, but not even SIGTERM does
    ["echo"]        give back on the console what is typed, up to a line end
    ["exit", N]     end with that status; without it the status is 0
    ["kill", N]     end by that signal
Its own pid and arguments go to the file FAKE_QEMU + ".started", as JSON.
"""
import json
import os
import signal
import socket
import sys
import time

DEVICES = {"isa-debugcon,iobase=0x402,chardev=": "svsm", "isa-debugcon,iobase=0xe9,chardev=": "tdxemu",
           "virtconsole,bus=serial.0,chardev=": "console"}


def channels(arguments):
    """The sockets by what is at their other end."""
    files = {}
    for value in arguments:
        if value.startswith("socket,id="):
            fields = dict(field.split("=") for field in value.split(",")[1:])
            files[fields["id"]] = socket.socket(fileno=int(fields["fd"]))
    return {name: files[value.removeprefix(device)] for value in arguments
            for device, name in DEVICES.items() if value.startswith(device)}


def perform(step, said):
    what, *rest = step
    if what in said:
        said[what].sendall(rest[0].encode("latin-1"))
    elif what == "stderr":
        sys.stderr.write(rest[0])
        sys.stderr.flush()
    elif what == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    elif what == "sleep":
        time.sleep(1000)
    elif what == "echo":
        while not (got := said["console"].recv(256)).endswith(b"\n"):
            said["console"].sendall(got)
        said["console"].sendall(got)
    elif what == "kill":
        os.kill(os.getpid(), rest[0])
    elif what == "exit":
        sys.exit(rest[0])


def main():
    script = os.environ["FAKE_QEMU"]
    said = channels(sys.argv)
    with open(script + ".started", "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "arguments": sys.argv}, file)
    with open(script, encoding="utf-8") as file:
        for step in json.load(file):
            perform(step, said)


main()
