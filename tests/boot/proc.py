"""The guest's own view, as tests/guest/report prints it, in the terms of a scan's JSON lines."""
import collections
import ipaddress
import json
import struct

# The numbers of /proc/net/tcp, by OpenTelemetry's names.
STATES = dict(enumerate("established syn_sent syn_received fin_wait_1 fin_wait_2 time_wait closed "
                        "close_wait last_ack listen closing".split(), 1))

Entry = collections.namedtuple('Entry', 'netns local lport remote rport state uid inode')


def _address(text):
    """A hexadecimal address of /proc: words of the host's byte order."""
    words = struct.pack(f'={len(text) // 8}I', *(int(text[i:i + 8], 16)
                                                 for i in range(0, len(text), 8)))
    address = ipaddress.ip_address(words)
    mapped = getattr(address, 'ipv4_mapped', None)
    return str(mapped or address)


def _end(text):
    address, port = text.split(':')
    return _address(address), int(port, 16)


def _entry(netns, line):
    words = line.split()
    local, lport = _end(words[1])
    remote, rport = _end(words[2])
    state = STATES[int(words[3], 16)]
    if state == 'listen':
        remote = None
    return Entry(netns, local, lport, remote, rport, state, int(words[7]), int(words[9]))


def _pairs(lines, group):
    """Counters of snmp or netstat: a line of names, then one of values."""
    rows = [line.split() for line in lines if line.startswith(group + ':')]
    return dict(zip(rows[0][1:], map(int, rows[1][1:]))) if len(rows) == 2 else {}


class Report:
    """entries: a Counter of Entry; owners: inode -> [(pid, fd, uid, comm, cgroup)];
    counters: netns -> {name: value}."""

    def __init__(self, text):
        self.entries = collections.Counter()
        self.owners = collections.defaultdict(list)
        self.counters = collections.defaultdict(dict)
        section, lines = None, []
        for line in text.decode().splitlines() + ['@end']:
            if not line.startswith('@'):
                lines.append(line)
                continue
            self._take(section, lines)
            section, lines = line.split(), []

    def _take(self, section, lines):
        if section is None or section[0] not in ('@ns', '@owners'):
            return
        if section[0] == '@owners':
            for inode, pid, fd, uid, comm, cgroup in map(str.split, lines):
                self.owners[int(inode)].append((int(pid), int(fd), int(uid), comm, cgroup))
        elif section[5] in ('tcp', 'tcp6'):
            self.entries.update(_entry(int(section[1]), line) for line in lines[1:])
        elif section[5] == 'snmp':
            self.counters[int(section[1])].update(_pairs(lines, 'Tcp'))
        elif section[5] == 'netstat':
            self.counters[int(section[1])].update(_pairs(lines, 'TcpExt'))


def entry_of(record):
    """A scan's JSON object as an Entry; what the guest shows as 0 is absent there."""
    near = record['tracker.endpoint']
    far = 'destination' if near == 'source' else 'source'
    return Entry(record['tracker.netns'], record[near + '.ip'], record[near + '.port'],
                 record.get(far + '.ip'), record.get(far + '.port', 0),
                 record['network.connection.state'], int(record.get('user.id', 0)),
                 record.get('tracker.inode', 0))


def load(text):
    """The flow records of a scan's output."""
    records = [json.loads(line) for line in text.splitlines()]
    return [record for record in records if record['event.action'] == 'flow-seen']
