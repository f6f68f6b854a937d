/*
 * The tracker: finds L2's kernel, walks its TCP tables whenever a scan is due, and tells what
 * happened as JSON lines (events.h).
 *
 * L2 stands still during every call. One vCPU: no locks. Times are ticks of the TSC, which the host
 * cannot touch.
 */
#ifndef SVSM_TRACK_TRACK_H
#define SVSM_TRACK_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

struct track_options {
    uint32_t mode;      /* CONFIG_MODE_* (abi/config.h) */
    uint32_t period_us; /* between the starts of two scans */
};

/* What the tracker looks at of the vCPU that has just exited. */
struct track_vcpu {
    struct gpa cr3;
    bool la57; /* CR4.LA57 */
    unsigned cpl;
    struct gva lstar; /* MSR IA32_LSTAR */
    uint64_t now;     /* TSC */
};

/* What the run loop has counted, for the summary. Ticks. */
struct track_totals {
    uint64_t exits;
    uint64_t l2_ticks;    /* L2 ran */
    uint64_t base_ticks;  /* svsm itself, without the tracker, since L2's first entry */
    uint64_t track_ticks; /* in the tracker */
    uint64_t idle_ticks;  /* L2 was halted */
    uint64_t interrupts_dropped;
};

/* Takes all the memory the tracker will ever use (policy.h); a TD that is too small ends. */
void track_init(const struct track_options *options);

/*
 * TSC at which track_exit is due next; UINT64_MAX: never. When track_exit has returned it lies in
 * the future. It may pass while L2 sleeps: L2 then exits at once, and the scan is done.
 */
uint64_t track_deadline(void);

/* L2 ran for so many ticks: at every exit, before track_exit. */
void track_ran(uint64_t ticks);

/* At an exit when the deadline has come: a scan, or an attempt to find the kernel. */
void track_exit(const struct track_vcpu *vcpu);

/* The end of the TD: a last scan, and the summary line. */
void track_summary(const struct track_totals *totals);

#endif
