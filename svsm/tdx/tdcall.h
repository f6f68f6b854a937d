/* The instruction TDCALL: registers in, registers out. Typed functions are in tdx.h and ghci.h. */
#ifndef SVSM_TDX_TDCALL_H
#define SVSM_TDX_TDCALL_H

#include <stdint.h>

struct tdcall {
    uint64_t rax, rcx, rdx, rbx, rsi, rdi;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
};

/* Every register of `call` goes in, and comes back as the TDX module or the host left it. */
void tdcall(struct tdcall *call);

/* The same, with interrupts let in from the instruction on (STI shadow): HLT without a race. */
void tdcall_sti(struct tdcall *call);

/* What an exit from L2 brings (intel/tdx-module, src/td_transitions/td_exit.c). */
struct tdx_exit {
    uint64_t status;        /* RAX: completion status, exit reason in the low half */
    uint64_t qualification; /* RCX */
    uint64_t gla;           /* RDX */
    uint64_t cs;            /* RSI: selector, rights, limit */
    uint64_t cs_base;       /* RDI */
    uint64_t gpa;           /* R8 */
    uint64_t event;         /* R9: interruption information, error code */
    uint64_t idt_vectoring; /* R10: IDT-vectoring information, error code */
    uint64_t instruction;   /* R11: information, length */
    uint64_t cpl;           /* R12 */
    uint64_t extended;      /* R13: extended exit qualification */
};

/* TDG.VP.ENTER with these RCX and RDX. */
void tdcall_vp_enter(uint64_t rcx, uint64_t state_gpa, struct tdx_exit *exit);

#endif
