/* The structures, members and counters that the walks use, looked up in the guest's BTF. */
#ifndef KERNEL_MEMBERS_H
#define KERNEL_MEMBERS_H

#include "btf.h"
#include "kernel/layout.h"

/*
 * Fills `members` and `counters` from an opened BTF. STATUS_NOT_FOUND names the structure or path
 * that is missing; optional ones become KERNEL_ABSENT.
 */
MUST_CHECK enum status members_find(struct btf *btf, struct kernel_members *members,
                                    uint32_t counters[COUNTERS_IN_MIBS], struct evidence *evidence);

#endif
