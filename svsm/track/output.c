#include "track/output.h"

#include <stdbool.h>

#include "arch/print.h"
#include "base/bytes.h"
#include "console/channel.h"

enum {
    GATHERED_SIZE = 4096
};

static char gathered[GATHERED_SIZE];
static size_t count;
static bool has_console;

void track_output_start(void)
{
    has_console = channel_init();
}

static void hand_over(void)
{
    if (has_console)
        channel_write(gathered, count);
    else
        print_bytes(gathered, count);
    count = 0;
}

void track_write(const char *bytes, size_t length)
{
    while (length > 0) {
        size_t room = sizeof gathered - count;
        size_t part = length < room ? length : room;
        bytes_copy(gathered + count, bytes, part);
        count += part;
        bytes += part;
        length -= part;
        if (count == sizeof gathered)
            hand_over();
    }
}

void track_flush(void)
{
    if (count == 0)
        return;
    hand_over();
    if (has_console)
        channel_flush();
}

void track_finish(void)
{
    track_flush();
    if (has_console)
        channel_finish();
}

uint64_t track_lost(void)
{
    return has_console ? channel_lost() : 0;
}
