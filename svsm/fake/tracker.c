#include "fake/tracker.h"

#include <stdlib.h>
#include <string.h>

#include "arch/copy.h"
#include "arch/print.h"
#include "arch/tsc.h"
#include "mem/memory.h"
#include "track/now.h"

struct fake_tracker fake_tracker;

void fake_tracker_reset(void)
{
    for (size_t i = 0; i < fake_tracker.room_count; i++)
        free(fake_tracker.rooms[i]);
    memset(&fake_tracker, 0, sizeof fake_tracker);
    fake_tracker.now = 1000;
    fake_tracker.step = 1;
    fake_tracker.room = 64 << 20;
}

void *memory_take(uint64_t bytes)
{
    if (bytes > fake_tracker.room || fake_tracker.room_count == FAKE_ROOMS_MAX)
        return NULL;
    fake_tracker.room -= bytes;
    fake_tracker.taken += bytes;
    return fake_tracker.rooms[fake_tracker.room_count++] = calloc(1, bytes);
}

bool copy_guarded(void *to, const void *from, size_t length)
{
    const unsigned char *bytes = from;
    if (bytes < fake_tracker.fault_to && bytes + length > fake_tracker.fault_from)
        return false;
    memcpy(to, from, length);
    return true;
}

void print_bytes(const char *bytes, size_t length)
{
    size_t left = FAKE_OUTPUT_SIZE - fake_tracker.written;
    size_t part = length < left ? length : left;
    memcpy(fake_tracker.output + fake_tracker.written, bytes, part);
    fake_tracker.written += part;
}

uint64_t track_now(void)
{
    fake_tracker.now += fake_tracker.step;
    return fake_tracker.now;
}

uint64_t track_random(void)
{
    return 0x5eed;
}

uint64_t tsc_hz(void)
{
    return FAKE_HZ;
}

uint64_t tsc_of_us(uint64_t microseconds)
{
    return microseconds * (FAKE_HZ / 1000000);
}
