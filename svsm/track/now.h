/* The clock, as a function that the unit tests replace. */
#ifndef SVSM_TRACK_NOW_H
#define SVSM_TRACK_NOW_H

#include <stdint.h>

/* TSC. */
uint64_t track_now(void);

/* A number that L2 cannot guess. */
uint64_t track_random(void);

#endif
