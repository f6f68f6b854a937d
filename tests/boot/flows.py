"""Flows that svsm lists, held against the load generator's own log.

The unit is the connection. A tuple that occurs again is another connection, so each is named by its
tuple and by how many times that has occurred; recorded, missed and invented are then intersections
and differences of sets. On localhost a connection has two endpoints, and either of them records it.
"""
import collections

Tuple = collections.namedtuple("Tuple", "local remote")
Result = collections.namedtuple("Result", "generated recorded missed invented")


def _end(address, port):
    """One end as svsm prints it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def read_truth(text):
    """The connections of a truth file of loadgen, in their order, as its writer saw them."""
    rows = [line.split(",") for line in text.decode().splitlines()[1:]]
    return [Tuple(_end(row[0], row[1]), _end(row[2], row[3])) for row in rows]


def _numbered(tuples):
    """Each with its number among its equals."""
    seen = collections.Counter()
    for item in tuples:
        seen[item] += 1
        yield item, seen[item]


def opened(events):
    """The tuples of the flows that were opened, in their order."""
    return [Tuple(e["l"], e["r"]) for e in events if e["event.action"] == "flow-opened"]


def compare(truth, events, server_port):
    """Holds the flows to or from `server_port` against `truth`, the log of the client."""
    made = set(_numbered(truth))
    mine = [t for t in opened(events) if t.remote.endswith(f":{server_port}")]
    served = [Tuple(t.remote, t.local) for t in opened(events)
              if t.local.endswith(f":{server_port}")]
    seen = set(_numbered(mine)) | set(_numbered(served))
    return Result(made, made & seen, made - seen, seen - made)


def counts(result):
    """The sizes, by name."""
    return {name: len(found) for name, found in result._asdict().items()}
