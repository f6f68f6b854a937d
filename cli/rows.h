/*
 * Where rows go: a table, JSON lines or CSV, behind one interface. Rows leave as they come, so
 * a listing of any length takes the same memory.
 *
 * A false from any of these means that the stream has failed, or memory has run out.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <stdio.h>
#include <time.h>

#include "flow/direction.h"
#include "tcp/scan.h"

/* Counters of network namespaces. */
struct coverage {
    const struct tcp_namespace *namespaces;
    size_t count;
    struct timespec seen;
};

struct rows {
    bool (*flow)(struct rows *rows, const struct flow *flow, const struct timespec *seen);
    bool (*coverage)(struct rows *rows, const struct coverage *coverage); /* NULL: not offered */
    bool (*flush)(struct rows *rows); /* writes what is held back */
    void (*free)(struct rows *rows);
};

/* NULL: not enough memory, or the stream has failed. The stream stays the caller's. */
struct rows *rows_table(FILE *stream, bool color);
struct rows *rows_json(FILE *stream);
struct rows *rows_csv(FILE *stream);

#endif
