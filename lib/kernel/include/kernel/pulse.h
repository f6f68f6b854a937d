/*
 * Whether a kernel that was found is still the one that runs.
 *
 * A guest that was reset, or that went on by kexec, leaves a kernel behind whose memory may be
 * whole for a long time. Two things show it: a fact that closed the loop in discovery no longer
 * holds, or the kernel's clock stands still while another kernel's moves.
 */
#ifndef KERNEL_PULSE_H
#define KERNEL_PULSE_H

#include "kernel/layout.h"

struct kernel_pulse {
    bool has_ticks;
    uint64_t ticks; /* jiffies_64; stands still while the guest is stopped, or idle for seconds */
};

/*
 * Reads the facts again: page tables, note, release, TCP table. Anything but STATUS_OK means that
 * the kernel is not, or no longer, at home in this layout; `evidence` (may be NULL) says which
 * fact.
 */
MUST_CHECK enum status kernel_feel(const struct kernel_layout *layout, struct budget *budget,
                                   struct kernel_pulse *pulse, struct evidence *evidence);

#endif
