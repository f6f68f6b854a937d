/*
 * VM-entry checks on L2's guest state: failing one is exit 0x80000021 to L1.
 *
 * Source: Intel SDM volume 3C, 27.3.1, for an unrestricted guest that is active.
 */
#ifndef MODULE_L2_STATE_H
#define MODULE_L2_STATE_H

#include <stdbool.h>

#include "module/metadata.h"

/* What does not come from the VMCS: L2_ENTER_GUEST_STATE. */
struct l2_entry_state {
    uint64_t rip, rflags;
};

bool l2_state_valid(const struct metadata *metadata, const struct l2_entry_state *state);

#endif
