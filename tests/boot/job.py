"""Commands that go on by themselves in a guest."""

import shlex
import signal


class Job:
    """A command that runs in the guest by itself, in a process group of its own."""

    def __init__(self, guest, number, command):
        self.guest = guest
        self.output = f"/run/job.{number}"
        inner = f"trap : TERM INT; ( {command} ) >{self.output} 2>&1; echo $? >{self.output}.end"
        start = f"setsid sh -c {shlex.quote(inner)} & echo $!"
        self.group = int(guest.check(f": >{self.output}; {start}"))

    def _await(self, condition, timeout):
        """The loop ends by what happens: the condition, or the end of the job."""
        loop = f"until {condition} || [ -s {self.output}.end ]; do sleep 0.05; done"
        self.guest.check(loop, timeout)

    def wait_for(self, text, timeout=120):
        """Waits until the job has printed text, and returns all it printed until then."""
        found = f"grep -qF -e {shlex.quote(text)} {self.output}"
        self._await(found, timeout)
        status, printed = self.guest.run(f"cat {self.output}; {found}")
        if status:
            raise self.guest.error(f"a job ended without saying '{text}': {printed.decode()}")
        return printed

    def wait(self, timeout=600):
        """Waits for the end; returns (status, what it printed)."""
        self._await("false", timeout)
        status = int(self.guest.check(f"cat {self.output}.end"))
        return status, self.guest.check(f"cat {self.output}")

    def end(self, number=signal.SIGTERM, timeout=120):
        """Sends a signal to all of it, and waits."""
        self.guest.check(f"kill -{int(number)} -{self.group}")
        return self.wait(timeout)
