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


def _tables(lines):
    """Counters of snmp or netstat: for each group a line of names, then one of values. TCP's have
    their bare names, the others that of their group before it."""
    rows = [line.split() for line in lines]
    for names, values in zip(rows[::2], rows[1::2]):
        group = names[0].rstrip(':').replace('TcpExt', '').replace('Tcp', '')
        yield from ((group + name, int(value)) for name, value in zip(names[1:], values[1:]))


def _levels(lines):
    """sockstat: `TCP: inuse 3 orphan 0 ...` gives TCPinuse and so on."""
    for group, *words in map(str.split, lines):
        yield from ((group.rstrip(':') + name, int(value))
                    for name, value in zip(words[::2], words[1::2]))


# Files of counters, and what reads them.
COUNTERS = {
    'snmp': _tables, 'netstat': _tables, 'sockstat': _levels, 'sockstat6': _levels,
    'snmp6': lambda lines: ((name, int(value)) for name, value in map(str.split, lines)),
}


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
        elif section[5] in COUNTERS:
            self.counters[int(section[1])].update(COUNTERS[section[5]](lines))


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
