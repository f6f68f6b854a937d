#include "watch.h"

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

void watch_begin(struct watch *watch, const char *task, uint64_t bytes)
{
    struct text text = text_in(watch->text, sizeof watch->text);

    watch->reads = 0;
    watch->shown = false;
    if (!isatty(STDERR_FILENO))
        return;
    watch->since = clock_ns();
    text_add(&text, "%s ", task);
    text_add_size(&text, bytes);
    text_add(&text, " ...");
}

void watch_end(struct watch *watch)
{
    if (watch->shown)
        fputs("\r\033[K", stderr);
    watch->shown = false;
    watch->text[0] = '\0';
}

static void look(struct watch *watch)
{
    watch->reads = 0;
    if (watch->text[0] == '\0' || watch->shown || clock_ns() - watch->since < PATIENCE_NS)
        return;
    fputs(watch->text, stderr);
    watch->shown = true;
}

static bool watched_read(void *context, struct gpa from, void *to, size_t length)
{
    const struct watched *watched = context;

    if (signals_pending() != 0 || mapping_lost())
        return false;
    if (++watched->watch->reads >= READS_PER_LOOK)
        look(watched->watch);
    return watched->memory.read(watched->memory.context, from, to, length);
}

struct guestmem watch_memory(struct watched *watched)
{
    return (struct guestmem){.read = watched_read,
                             .context = watched,
                             .ranges = watched->memory.ranges,
                             .range_count = watched->memory.range_count,
                             .end = watched->memory.end};
}
