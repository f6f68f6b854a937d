/*
 * The L2 vCPU as svsm runs it: its registers, what is to be injected, what it was doing.
 *
 * Registers are those of the state page (abi/tdx_enter.h); everything else of L2 is in the VMCS
 * that the TDX module keeps (vcpu/vmcs.h), or shared with svsm and left alone: svsm uses no
 * vector registers, no SYSCALL, and takes no page faults. One vCPU, one L2: VM 1.
 */
#ifndef SVSM_VCPU_VCPU_H
#define SVSM_VCPU_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/tdx_enter.h"
#include "tdx/tdx.h"

#define L2_VM 1U

/* An event for the next entry, in the form of VM-entry interruption information. */
struct vcpu_event {
    uint32_t info; /* 0: none */
    uint32_t error;
    uint32_t length;
};

/* What TDG.VP.VEINFO.GET tells L2 after svsm has injected a #VE. */
struct vcpu_ve_info {
    bool valid;
    uint32_t reason;
    uint64_t qualification;
    uint64_t gla;
    uint64_t gpa;
    uint64_t instruction; /* length, information */
};

struct vcpu_counters {
    uint64_t start; /* TSC at the first entry */
    uint64_t exits;
    uint64_t l2_ticks;    /* between entry and exit */
    uint64_t track_ticks; /* in the tracker */
    uint64_t idle_ticks;  /* asleep, L2 halted */
};

struct vcpu {
    struct l2_enter_guest_state *state;
    struct tdx_exit exit;
    struct vcpu_event event;
    struct vcpu_ve_info ve;
    struct vcpu_counters counters;
    uint64_t deadline; /* what TDVPS.TSC_DEADLINE holds */
    unsigned flush;    /* TDX_ENTER_FLUSH_* for the next entry */
    bool halted;
    bool is_tdx_guest; /* it has asked TDG.VP.INFO */
};

/* Where L2 starts: 64-bit boot protocol of Linux. */
struct vcpu_entry {
    uint64_t rip, rsp, rsi, cr3;
    uint64_t gdt_base;
    uint16_t gdt_limit, cs, ds;
};

/* Sets up L2's VMCS; a module that refuses ends the TD. */
void vcpu_start(struct vcpu *vcpu, const struct vcpu_entry *entry);

/* Runs L2 to its end. */
_Noreturn void vcpu_run(struct vcpu *vcpu);

/* Steps over the instruction that exited. */
void vcpu_skip(struct vcpu *vcpu);

/* Raises an exception at the next entry; with an error code where the vector has one. */
void vcpu_raise(struct vcpu *vcpu, unsigned vector);

/* Ends the TD in order: the tracker's summary, then power-off. */
_Noreturn void vcpu_power_off(struct vcpu *vcpu);

#endif
