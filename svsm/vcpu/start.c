/* L2's first state: Linux Documentation/arch/x86/boot.rst, "64-bit Boot Protocol". */
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "arch/cpu.h"
#include "irq/l2_apic.h"
#include "vcpu/msr_bitmap.h"
#include "vcpu/vcpu.h"
#include "vcpu/vmcs.h"

/* Access rights of segments (SDM volume 3C, table 24-2). */
#define RIGHTS_CODE64   0xa09bU
#define RIGHTS_DATA     0xc093U
#define RIGHTS_TSS      0x008bU
#define RIGHTS_UNUSABLE 0x10000U

enum segment {
    SEGMENT_ES,
    SEGMENT_CS,
    SEGMENT_SS,
    SEGMENT_DS,
    SEGMENT_FS,
    SEGMENT_GS,
    SEGMENT_LDTR,
    SEGMENT_TR
};

static void set_segment(unsigned segment, uint16_t selector, uint32_t limit, uint32_t rights)
{
    vmcs_write(VMCS_GUEST_ES_SELECTOR + 2 * segment, selector);
    vmcs_write(VMCS_GUEST_ES_BASE + 2 * segment, 0);
    vmcs_write(VMCS_GUEST_ES_LIMIT + 2 * segment, limit);
    vmcs_write(VMCS_GUEST_ES_RIGHTS + 2 * segment, rights);
}

static void set_segments(const struct vcpu_entry *entry)
{
    static const uint8_t data[] = {SEGMENT_ES, SEGMENT_SS, SEGMENT_DS, SEGMENT_FS, SEGMENT_GS};

    for (unsigned i = 0; i < sizeof data; i++)
        set_segment(data[i], entry->ds, 0xffffffff, RIGHTS_DATA);
    set_segment(SEGMENT_CS, entry->cs, 0xffffffff, RIGHTS_CODE64);
    set_segment(SEGMENT_LDTR, 0, 0, RIGHTS_UNUSABLE);
    set_segment(SEGMENT_TR, 0, 0x67, RIGHTS_TSS);
    vmcs_write(VMCS_GUEST_GDTR_BASE, entry->gdt_base);
    vmcs_write(VMCS_GUEST_GDTR_LIMIT, entry->gdt_limit);
    vmcs_write(VMCS_GUEST_IDTR_BASE, 0);
    vmcs_write(VMCS_GUEST_IDTR_LIMIT, 0);
}

static void set_control_registers(const struct vcpu_entry *entry)
{
    vmcs_write(VMCS_GUEST_CR0, X86_CR0_PG | X86_CR0_NE | X86_CR0_ET | X86_CR0_PE);
    vmcs_write(VMCS_GUEST_CR3, entry->cr3);
    vmcs_write(VMCS_GUEST_CR4, X86_CR4_PAE | X86_CR4_MCE | X86_CR4_VMXE);
    vmcs_write(VMCS_GUEST_EFER, X86_EFER_NXE | X86_EFER_LMA | X86_EFER_LME | X86_EFER_SCE);
    vmcs_write_masked(VMCS_ENTRY_CONTROLS, VMX_ENTRY_IA32E, VMX_ENTRY_IA32E);
    vmcs_write(VMCS_GUEST_DR7, 0x400);
}

/*
 * Of CR0 and CR4 svsm owns VMXE alone, which the TDX module holds at 1 and L2, without VMX, expects
 * to be 0: an attempt to set it exits. The module's other fixed bits are as in any TD.
 */
static void set_controls(void)
{
    vmcs_write(VMCS_CR0_MASK, 0);
    vmcs_write(VMCS_CR4_MASK, X86_CR4_VMXE);
    vmcs_write(VMCS_CR4_SHADOW, 0);
    vmcs_write(VMCS_VIRTUAL_APIC, l2_apic_page().v);
    vp_write(TDVPS_L2_CTLS(L2_VM), TDX_L2_CTLS_SHARED_EPTP);
    msr_bitmap_write();
}

void vcpu_start(struct vcpu *vcpu, const struct vcpu_entry *entry)
{
    static struct l2_enter_guest_state state;

    state.rip = entry->rip;
    state.rflags = X86_RFLAGS_FIXED;
    state.gpr[L2_RSP] = entry->rsp;
    state.gpr[L2_RSI] = entry->rsi;
    *vcpu = (struct vcpu){.state = &state, .flush = TDX_ENTER_FLUSH_EPT};
    vcpu->counters.start = tsc_read();
    vcpu->deadline = TDX_NO_DEADLINE;
    l2_apic_start(&state);
    set_segments(entry);
    set_control_registers(entry);
    set_controls();
}
