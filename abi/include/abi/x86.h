/*
 * x86 control registers, MSRs, vectors, local APIC registers.
 *
 * Source: Intel SDM volume 3A, sections 2.5, 6.3, 10.5, 10.12; volume 4, table 2-2.
 */
#ifndef ABI_X86_H
#define ABI_X86_H

#define X86_CR0_PE 0x00000001ULL
#define X86_CR0_MP 0x00000002ULL
#define X86_CR0_EM 0x00000004ULL
#define X86_CR0_TS 0x00000008ULL
#define X86_CR0_ET 0x00000010ULL
#define X86_CR0_NE 0x00000020ULL
#define X86_CR0_WP 0x00010000ULL
#define X86_CR0_AM 0x00040000ULL
#define X86_CR0_NW 0x20000000ULL
#define X86_CR0_CD 0x40000000ULL
#define X86_CR0_PG 0x80000000ULL

#define X86_CR4_PSE        0x00000010ULL
#define X86_CR4_PAE        0x00000020ULL
#define X86_CR4_MCE        0x00000040ULL
#define X86_CR4_PGE        0x00000080ULL
#define X86_CR4_OSFXSR     0x00000200ULL
#define X86_CR4_OSXMMEXCPT 0x00000400ULL
#define X86_CR4_LA57       0x00001000ULL
#define X86_CR4_VMXE       0x00002000ULL
#define X86_CR4_OSXSAVE    0x00040000ULL

#define X86_EFER_SCE  0x001ULL
#define X86_EFER_LME  0x100ULL
#define X86_EFER_LMA  0x400ULL
#define X86_EFER_NXE  0x800ULL
#define X86_EFER_SVME 0x1000ULL

#define X86_RFLAGS_FIXED 0x002ULL
#define X86_RFLAGS_TF    0x100ULL
#define X86_RFLAGS_IF    0x200ULL

#define MSR_TSC               0x10
#define MSR_APIC_BASE         0x1b
#define MSR_FEATURE_CONTROL   0x3a
#define MSR_TSC_ADJUST        0x3b
#define MSR_SPEC_CTRL         0x48
#define MSR_PRED_CMD          0x49
#define MSR_MTRRCAP           0xfe
#define MSR_ARCH_CAPABILITIES 0x10a
#define MSR_SYSENTER_CS       0x174
#define MSR_SYSENTER_ESP      0x175
#define MSR_SYSENTER_EIP      0x176
#define MSR_MISC_ENABLE       0x1a0
#define MSR_PAT               0x277
#define MSR_MTRR_DEF_TYPE     0x2ff
#define MSR_TSC_DEADLINE      0x6e0
#define MSR_X2APIC_FIRST      0x800
#define MSR_X2APIC_LAST       0x8ff
#define MSR_XSS               0xda0
#define MSR_EFER              0xc0000080
#define MSR_STAR              0xc0000081
#define MSR_LSTAR             0xc0000082
#define MSR_CSTAR             0xc0000083
#define MSR_FMASK             0xc0000084
#define MSR_FS_BASE           0xc0000100
#define MSR_GS_BASE           0xc0000101
#define MSR_KERNEL_GS_BASE    0xc0000102
#define MSR_TSC_AUX           0xc0000103

/* MSR of an x2APIC register is MSR_X2APIC_FIRST + the register's offset in the APIC page / 16. */
#define X2APIC_MSR(offset)  (MSR_X2APIC_FIRST + (offset) / 16)
#define APIC_ID             0x020
#define APIC_VERSION        0x030
#define APIC_TPR            0x080
#define APIC_PPR            0x0a0
#define APIC_EOI            0x0b0
#define APIC_LDR            0x0d0
#define APIC_SVR            0x0f0
#define APIC_ISR            0x100
#define APIC_TMR            0x180
#define APIC_IRR            0x200
#define APIC_ESR            0x280
#define APIC_ICR            0x300
#define APIC_LVT_TIMER      0x320
#define APIC_LVT_ERROR      0x370
#define APIC_TIMER_INITIAL  0x380
#define APIC_TIMER_CURRENT  0x390
#define APIC_TIMER_DIVIDE   0x3e0
#define APIC_SELF_IPI       0x3f0
#define APIC_LVT_MASKED     0x10000U
#define APIC_TIMER_PERIODIC 0x20000U
#define APIC_TIMER_DEADLINE 0x40000U

#define VECTOR_DB  1
#define VECTOR_NMI 2
#define VECTOR_BP  3
#define VECTOR_UD  6
#define VECTOR_DF  8
#define VECTOR_GP  13
#define VECTOR_PF  14
#define VECTOR_MC  18
#define VECTOR_VE  20

#endif
