/*
 * Room and work of the tracker: every bound in one place, constants all, none of them a number
 * from L2. Units: base/budget.h. All room together is below 13 MiB.
 */
#ifndef SVSM_TRACK_POLICY_H
#define SVSM_TRACK_POLICY_H

/*
 * Endpoints that can be open, connecting or in TIME_WAIT at a time (164 bytes each); listeners that
 * tell who opened a connection (72 bytes each); cgroups with connections (272 bytes each): more are
 * counted.
 */
#define TRACK_FLOWS (1U << 16)
enum {
    TRACK_LISTENERS = 1024,
    TRACK_CGROUPS = 256
};

/* Walks after which the counters of a connection that stays as it is are read again. */
enum {
    TRACK_REFRESH = 64
};

/* Network namespaces; records of one hash bucket, longer chains are handed out in parts. */
enum {
    TRACK_NAMESPACES = 1024,
    TRACK_CHAIN = 1024
};

/*
 * How long L2 stands still for a scan at most: a longer one is cut into slices, between which L2
 * runs as long. A slice ends with a page of buckets, so it may last a little longer.
 */
enum {
    TRACK_SLICE_US = 1000
};

/* One attempt to find the kernel: Debian's take 25,000, most of them pages of read-only data. */
#define TRACK_ATTEMPT_UNITS (1U << 18)

/* One walk: 65,536 sockets of at most ten reads each, and the buckets. */
#define TRACK_WALK_UNITS (1U << 20)

/*
 * Attempts to find the kernel take at most a tenth of the time: the next comes after nine times
 * what the last one took, and not before this fraction of a second.
 */
enum {
    TRACK_ATTEMPT_REST = 9,
    TRACK_ATTEMPT_RATE = 100
};

#endif
