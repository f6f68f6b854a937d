/*
 * The last lines of a scan, on standard error: what was seen and how long it took, and, in every
 * format, what may be missing from the list.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "walk.h"

struct summary {
    const char *path;
    const char *release;
    uint64_t attach_ns;
    bool interrupted;
    const struct tally *tally;
};

/* "212 sockets, 2 namespaces, Linux 6.1.0, discovery 14 ms, walk 0.7 ms". */
void summary_print(const struct summary *summary);

/* One line for each kind of loss; nothing when nothing was lost. */
void summary_warn(const struct summary *summary);

#endif
