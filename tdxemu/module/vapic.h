/*
 * A virtual APIC page and the interrupt status that goes with it: APIC virtualization of VMX.
 *
 * L1's is the TD VAPIC page, L2's the page that L1 named. Every function works on memory that the
 * guest can write at any time; whatever it holds, nothing outside the structure is touched.
 * Source: Intel SDM volume 3C, 30.1 (virtual APIC state), 30.2 (virtual interrupts).
 */
#ifndef MODULE_VAPIC_H
#define MODULE_VAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define VAPIC_BYTES 4096U

struct vapic {
    unsigned char *page; /* VAPIC_BYTES */
    uint8_t rvi, svi;
};

/* The vector becomes requested: IRR, RVI. */
void vapic_post(struct vapic *vapic, uint8_t vector);

/* PPR virtualization: PPR from TPR and SVI. */
void vapic_update_ppr(struct vapic *vapic);

/* A requested interrupt has a higher class than the processor: RVI[7:4] > PPR[7:4]. */
bool vapic_pending(const struct vapic *vapic);

/* Virtual-interrupt delivery of RVI, which is pending; returns the vector. */
uint8_t vapic_deliver(struct vapic *vapic);

/* EOI virtualization; returns the vector that ended, 0 when none was in service. */
uint8_t vapic_eoi(struct vapic *vapic);

/* TPR virtualization: bits 7:0 of the value. */
void vapic_set_tpr(struct vapic *vapic, uint8_t value);
uint8_t vapic_tpr(const struct vapic *vapic);

/* The 64-bit value that RDMSR of an x2APIC register finds in the page. */
uint64_t vapic_read(const struct vapic *vapic, unsigned offset);

/* Result of a WRMSR of a virtualized x2APIC register. */
enum vapic_write {
    VAPIC_DONE,
    VAPIC_FAULT,      /* #GP(0): reserved bits */
    VAPIC_NOT_WRITTEN /* not a register that is virtualized for writing */
};

/* TPR, EOI and SELF_IPI. `ended` is the vector of an EOI, else untouched. */
MUST_CHECK enum vapic_write vapic_write(struct vapic *vapic, unsigned offset, uint64_t value,
                                        uint8_t *ended);

#endif
