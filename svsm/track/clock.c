#include "track/clock.h"

/* The end of time stands for never. */
static uint64_t later(uint64_t from, uint64_t ticks)
{
    uint64_t sum;
    return __builtin_add_overflow(from, ticks, &sum) ? UINT64_MAX : sum;
}

static uint64_t more(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

struct track_clock track_clock_of(uint64_t period, uint64_t now)
{
    return (struct track_clock){.period = period, .next = now};
}

bool track_due(const struct track_clock *clock, uint64_t now)
{
    return now >= clock->next;
}

void track_l2_ran(struct track_clock *clock, uint64_t ticks)
{
    clock->ran = later(clock->ran, ticks);
}

void track_scan_begun(struct track_clock *clock, uint64_t start)
{
    if (clock->scans > 0) {
        clock->longest_gap = more(clock->longest_gap, start - clock->last);
        clock->longest_gap_l2 = more(clock->longest_gap_l2, clock->ran);
    }
    clock->scans++;
    clock->last = start;
    clock->ran = 0;
}

void track_scan_ended(struct track_clock *clock, uint64_t end, uint64_t still)
{
    clock->next = more(later(clock->last, clock->period), later(end, still));
}

void track_postpone(struct track_clock *clock, uint64_t now, uint64_t wait)
{
    clock->next = later(now, wait);
}
