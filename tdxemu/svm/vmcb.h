/*
 * The virtual machine control block, and what VMRUN returns with.
 *
 * Source: AMD APM volume 2, appendix B (layout) and appendix C (exit codes); as QEMU 7.2 emulates
 * it: no NRIPS, no decode assists.
 */
#ifndef SVM_VMCB_H
#define SVM_VMCB_H

#include <stdint.h>

struct vmcb_segment {
    uint16_t selector;
    uint16_t attributes; /* bits 7:0 and 15:12 of the descriptor's */
    uint32_t limit;
    uint64_t base;
};

#define VMCB_SEGMENT_LONG 0x200U /* attributes: 64-bit code */

enum vmcb_segment_index {
    SEGMENT_ES,
    SEGMENT_CS,
    SEGMENT_SS,
    SEGMENT_DS,
    SEGMENT_FS,
    SEGMENT_GS,
    SEGMENT_GDTR,
    SEGMENT_LDTR,
    SEGMENT_IDTR,
    SEGMENT_TR,
    SEGMENTS
};

struct vmcb {
    uint16_t intercept_cr_read, intercept_cr_write;
    uint16_t intercept_dr_read, intercept_dr_write;
    uint32_t intercept_exceptions;
    uint32_t intercept[2]; /* bit n: exit code 0x60 + n */
    uint8_t reserved_014[44];
    uint64_t iopm, msrpm, tsc_offset;
    uint32_t asid;
    uint32_t tlb_control;
    uint32_t int_ctl, int_vector;
    uint64_t int_state;
    uint64_t exit_code, exit_info1, exit_info2, exit_int_info;
    uint64_t nested_control;
    uint8_t reserved_098[16];
    uint64_t event_injection;
    uint64_t nested_cr3;
    uint8_t reserved_0b8[840];
    struct vmcb_segment segment[SEGMENTS];
    uint8_t reserved_4a0[43];
    uint8_t cpl;
    uint8_t reserved_4cc[4];
    uint64_t efer;
    uint8_t reserved_4d8[112];
    uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
    uint8_t reserved_580[88];
    uint64_t rsp;
    uint8_t reserved_5e0[24];
    uint64_t rax, star, lstar, cstar, sfmask, kernel_gs_base;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip, cr2;
    uint8_t reserved_648[32];
    uint64_t pat;
    uint8_t reserved_670[2448];
} __attribute__((aligned(4096)));

_Static_assert(__builtin_offsetof(struct vmcb, iopm) == 0x40, "APM B-1");
_Static_assert(__builtin_offsetof(struct vmcb, int_ctl) == 0x60, "APM B-1");
_Static_assert(__builtin_offsetof(struct vmcb, exit_code) == 0x70, "APM B-1");
_Static_assert(__builtin_offsetof(struct vmcb, event_injection) == 0xa8, "APM B-1");
_Static_assert(__builtin_offsetof(struct vmcb, segment) == 0x400, "APM B-2");
_Static_assert(__builtin_offsetof(struct vmcb, cpl) == 0x4cb, "APM B-2");
_Static_assert(__builtin_offsetof(struct vmcb, cr4) == 0x548, "APM B-2");
_Static_assert(__builtin_offsetof(struct vmcb, rsp) == 0x5d8, "APM B-2");
_Static_assert(__builtin_offsetof(struct vmcb, cr2) == 0x640, "APM B-2");
_Static_assert(__builtin_offsetof(struct vmcb, pat) == 0x668, "APM B-2");
_Static_assert(sizeof(struct vmcb) == 4096, "APM B-1");

#define VMCB_INT_V_IRQ      (1U << 8)
#define VMCB_INT_PRIORITY   (15U << 16)
#define VMCB_INT_IGNORE_TPR (1U << 20)
#define VMCB_INT_MASKING    (1U << 24)
#define VMCB_NESTED_PAGING  1U
#define VMCB_SHADOW         1U /* int_state */

/* Event injection and EXITINTINFO have the same layout, types as VMX has them but 6. */
#define VMCB_EVENT_VALID      (1ULL << 31)
#define VMCB_EVENT_ERROR      (1ULL << 11)
#define VMCB_EVENT_EXCEPTION  (3ULL << 8)
#define VMCB_EVENT_INTERRUPT  (0ULL << 8)
#define VMCB_EVENT_SOFT       (4ULL << 8)
#define VMCB_EVENT_TYPE(info) ((unsigned)((info) >> 8 & 7U))

#define SVM_EXIT_CR_READ    0x000U
#define SVM_EXIT_CR_WRITE   0x010U
#define SVM_EXIT_DR_READ    0x020U
#define SVM_EXIT_DR_WRITE   0x030U
#define SVM_EXIT_EXCEPTION  0x040U
#define SVM_EXIT_INTR       0x060U
#define SVM_EXIT_NMI        0x061U
#define SVM_EXIT_SMI        0x062U
#define SVM_EXIT_INIT       0x063U
#define SVM_EXIT_VINTR      0x064U
#define SVM_EXIT_IDTR_READ  0x066U
#define SVM_EXIT_GDTR_READ  0x067U
#define SVM_EXIT_LDTR_READ  0x068U
#define SVM_EXIT_TR_READ    0x069U
#define SVM_EXIT_IDTR_WRITE 0x06aU
#define SVM_EXIT_GDTR_WRITE 0x06bU
#define SVM_EXIT_LDTR_WRITE 0x06cU
#define SVM_EXIT_TR_WRITE   0x06dU
#define SVM_EXIT_RDTSC      0x06eU
#define SVM_EXIT_RDPMC      0x06fU
#define SVM_EXIT_CPUID      0x072U
#define SVM_EXIT_RSM        0x073U
#define SVM_EXIT_SWINT      0x075U
#define SVM_EXIT_INVD       0x076U
#define SVM_EXIT_PAUSE      0x077U
#define SVM_EXIT_HLT        0x078U
#define SVM_EXIT_INVLPG     0x079U
#define SVM_EXIT_INVLPGA    0x07aU
#define SVM_EXIT_IOIO       0x07bU
#define SVM_EXIT_MSR        0x07cU
#define SVM_EXIT_SHUTDOWN   0x07fU
#define SVM_EXIT_VMRUN      0x080U
#define SVM_EXIT_VMMCALL    0x081U
#define SVM_EXIT_VMLOAD     0x082U
#define SVM_EXIT_VMSAVE     0x083U
#define SVM_EXIT_STGI       0x084U
#define SVM_EXIT_CLGI       0x085U
#define SVM_EXIT_SKINIT     0x086U
#define SVM_EXIT_RDTSCP     0x087U
#define SVM_EXIT_WBINVD     0x089U
#define SVM_EXIT_MONITOR    0x08aU
#define SVM_EXIT_MWAIT      0x08bU
#define SVM_EXIT_XSETBV     0x08dU
#define SVM_EXIT_NPF        0x400U
#define SVM_EXIT_INVALID    0xffffffffU

#define NPF_WRITE (1ULL << 1)
#define NPF_FETCH (1ULL << 4)
#define NPF_FINAL (1ULL << 32)

#endif
