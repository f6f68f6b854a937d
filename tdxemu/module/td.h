/*
 * The TD and its one vCPU, as the TDX module keeps them.
 *
 * There is one TD; its state is one structure, handed to whoever works on it.
 */
#ifndef MODULE_TD_H
#define MODULE_TD_H

#include <stdbool.h>
#include <stdint.h>

#include "host/lapic.h"
#include "host/machine.h"
#include "module/metadata.h"
#include "module/vapic.h"
#include "svm/exit.h"
#include "svm/world.h"

/* VMX_EXIT_ reason, qualification and so on, as TDG.VP.VEINFO.GET tells them. */
struct ve_info {
    bool valid;
    uint32_t reason;
    uint64_t qualification, gla, gpa;
    uint32_t length, info;
};

/* L2's part of the vCPU. */
struct l2 {
    struct world world;
    struct vapic vapic;
    uint64_t state_gpa;    /* L2_ENTER_GUEST_STATE of the current entry */
    bool virtual_delivery; /* VID as of the current entry */
    bool window;           /* interrupt-window exiting as of the current entry */
    bool osxsave;          /* L2's CR4.OSXSAVE (module/l2_cr4.h) */
    bool xsetbv_seen;
};

struct td {
    struct machine machine;
    struct metadata metadata;
    struct world l1;
    struct vapic vapic; /* L1's: the TD VAPIC page */
    struct lapic lapic; /* the host's part of L1's local APIC */
    struct ve_info ve;
    struct l2 l2;
    bool in_l2;
};

/* The TD does what ends it: prints "tdxemu: td error: ..." with RIP, counters, and ends QEMU. */
_Noreturn void td_error(const struct td *td, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What remains of an undelivered event goes in again at the next VMRUN. */
void td_deliver_again(struct world *world, const struct vm_exit *exit);

/* Takes the interrupts that have arrived and gives them to L1's VAPIC; true: there was one. */
bool td_take_interrupts(struct td *td);

/* The physical timer follows the host's timer for L1 and, while L2 runs, its TSC_DEADLINE. */
void td_arm_timer(const struct td *td);

/* From TDH.VP.ENTER on; does not return. */
_Noreturn void td_run(struct td *td);

#endif
