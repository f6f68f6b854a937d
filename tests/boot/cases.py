"""HTTP loads whose every connection is known, run in a TD and held against what svsm listed."""
import collections
import time

from flows import compare, read_truth
from guest import host_server

SERVER_PORT = 8080

# Name, where the server is, who closes first.
Case = collections.namedtuple("Case", "name external closer")

CASES = [
    Case("localhost, client closes first", False, "client"),
    Case("external, guest closes first", True, "client"),
    Case("external, peer closes first", True, "server"),
]

Outcome = collections.namedtuple("Outcome", "case result seconds")


def _load(guest, target, count, closer):
    """The requests; returns the truth of them and the events that came meanwhile."""
    before = len(guest.events())
    guest.check(f"rm -f /tmp/truth; loadgen client --connect {target} --count {count} "
                f"--close {closer} --truth /tmp/truth", timeout=600)
    guest.settle()
    return read_truth(guest.check("cat /tmp/truth")), guest.events()[before:]


def run_case(guest, case, count):
    """Runs one case of `count` requests, one connection each."""
    start = time.monotonic()
    if case.external:
        with host_server() as port:
            truth, events = _load(guest, f"10.0.2.2:{port}", count, case.closer)
    else:
        port = SERVER_PORT
        server = guest.spawn(f"loadgen serve --listen 127.0.0.1:{port}")
        server.wait_for("listening")
        truth, events = _load(guest, f"127.0.0.1:{port}", count, case.closer)
        server.end()
    return Outcome(case, compare(truth, events, port), time.monotonic() - start)
