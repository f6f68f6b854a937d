/*
 * Working room that lib/ asks of its caller, of fixed size (policy.h), and the process index,
 * which alone grows with what it holds, up to a limit.
 */
#ifndef CLI_WORKSPACE_H
#define CLI_WORKSPACE_H

#include <stdbool.h>

#include "kernel/discover.h"
#include "tcp/scan.h"

struct workspace {
    struct kernel_workspace *kernel;
    struct tcp_workspace tcp;
    struct tcp_owners owners;
};

/* False: not enough memory. workspace_free is due in either case. */
MUST_CHECK bool workspace_init(struct workspace *workspace);
void workspace_free(struct workspace *workspace);

/*
 * Builds the process index. STATUS_OK or STATUS_BUDGET (incomplete): it can be used. STATUS_FULL:
 * more open files than POLICY_OWNERS_LAST, or than there is memory for.
 */
MUST_CHECK enum status workspace_index_owners(struct workspace *workspace,
                                              const struct kernel_layout *layout, uint64_t units);

#endif
