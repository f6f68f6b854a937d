/* svsm from its first line of C to L2's first instruction. */
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/x86.h"
#include "arch/cpu.h"
#include "arch/fatal.h"
#include "arch/idt.h"
#include "arch/paging.h"
#include "arch/print.h"
#include "arch/tsc.h"
#include "irq/irq.h"
#include "loader/config.h"
#include "loader/hosted.h"
#include "loader/load.h"
#include "loader/memory_map.h"
#include "mem/memory.h"
#include "pci/pci.h"
#include "tdx/ghci.h"
#include "tdx/tdx.h"
#include "track/track.h"
#include "vcpu/vcpu.h"

enum {
    MAP_RANGES_MAX = 32
};

_Noreturn void svsm_main(void);

/* Without TD partitioning there is no L2: better said here than by a TDCALL that fails. */
static void check_td(void)
{
    struct tdx_vp_info info;
    uint64_t features = 0;
    uint64_t vms = 0;

    if (tdx_vp_info(&info) != TDX_SUCCESS || info.gpaw < 48 || info.gpaw > 52)
        fatal("TDG.VP.INFO does not answer");
    ghci_set_gpaw(info.gpaw);
    if (tdx_sys_rd(SYS_TDX_FEATURES0, &features) != TDX_SUCCESS ||
        (features & TDX_FEATURES0_PARTITIONING) == 0)
        fatal("this TDX module has no TD partitioning");
    if (tdx_vm_rd(TDCS_NUM_L2_VMS, &vms) != TDX_SUCCESS || vms == 0)
        fatal("the host gave this TD no L2 VM (num_l2_vms)");
}

static void take_memory(void)
{
    struct guestmem_range ranges[MAP_RANGES_MAX];
    struct evidence evidence = {"unknown", 0};
    size_t count = 0;

    memory_share();
    if (loader_memory_map(ranges, MAP_RANGES_MAX, &count, &evidence) != STATUS_OK)
        fatal("the host's memory map is no good: %s (%lx)", evidence.what, evidence.at);
    memory_start(ranges, count);
}

/* For L2, whose XSETBV svsm executes, and for BearSSL, which is done before L2 first runs. */
static void enable_extended_state(void)
{
    cr4_write(cr4_read() | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_OSXSAVE);
    msr_write(MSR_FS_BASE, (uint64_t)hosted_fs_block(tsc_read()));
}

static struct vcpu_entry load_l2(void)
{
    struct loader_entry entry;

    loader_load(&entry);
    return (struct vcpu_entry){.rip = entry.rip,
                               .rsp = entry.rsp,
                               .rsi = entry.rsi,
                               .cr3 = entry.cr3,
                               .gdt_base = entry.gdt_base,
                               .gdt_limit = entry.gdt_limit,
                               .cs = entry.cs,
                               .ds = entry.ds};
}

_Noreturn void svsm_main(void)
{
    static struct vcpu vcpu;
    struct loader_config config;

    idt_load();
    check_td();
    paging_start();
    tsc_start();
    take_memory();
    enable_extended_state();
    loader_config(&config);
    irq_start();
    pci_setup();
    const struct vcpu_entry entry = load_l2();
    const struct track_options options = {.mode = config.mode, .period_us = config.period_us};
    track_init(&options);
    vcpu_start(&vcpu, &entry);
    print("svsm: L2 starts\n");
    vcpu_run(&vcpu);
}
