/*
 * What the tracker alone asks of svsm: a clock that moves as the test says, room, copies that can
 * fault, and a debug port that keeps what is written.
 */
#ifndef SVSM_FAKE_TRACKER_H
#define SVSM_FAKE_TRACKER_H

#include <stddef.h>
#include <stdint.h>

enum {
    FAKE_OUTPUT_SIZE = 1 << 20,
    FAKE_ROOMS_MAX = 16,
    FAKE_HZ = 1000000000
};

struct fake_tracker {
    uint64_t now;  /* TSC */
    uint64_t step; /* it moves on by so much whenever it is read */
    uint64_t room; /* bytes that memory_take has left */
    uint64_t taken;
    void *rooms[FAKE_ROOMS_MAX];
    size_t room_count;
    const unsigned char *fault_from, *fault_to; /* copies from here fault */
    char output[FAKE_OUTPUT_SIZE + 1];          /* NUL-terminated */
    size_t written;
};

extern struct fake_tracker fake_tracker;

/* Time 1000, steps of 1, plenty of room, no faults, nothing written. */
void fake_tracker_reset(void);

#endif
