#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "mapping.h"
#include "signals.h"
#include "text.h"

enum {
    READS_PER_LOOK = 4096
};

#define PATIENCE_NS 1000000000U

void progress_begin(struct progress *progress, const char *task, uint64_t bytes)
{
    struct text text = text_in(progress->text, sizeof progress->text);

    progress->reads = 0;
    progress->shown = false;
    if (!isatty(STDERR_FILENO))
        return;
    progress->since = clock_ns();
    text_add(&text, "%s ", task);
    text_add_size(&text, bytes);
    text_add(&text, " ...");
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
    progress->text[0] = '\0';
}

static void look(struct progress *progress)
{
    progress->reads = 0;
    if (progress->text[0] == '\0' || progress->shown || clock_ns() - progress->since < PATIENCE_NS)
        return;
    fputs(progress->text, stderr);
    progress->shown = true;
}

static bool attended_read(void *context, struct gpa from, void *to, size_t length)
{
    const struct progress_memory *attended = context;

    if (signals_pending() != 0 || mapping_lost())
        return false;
    if (++attended->progress->reads >= READS_PER_LOOK)
        look(attended->progress);
    return attended->memory.read(attended->memory.context, from, to, length);
}

struct guestmem progress_memory_of(struct progress_memory *attended)
{
    return (struct guestmem){.read = attended_read,
                             .context = attended,
                             .ranges = attended->memory.ranges,
                             .range_count = attended->memory.range_count,
                             .end = attended->memory.end};
}
