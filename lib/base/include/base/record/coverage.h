/*
 * The coverage account of one namespace, or of all of them: what the kernel counted by itself since
 * tracking began, against what was recorded. docs/architecture.md, "The coverage account", derives
 * each term and says which are exact.
 *
 * The unit is the endpoint: a connection on localhost has two. An excess is the kernel's number
 * less ours: 0 where two witnesses agree. The residue is never "missed": what was missed is known
 * only where there is a list of what happened.
 */
#ifndef BASE_RECORD_COVERAGE_H
#define BASE_RECORD_COVERAGE_H

#include "base/record/counters.h"

struct coverage_record {
    uint32_t netns;      /* inode number; 0: the sum */
    uint32_t namespaces; /* in it, that are there now */
    uint32_t vanished;   /* in it, that are gone: as of the last walk that saw them */
    uint32_t untracked;  /* of the sum: namespaces there now that it leaves out for want of room */
    uint64_t anomalies; /* counters that went backwards or leapt: what they said then is left out */
    bool complete;      /* the last walk saw all there was */
    bool still;         /* and the guest stood still during it: levels are exact then */
    bool lower_bound;   /* the kernel has counted more than is in here */
    bool has_opened;    /* opened, residue, untraced and unexplained are known */

    struct counters since; /* growth since tracking began; levels as of the last walk */

    uint64_t baseline;   /* flows that were there when tracking began, and are no opens */
    uint64_t opened;     /* ActiveOpens + PassiveOpens */
    uint64_t recorded;   /* flows opened */
    uint64_t attempted;  /* flows attempted, requests included */
    uint64_t failed;     /* AttemptFails, or attempts recorded in SYN_SENT if these are more */
    int64_t connecting;  /* sockets between SYN_SENT and ESTABLISHED: now, less at the start */
    int64_t residue;     /* opened - recorded - failed - connecting */
    uint64_t untraced;   /* of it: came and went between two walks, and left no TIME_WAIT */
    int64_t unexplained; /* the rest of it */

    uint64_t established; /* sockets in ESTABLISHED or CLOSE_WAIT, last walk */
    int64_t established_excess;
    uint64_t waiting; /* time-wait sockets, last walk */
    int64_t waiting_excess;
    uint64_t reached; /* flows that became time-wait sockets */
    int64_t reached_excess;
    uint64_t closed;     /* flows closed */
    int64_t open_excess; /* sockets past their handshake in the last walk, less open flows */

    uint64_t udp;         /* datagrams in and out, those nobody took included */
    uint64_t icmp;        /* messages in and out */
    uint64_t raw_sockets; /* now */
    int64_t other_in;     /* IP datagrams delivered that TCP, UDP and ICMP have not counted */
    uint64_t octets_in;   /* of IP, headers included */
    uint64_t octets_out;
    uint64_t payload_in; /* of TCP, as far as it is known of flows closed: no more than that is */
    uint64_t payload_out;
};

#endif
