#include "host/counters.h"

#include <stdbool.h>
#include <stddef.h>

#include "abi/ghci.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "boot/print.h"

/* Codes up to the last one that has a name; what lies behind is counted as "other". */
#define SVM_CODES   0xa0U
#define SVM_NPF     0x400U
#define GHCI_CODES  80U
#define GHCI_FIRST  GHCI_GET_TDVMCALL_INFO
#define GHCI_CALLS  5U
#define VMX_REASONS 78U

enum {
    TICKS_L1,
    TICKS_L2,
    TICKS_OWN,
    TICKS
};

static uint64_t ticks[TICKS];
static uint64_t last_end; /* of the guest's last turn; 0: it has had none */

static const char *const svm_names[SVM_CODES] = {
    [0x60] = "INTR",       [0x61] = "NMI",           [0x62] = "SMI",        [0x63] = "INIT",
    [0x64] = "VINTR",      [0x65] = "CR0_SEL_WRITE", [0x66] = "IDTR_READ",  [0x67] = "GDTR_READ",
    [0x68] = "LDTR_READ",  [0x69] = "TR_READ",       [0x6a] = "IDTR_WRITE", [0x6b] = "GDTR_WRITE",
    [0x6c] = "LDTR_WRITE", [0x6d] = "TR_WRITE",      [0x6e] = "RDTSC",      [0x6f] = "RDPMC",
    [0x70] = "PUSHF",      [0x71] = "POPF",          [0x72] = "CPUID",      [0x73] = "RSM",
    [0x74] = "IRET",       [0x75] = "SWINT",         [0x76] = "INVD",       [0x77] = "PAUSE",
    [0x78] = "HLT",        [0x79] = "INVLPG",        [0x7a] = "INVLPGA",    [0x7b] = "IOIO",
    [0x7c] = "MSR",        [0x7d] = "TASK_SWITCH",   [0x7f] = "SHUTDOWN",   [0x80] = "VMRUN",
    [0x81] = "VMMCALL",    [0x82] = "VMLOAD",        [0x83] = "VMSAVE",     [0x84] = "STGI",
    [0x85] = "CLGI",       [0x86] = "SKINIT",        [0x87] = "RDTSCP",     [0x88] = "ICEBP",
    [0x89] = "WBINVD",     [0x8a] = "MONITOR",       [0x8b] = "MWAIT",      [0x8d] = "XSETBV",
};

/* Exits of the SVM codes below those: each range is numbered from its first. */
static const struct {
    unsigned first, last;
    const char *name;
} svm_ranges[] = {
    {0x00, 0x0f, "CR_READ_"},  {0x10, 0x1f, "CR_WRITE_"}, {0x20, 0x2f, "DR_READ_"},
    {0x30, 0x3f, "DR_WRITE_"}, {0x40, 0x5f, "EXCP_"},
};

static const char *const leaf_names[TDG_LEAVES] = {
    [TDG_VP_VMCALL] = "TDG.VP.VMCALL",
    [TDG_VP_INFO] = "TDG.VP.INFO",
    [TDG_MR_RTMR_EXTEND] = "TDG.MR.RTMR.EXTEND",
    [TDG_VP_VEINFO_GET] = "TDG.VP.VEINFO.GET",
    [TDG_MR_REPORT] = "TDG.MR.REPORT",
    [TDG_VP_CPUIDVE_SET] = "TDG.VP.CPUIDVE.SET",
    [TDG_MEM_PAGE_ACCEPT] = "TDG.MEM.PAGE.ACCEPT",
    [TDG_VM_RD] = "TDG.VM.RD",
    [TDG_VM_WR] = "TDG.VM.WR",
    [TDG_VP_RD] = "TDG.VP.RD",
    [TDG_VP_WR] = "TDG.VP.WR",
    [TDG_SYS_RD] = "TDG.SYS.RD",
    [TDG_SYS_RDALL] = "TDG.SYS.RDALL",
    [TDG_SERVTD_RD] = "TDG.SERVTD.RD",
    [TDG_SERVTD_WR] = "TDG.SERVTD.WR",
    [TDG_MR_VERIFYREPORT] = "TDG.MR.VERIFYREPORT",
    [TDG_MEM_PAGE_ATTR_RD] = "TDG.MEM.PAGE.ATTR.RD",
    [TDG_MEM_PAGE_ATTR_WR] = "TDG.MEM.PAGE.ATTR.WR",
    [TDG_VP_ENTER] = "TDG.VP.ENTER",
    [TDG_VP_INVEPT] = "TDG.VP.INVEPT",
    [TDG_VP_INVVPID] = "TDG.VP.INVVPID",
};

static const char *const instruction_names[GHCI_CODES] = {
    [GHCI_CPUID] = "Instruction.CPUID",   [GHCI_HLT] = "Instruction.HLT",
    [GHCI_IO] = "Instruction.IO",         [GHCI_RDMSR] = "Instruction.RDMSR",
    [GHCI_WRMSR] = "Instruction.WRMSR",   [GHCI_MMIO] = "#VE.RequestMMIO",
    [GHCI_WBINVD] = "Instruction.WBINVD",
};

static const char *const call_names[GHCI_CALLS] = {
    [GHCI_GET_TDVMCALL_INFO - GHCI_FIRST] = "GetTdVmCallInfo",
    [GHCI_MAP_GPA - GHCI_FIRST] = "MapGPA",
    [GHCI_GET_QUOTE - GHCI_FIRST] = "GetQuote",
    [GHCI_REPORT_FATAL_ERROR - GHCI_FIRST] = "ReportFatalError",
    [GHCI_SETUP_EVENT_NOTIFY - GHCI_FIRST] = "SetupEventNotifyInterrupt",
};

static const char *const reason_names[VMX_REASONS] = {
    [VMX_EXIT_EXCEPTION] = "EXCEPTION",
    [VMX_EXIT_EXTERNAL_INTERRUPT] = "EXTERNAL_INTERRUPT",
    [VMX_EXIT_TRIPLE_FAULT] = "TRIPLE_FAULT",
    [VMX_EXIT_INTERRUPT_WINDOW] = "INTERRUPT_WINDOW",
    [VMX_EXIT_TASK_SWITCH] = "TASK_SWITCH",
    [VMX_EXIT_CPUID] = "CPUID",
    [VMX_EXIT_HLT] = "HLT",
    [VMX_EXIT_INVD] = "INVD",
    [VMX_EXIT_RDPMC] = "RDPMC",
    [VMX_EXIT_VMCALL] = "VMCALL",
    [VMX_EXIT_CR_ACCESS] = "CR_ACCESS",
    [VMX_EXIT_IO] = "IO",
    [VMX_EXIT_RDMSR] = "RDMSR",
    [VMX_EXIT_WRMSR] = "WRMSR",
    [VMX_EXIT_INVALID_STATE] = "INVALID_STATE",
    [VMX_EXIT_MWAIT] = "MWAIT",
    [VMX_EXIT_MONITOR] = "MONITOR",
    [VMX_EXIT_VIRTUALIZED_EOI] = "VIRTUALIZED_EOI",
    [VMX_EXIT_EPT_VIOLATION] = "EPT_VIOLATION",
    [VMX_EXIT_PREEMPTION_TIMER] = "PREEMPTION_TIMER",
    [VMX_EXIT_WBINVD] = "WBINVD",
    [VMX_EXIT_XSETBV] = "XSETBV",
    [VMX_EXIT_APIC_WRITE] = "APIC_WRITE",
    [VMX_EXIT_TDCALL] = "TDCALL",
};

/* The last of each table counts what has no place in it. */
static uint64_t exits[SVM_CODES + 2]; /* the last but one: nested page faults */
static uint64_t tdcalls[TDG_LEAVES + 1];
static uint64_t instructions[GHCI_CODES + 1];
static uint64_t calls[GHCI_CALLS];
static uint64_t reasons[VMX_REASONS + 1];

void counter_exit(uint64_t code)
{
    exits[code < SVM_CODES ? code : code == SVM_NPF ? SVM_CODES : SVM_CODES + 1]++;
}

void counter_tdcall(unsigned leaf)
{
    tdcalls[leaf < TDG_LEAVES ? leaf : TDG_LEAVES]++;
}

void counter_tdvmcall(uint64_t function)
{
    if (function - GHCI_FIRST < GHCI_CALLS)
        calls[function - GHCI_FIRST]++;
    else
        instructions[function < GHCI_CODES ? function : GHCI_CODES]++;
}

void counter_l2_exit(unsigned reason)
{
    reasons[reason < VMX_REASONS ? reason : VMX_REASONS]++;
}

/* One JSON object; what has no name is summed up as "other". */
struct object {
    bool begun;
    uint64_t other;
};

static void member(struct object *object, const char *name, uint64_t value)
{
    if (value == 0)
        return;
    print("%s\"%s\":%lu", object->begun ? "," : "", name, value);
    object->begun = true;
}

static void members(struct object *object, const char *const names[], const uint64_t values[],
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] != NULL)
            member(object, names[i], values[i]);
        else
            object->other += values[i];
    }
}

static void numbered_members(struct object *object)
{
    for (size_t r = 0; r < sizeof svm_ranges / sizeof *svm_ranges; r++) {
        for (unsigned code = svm_ranges[r].first; code <= svm_ranges[r].last; code++) {
            if (exits[code] == 0)
                continue;
            print("%s\"%s%u\":%lu", object->begun ? "," : "", svm_ranges[r].name,
                  code - svm_ranges[r].first, exits[code]);
            object->begun = true;
        }
    }
}

static void dump_exits(void)
{
    const size_t named = svm_ranges[sizeof svm_ranges / sizeof *svm_ranges - 1].last + 1;
    struct object object = {false, exits[SVM_CODES + 1]};

    print("{\"event.action\":\"tdxemu\",\"exits\":{");
    numbered_members(&object);
    members(&object, svm_names + named, exits + named, SVM_CODES - named);
    member(&object, "NPF", exits[SVM_CODES]);
    member(&object, "other", object.other);
}

static void dump_table(const char *key, const char *const names[], const uint64_t values[],
                       size_t count)
{
    struct object object = {false, values[count]};

    print("},\"%s\":{", key);
    members(&object, names, values, count);
    member(&object, "other", object.other);
}

static void dump_tdvmcalls(void)
{
    struct object object = {false, instructions[GHCI_CODES]};

    print("},\"tdvmcalls\":{");
    members(&object, call_names, calls, GHCI_CALLS);
    members(&object, instruction_names, instructions, GHCI_CODES);
    member(&object, "other", object.other);
}

void counter_ran(bool l2, uint64_t start, uint64_t end)
{
    ticks[l2 ? TICKS_L2 : TICKS_L1] += end - start;
    if (last_end != 0)
        ticks[TICKS_OWN] += start - last_end;
    last_end = end;
}

static void dump_ticks(void)
{
    print("},\"ticks\":{\"L1\":%lu,\"L2\":%lu,\"tdxemu\":%lu", ticks[TICKS_L1], ticks[TICKS_L2],
          ticks[TICKS_OWN]);
}

void counters_dump(void)
{
    dump_exits();
    dump_table("tdcalls", leaf_names, tdcalls, TDG_LEAVES);
    dump_tdvmcalls();
    dump_table("l2_exits", reason_names, reasons, VMX_REASONS);
    dump_ticks();
    print("}}\n");
}
