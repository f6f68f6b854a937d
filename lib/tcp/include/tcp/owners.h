/*
 * Who holds a socket open: an index from struct file to process, built from the task list and
 * every task's descriptor table.
 */
#ifndef TCP_OWNERS_H
#define TCP_OWNERS_H

#include "base/record/socket.h"
#include "kernel/layout.h"

struct tcp_owner_entry {
    struct gva file;
    struct socket_owner owner;
};

struct tcp_owners {
    struct tcp_owner_entry *entries; /* room of the caller; sorted by file, then pid, then fd */
    size_t room;
    size_t count;
    uint64_t tasks;  /* processes visited */
    uint64_t faults; /* tasks or tables that could not be read */
};

/*
 * Fills `owners`, whose entries and room the caller has set. STATUS_FULL when there are more open
 * files than room: call again with more. The index may be incomplete on STATUS_BUDGET.
 */
MUST_CHECK enum status tcp_owners_build(const struct kernel_layout *layout, struct budget *budget,
                                        struct tcp_owners *owners);

/* Fills the owner fields of `record` by its `file`. */
void tcp_owners_name(const struct tcp_owners *owners, struct socket_record *record);

#endif
