/* When a scan is due, and how far apart scans were. Pure arithmetic on ticks of the TSC. */
#ifndef SVSM_TRACK_CLOCK_H
#define SVSM_TRACK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct track_clock {
    uint64_t period;
    uint64_t next; /* the deadline */
    uint64_t last; /* start of the last scan */
    uint64_t ran;  /* ticks that L2 ran since then */
    uint64_t scans;
    uint64_t longest_gap;    /* from the start of a scan to that of the next */
    uint64_t longest_gap_l2; /* the part of such a gap in which L2 ran */
};

/* Due at once. */
struct track_clock track_clock_of(uint64_t period, uint64_t now);

bool track_due(const struct track_clock *clock, uint64_t now);

/* L2 ran for so many ticks. */
void track_l2_ran(struct track_clock *clock, uint64_t ticks);

/* A scan begins. */
void track_scan_begun(struct track_clock *clock, uint64_t start);

/*
 * The scan has ended; L2 has stood still for the last `still` ticks. The next is due a period
 * after its start, but not before L2 had as long: with a short period, half of the time stays L2's.
 */
void track_scan_ended(struct track_clock *clock, uint64_t end, uint64_t still);

/* No scan has ended; due again after `wait`. */
void track_postpone(struct track_clock *clock, uint64_t now, uint64_t wait);

#endif
