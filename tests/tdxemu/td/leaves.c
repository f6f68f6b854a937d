/* TDCALL leaves but TDG.VP.ENTER, and TDVMCALLs. */
#include "abi/ghci.h"
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "td.h"

#define AT_4K 0x1400000ULL
#define AT_2M 0x2000000ULL

static void info(uint64_t gpr[L2_REGISTERS])
{
    check("vp.info", leaf(gpr, TDG_VP_INFO, 0, 0, 0, 0), 0);
    check("vp.info gpaw", gpr[L2_RCX], 48);
    check("vp.info attributes", gpr[L2_RDX], TDX_ATTRIBUTE_SEPT_VE_DISABLE);
    check("vp.info vcpus", gpr[L2_R8], 1ULL << 32 | 1);
    check("unknown leaf", leaf(gpr, 99, 0, 0, 0, 0), TDX_OPERAND_INVALID);
    check("version", leaf(gpr, TDG_VP_INFO | 1ULL << TDX_VERSION_SHIFT, 0, 0, 0, 0),
          TDX_OPERAND_INVALID);
    check("no ve info", leaf(gpr, TDG_VP_VEINFO_GET, 0, 0, 0, 0), TDX_NO_VALID_VE_INFO);
}

static void fields(uint64_t gpr[L2_REGISTERS])
{
    check("num_l2_vms", leaf(gpr, TDG_VM_RD, 0, TDCS_NUM_L2_VMS, 0, 0), 0);
    check("num_l2_vms value", gpr[L2_R8], 1);
    check("features", leaf(gpr, TDG_SYS_RD, 0, SYS_TDX_FEATURES0, 0, 0), 0);
    check("partitioning", gpr[L2_R8] & TDX_FEATURES0_PARTITIONING, TDX_FEATURES0_PARTITIONING);
    check("notify", leaf(gpr, TDG_VM_WR, 0, TDCS_NOTIFY_ENABLES, 0, ~0ULL), 0);
    check("attributes are read-only", leaf(gpr, TDG_VM_WR, 0, TDCS_ATTRIBUTES, 0, ~0ULL),
          TDX_METADATA_FIELD_NOT_WRITABLE);
}

static void pages(uint64_t gpr[L2_REGISTERS])
{
    volatile uint64_t *page = (volatile uint64_t *)AT_4K;
    volatile uint64_t *shared = (volatile uint64_t *)(SHARED_AT + AT_4K);
    check("accept", leaf(gpr, TDG_MEM_PAGE_ACCEPT, AT_4K, 0, 0, 0), 0);
    check("accept again", leaf(gpr, TDG_MEM_PAGE_ACCEPT, AT_4K, 0, 0, 0),
          TDX_PAGE_ALREADY_ACCEPTED);
    check("accept 2M over 4K", leaf(gpr, TDG_MEM_PAGE_ACCEPT, 0x1400001, 0, 0, 0),
          TDX_PAGE_SIZE_MISMATCH | 1);
    check("accept 2M", leaf(gpr, TDG_MEM_PAGE_ACCEPT, AT_2M | 1, 0, 0, 0), 0);
    check("accept 4K in 2M", leaf(gpr, TDG_MEM_PAGE_ACCEPT, AT_2M + 4096, 0, 0, 0),
          TDX_PAGE_ALREADY_ACCEPTED | 1);
    check("accept reserved bits", leaf(gpr, TDG_MEM_PAGE_ACCEPT, AT_4K | 8, 0, 0, 0),
          TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
    check("accept shared", leaf(gpr, TDG_MEM_PAGE_ACCEPT, 1ULL << 47, 0, 0, 0),
          TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
    check("accepted is zero", *page, 0);
    *page = 0x1234;
    check("map to shared", vmcall(gpr, GHCI_MAP_GPA, AT_4K | 1ULL << 47, 4096, 0, 0), 0);
    *shared = 0x5678;
    check("shared holds", *shared, 0x5678);
    check("map to private", vmcall(gpr, GHCI_MAP_GPA, AT_4K, 4096, 0, 0), 0);
    check("accept after sharing", leaf(gpr, TDG_MEM_PAGE_ACCEPT, AT_4K, 0, 0, 0), 0);
    check("zero again", *page, 0);
}

static void attributes(uint64_t gpr[L2_REGISTERS])
{
    uint64_t rw = (uint64_t)(TDX_ATTR_VALID | TDX_ATTR_R | TDX_ATTR_W) << 16;
    uint64_t w = (uint64_t)(TDX_ATTR_VALID | TDX_ATTR_W) << 16;
    uint64_t all = 0x7fffULL << 16;
    check("attr.wr", leaf(gpr, TDG_MEM_PAGE_ATTR_WR, AT_4K, rw, all, 0), 0);
    check("attr.wr rdx", gpr[L2_RDX], rw);
    check("attr.wr illegal", leaf(gpr, TDG_MEM_PAGE_ATTR_WR, AT_4K, w, all, 0),
          TDX_PAGE_ATTR_INVALID);
    check("attr.wr illegal rdx", gpr[L2_RDX], rw);
    check("attr.rd", leaf(gpr, TDG_MEM_PAGE_ATTR_RD, AT_4K, 0, 0, 0), 0);
    check("attr.rd rcx", gpr[L2_RCX], AT_4K);
    check("attr.rd rdx", gpr[L2_RDX], rw);
    check("attr.wr vm 0", leaf(gpr, TDG_MEM_PAGE_ATTR_WR, AT_4K, 1, 0, 0),
          TDX_OPERAND_INVALID | TDX_OPERAND_RDX);
    check("attr.wr mask of vm 2", leaf(gpr, TDG_MEM_PAGE_ATTR_WR, AT_4K, rw, all | 1ULL << 32, 0),
          TDX_OPERAND_INVALID | TDX_OPERAND_R8);
    check("attr.wr drops", leaf(gpr, TDG_MEM_PAGE_ATTR_WR, AT_4K, 0x80000000, all, 0), 0);
    check("attr.rd none", leaf(gpr, TDG_MEM_PAGE_ATTR_RD, AT_4K, 0, 0, 0), 0);
    check("attr.rd none rdx", gpr[L2_RDX], 0);
}

static void calls(uint64_t gpr[L2_REGISTERS])
{
    check("cpuid 0x40000000", vmcall(gpr, GHCI_CPUID, 0x40000000, 0, 0, 0), 0);
    check("KVMK", gpr[L2_R13], 0x4b4d564b);
    check("unsupported", vmcall(gpr, 0x12345, 0, 0, 0, 0), GHCI_INVALID_OPERAND);
    check("rdmsr apic base", vmcall(gpr, GHCI_RDMSR, 0x1b, 0, 0, 0), 0);
    check("apic base", gpr[L2_R11], 0xfee00d00);
    check("rdmsr unknown", vmcall(gpr, GHCI_RDMSR, 0x12345678, 0, 0, 0), GHCI_INVALID_OPERAND);
    check("mmio of ram", vmcall(gpr, GHCI_MMIO, 4, 0, AT_4K, 0), GHCI_INVALID_OPERAND);
    check("mask", leaf(gpr, TDG_VP_VMCALL, 1, 0, 0, 0), TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
}

void test_leaves(void)
{
    uint64_t gpr[L2_REGISTERS];
    info(gpr);
    fields(gpr);
    pages(gpr);
    attributes(gpr);
    calls(gpr);
}
