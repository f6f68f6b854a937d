/*
 * One guest context on the processor: a VMCB, the registers it does not hold, and what goes in
 * next.
 *
 * VMRUN and VMEXIT leave FS, GS, TR, LDTR, the SYSCALL and SYSENTER MSRs in the processor; tdxemu
 * uses none of them, so they are saved only when another world runs next (world_switch).
 */
#ifndef SVM_WORLD_H
#define SVM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/tdx_enter.h"
#include "abi/x86.h"
#include "svm/npt.h"
#include "svm/vmcb.h"

/* Pages from which the guest's kernel executed TDCALL, by linear address (svm/guest.h). */
struct code_page {
    uint64_t linear;
    const uint8_t *bytes; /* NULL: none */
};

#define CODE_PAGES 4U

struct world {
    struct vmcb *vmcb;
    uint64_t gpr[L2_REGISTERS]; /* enum l2_register; RAX and RSP are copied to and from the VMCB */
    uint64_t event;             /* VMCB event injection of the next VMRUN; 0: none */
    uint8_t *msrpm;
    struct code_page code[CODE_PAGES];
};

/* Turns SVM on. */
void svm_init(void);

/* A world with every port and MSR intercepted, and nothing else. */
void world_init(struct world *world, struct npt npt, uint32_t asid);

/* Passes or intercepts an MSR; one outside the permission map is always intercepted. */
void world_msr_intercept(struct world *world, uint32_t msr, bool write, bool intercept);

/* Turns an SVM intercept on or off by its exit code: CR, DR, exception, or 0x60 and up. */
void world_intercept(struct world *world, uint32_t exit_code, bool on);

/* Runs until the next exit, after injecting `event`, which is then 0. */
void world_run(struct world *world);

/* The processor's state that VMRUN does not touch goes from one world to the other. */
void world_switch(struct world *from, struct world *to);

/* Loads CR0 and what follows from it: EFER.LMA. */
void world_set_cr0(struct world *world, uint64_t cr0);

/* Moves RIP behind an instruction of `length` bytes; ends the interrupt shadow. */
void world_advance(struct world *world, unsigned length);

/* Injects a hardware exception at the next VMRUN. */
void world_exception(struct world *world, unsigned vector);
void world_exception_error(struct world *world, unsigned vector, uint32_t error);

static inline bool world_in_64bit_mode(const struct world *world)
{
    return (world->vmcb->efer & X86_EFER_LMA) &&
           (world->vmcb->segment[SEGMENT_CS].attributes & VMCB_SEGMENT_LONG);
}

static inline bool world_interrupts_open(const struct world *world)
{
    return (world->vmcb->rflags & X86_RFLAGS_IF) && !(world->vmcb->int_state & VMCB_SHADOW);
}

#endif
