#include "track/output.h"

#include "arch/print.h"
#include "base/bytes.h"

enum {
    GATHERED_SIZE = 4096
};

static char gathered[GATHERED_SIZE];
static size_t count;

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
            track_flush();
    }
}

void track_flush(void)
{
    print_bytes(gathered, count);
    count = 0;
}
