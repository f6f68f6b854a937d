/*
 * One walk of the guest's sockets into rows.
 *
 * Rows are held back up to a limit (policy.h), so that printing, or a reader who pauses, does not
 * stretch a walk over a guest that runs; beyond it they leave during the walk.
 */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include <stdbool.h>
#include <time.h>

#include "attach.h"
#include "flow/direction.h"
#include "rows.h"
#include "workspace.h"

struct sighting {
    struct timespec seen;
    struct socket_record socket;
};

/* What a walk has found out, apart from the rows. */
struct tally {
    struct tcp_summary summary;
    enum status owners; /* of the process index; STATUS_OK also when not wanted */
    uint64_t owner_faults;
    uint64_t listeners_missed;
    uint64_t counters_missed; /* namespaces whose counters could not be read */
    uint64_t listed;          /* rows that left */
    uint64_t walk_ns;         /* without the time that rows took */
};

struct walk {
    struct flow_listeners listeners;
    void *listener_room;
    struct sighting *backlog;
    size_t held;
    struct rows *rows;
    bool failed; /* a row could not be written */
    uint64_t rows_ns;
    struct tally tally;
};

/* False: not enough memory. walk_free is due in either case. */
MUST_CHECK bool walk_init(struct walk *walk);
void walk_free(struct walk *walk);

struct walk_request {
    const struct kernel_layout *layout;
    struct workspace *workspace;
    uint64_t units;
    bool owners;
};

/*
 * Walks, and writes the rows to walk->rows. STATUS_STOPPED: a signal, or walk->failed.
 * STATUS_BUDGET: the list is incomplete. `walk->tally` is set in any case.
 */
MUST_CHECK enum status walk_run(struct walk *walk, const struct walk_request *request);

#endif
