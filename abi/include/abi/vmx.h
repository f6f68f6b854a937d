/*
 * VMX as a TD partitioning L1 meets it: exit reasons, VMCS fields, controls, event information.
 *
 * Source: Intel SDM volume 3C, chapters 25 to 29, and appendices A to C.
 */
#ifndef ABI_VMX_H
#define ABI_VMX_H

/* Basic exit reasons (appendix C). */
#define VMX_EXIT_EXCEPTION          0
#define VMX_EXIT_EXTERNAL_INTERRUPT 1
#define VMX_EXIT_TRIPLE_FAULT       2
#define VMX_EXIT_INTERRUPT_WINDOW   7
#define VMX_EXIT_TASK_SWITCH        9
#define VMX_EXIT_CPUID              10
#define VMX_EXIT_HLT                12
#define VMX_EXIT_INVD               13
#define VMX_EXIT_INVLPG             14
#define VMX_EXIT_RDPMC              15
#define VMX_EXIT_RDTSC              16
#define VMX_EXIT_VMCALL             18
#define VMX_EXIT_VMLAUNCH           20
#define VMX_EXIT_VMRESUME           24
#define VMX_EXIT_VMXOFF             26
#define VMX_EXIT_CR_ACCESS          28
#define VMX_EXIT_DR_ACCESS          29
#define VMX_EXIT_IO                 30
#define VMX_EXIT_RDMSR              31
#define VMX_EXIT_WRMSR              32
#define VMX_EXIT_INVALID_STATE      33
#define VMX_EXIT_MWAIT              36
#define VMX_EXIT_MONITOR            39
#define VMX_EXIT_PAUSE              40
#define VMX_EXIT_TPR_THRESHOLD      43
#define VMX_EXIT_VIRTUALIZED_EOI    45
#define VMX_EXIT_GDTR_IDTR          46
#define VMX_EXIT_LDTR_TR            47
#define VMX_EXIT_EPT_VIOLATION      48
#define VMX_EXIT_RDTSCP             51
#define VMX_EXIT_PREEMPTION_TIMER   52
#define VMX_EXIT_WBINVD             54
#define VMX_EXIT_XSETBV             55
#define VMX_EXIT_APIC_WRITE         56
#define VMX_EXIT_TDCALL             77
#define VMX_EXIT_ENTRY_FAILURE      0x80000000U

/* VMCS encodings (appendix B). Segments: ES CS SS DS FS GS LDTR TR, 2 apart. */
#define VMCS_GUEST_ES_SELECTOR        0x0800U
#define VMCS_GUEST_CS_SELECTOR        0x0802U
#define VMCS_GUEST_SS_SELECTOR        0x0804U
#define VMCS_GUEST_TR_SELECTOR        0x080eU
#define VMCS_GUEST_INTERRUPT_STATUS   0x0810U
#define VMCS_VIRTUAL_APIC             0x2012U
#define VMCS_EOI_EXIT_BITMAP0         0x201cU
#define VMCS_GUEST_DEBUGCTL           0x2802U
#define VMCS_GUEST_PAT                0x2804U
#define VMCS_GUEST_EFER               0x2806U
#define VMCS_PIN_CONTROLS             0x4000U
#define VMCS_PROC_CONTROLS            0x4002U
#define VMCS_EXCEPTION_BITMAP         0x4004U
#define VMCS_PF_ERROR_MASK            0x4006U
#define VMCS_PF_ERROR_MATCH           0x4008U
#define VMCS_EXIT_CONTROLS            0x400cU
#define VMCS_ENTRY_CONTROLS           0x4012U
#define VMCS_ENTRY_INTERRUPTION_INFO  0x4016U
#define VMCS_ENTRY_EXCEPTION_ERROR    0x4018U
#define VMCS_ENTRY_INSTRUCTION_LENGTH 0x401aU
#define VMCS_PROC_CONTROLS2           0x401eU
#define VMCS_GUEST_ES_LIMIT           0x4800U
#define VMCS_GUEST_GDTR_LIMIT         0x4810U
#define VMCS_GUEST_IDTR_LIMIT         0x4812U
#define VMCS_GUEST_ES_RIGHTS          0x4814U
#define VMCS_GUEST_INTERRUPTIBILITY   0x4824U
#define VMCS_GUEST_ACTIVITY           0x4826U
#define VMCS_CR0_MASK                 0x6000U
#define VMCS_CR4_MASK                 0x6002U
#define VMCS_CR0_SHADOW               0x6004U
#define VMCS_CR4_SHADOW               0x6006U
#define VMCS_GUEST_CR0                0x6800U
#define VMCS_GUEST_CR3                0x6802U
#define VMCS_GUEST_CR4                0x6804U
#define VMCS_GUEST_ES_BASE            0x6806U
#define VMCS_GUEST_GDTR_BASE          0x6816U
#define VMCS_GUEST_IDTR_BASE          0x6818U
#define VMCS_GUEST_DR7                0x681aU
#define VMCS_GUEST_RSP                0x681cU
#define VMCS_GUEST_RIP                0x681eU
#define VMCS_GUEST_RFLAGS             0x6820U

#define VMX_PROC_INTERRUPT_WINDOW (1U << 2)
#define VMX_PROC2_VIRTUAL_X2APIC  (1U << 4)
#define VMX_PROC2_VIRTUAL_INTR    (1U << 9)
#define VMX_ENTRY_IA32E           (1U << 9)

/* Interruption information (24.8.3, 24.9.2). */
#define VMX_EVENT_VECTOR      0xffU
#define VMX_EVENT_TYPE_SHIFT  8
#define VMX_EVENT_TYPE_MASK   0x700U
#define VMX_EVENT_EXTERNAL    0U
#define VMX_EVENT_NMI         2U
#define VMX_EVENT_EXCEPTION   3U
#define VMX_EVENT_SOFT_INT    4U
#define VMX_EVENT_SOFT_EXCEPT 6U
#define VMX_EVENT_ERROR_CODE  (1U << 11)
#define VMX_EVENT_VALID       (1U << 31)

/* Exit qualification of an EPT violation (table 28-7). */
#define EPT_VIOLATION_READ      (1U << 0)
#define EPT_VIOLATION_WRITE     (1U << 1)
#define EPT_VIOLATION_FETCH     (1U << 2)
#define EPT_VIOLATION_GLA_VALID (1U << 7)
#define EPT_VIOLATION_FINAL     (1U << 8)

/* Exit qualification of an I/O instruction (table 28-5). */
#define IO_QUAL_SIZE_MASK  7U /* size - 1 */
#define IO_QUAL_IN         (1U << 3)
#define IO_QUAL_STRING     (1U << 4)
#define IO_QUAL_REP        (1U << 5)
#define IO_QUAL_PORT_SHIFT 16

#endif
