/*
 * L2_ENTER_GUEST_STATE: the registers of L2 across TDG.VP.ENTER.
 *
 * Source: intel/tdx-module, branch tdx_1.5, src/td_transitions/tdg_vp_enter.c and
 * include/tdx_api_defs.h. The page is private, 256-byte aligned.
 */
#ifndef ABI_TDX_ENTER_H
#define ABI_TDX_ENTER_H

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Order of the registers in the page, which is that of their encoding in instructions. */
enum l2_register {
    L2_RAX,
    L2_RCX,
    L2_RDX,
    L2_RBX,
    L2_RSP,
    L2_RBP,
    L2_RSI,
    L2_RDI,
    L2_R8,
    L2_R9,
    L2_R10,
    L2_R11,
    L2_R12,
    L2_R13,
    L2_R14,
    L2_R15,
    L2_REGISTERS
};

struct l2_enter_guest_state {
    uint64_t gpr[L2_REGISTERS];
    uint64_t rflags;
    uint64_t rip;
    uint64_t ssp;
    uint8_t rvi; /* guest interrupt status, low byte */
    uint8_t svi;
    uint8_t reserved[102];
} __attribute__((aligned(256)));

_Static_assert(sizeof(struct l2_enter_guest_state) == 256, "tdg_vp_enter.c: alignment of RDX");
_Static_assert(__builtin_offsetof(struct l2_enter_guest_state, rflags) == 128, "tdx_api_defs.h");
_Static_assert(__builtin_offsetof(struct l2_enter_guest_state, rvi) == 152, "tdx_api_defs.h");
#endif

#endif
