#include "module/cpuid.h"

#include "abi/x86.h"
#include "boot/interrupts.h"

#define LEAF_LAST          0x21U
#define LEAF_EXTENDED      0x80000000U
#define LEAF_EXTENDED_LAST 0x80000008U
#define LEAF_HYPERVISOR    0x40000000U
#define MHZ                1000000U

/* Leaf 1: no DTES64, MONITOR, VMX, SMX, EST, TM2, SDBG, PDCM, DCA; no ACPI, TM, MCE stays. */
#define LEAF1_ECX_MASK   0x76d83203U
#define LEAF1_EDX_MASK   0x0fabfbffU
#define LEAF1_X2APIC     (1U << 21)
#define LEAF1_DEADLINE   (1U << 24)
#define LEAF1_OSXSAVE    (1U << 27)
#define LEAF1_HYPERVISOR (1U << 31)
/* Leaf 7: no SGX, HLE, RTM, MPX, PT, AVX-512, PKU, WAITPKG, LA57, CET; XFAM has AVX at most. */
#define LEAF7_EBX_MASK          0x219c07a9U
#define LEAF7_ECX_MASK          0x00400704U
#define LEAF7_EDX_MASK          0x00000010U
#define LEAF7_ARCH_CAPABILITIES (1U << 29)
#define XFAM                    7U
#define LEAFD1_EAX_MASK         0x7U
#define EXT1_ECX_MASK           0x00000121U
#define EXT1_EDX_MASK           0x2c100800U

struct fixed {
    uint32_t leaf, subleaf;
    struct cpuid value;
};

#define ANY_SUBLEAF UINT32_MAX

static const struct fixed fixed_leaves[] = {
    {0, ANY_SUBLEAF, {LEAF_LAST, 0x756e6547, 0x6c65746e, 0x49656e69}}, /* GenuineIntel */
    {2, ANY_SUBLEAF, {0x00feff01, 0x000000f0, 0, 0}},
    {3, ANY_SUBLEAF, {0, 0, 0, 0}},
    {4, 0, {0x00000121, 0x02c0003f, 0x0000003f, 0}}, /* L1D 48 KiB */
    {4, 1, {0x00000122, 0x01c0003f, 0x0000003f, 0}}, /* L1I 32 KiB */
    {4, 2, {0x00000143, 0x03c0003f, 0x000007ff, 0}}, /* L2 2 MiB */
    {4, ANY_SUBLEAF, {0, 0, 0, 0}},
    {6, ANY_SUBLEAF, {4, 0, 0, 0}}, /* ARAT */
    {0xb, 0, {0, 1, 0x100, 0}},
    {0xb, 1, {1, 1, 0x201, 0}},
    {0xb, ANY_SUBLEAF, {0, 0, 2, 0}},
    {0x1f, ANY_SUBLEAF, {0, 0, 0, 0}},
    {0x21, 0, {0, 0x65746e49, 0x20202020, 0x5844546c}}, /* IntelTDX */
    {0x21, ANY_SUBLEAF, {0, 0, 0, 0}},
    {LEAF_EXTENDED, ANY_SUBLEAF, {LEAF_EXTENDED_LAST, 0, 0, 0}},
    {0x80000002, ANY_SUBLEAF, {0x65746e49, 0x2952286c, 0x6f655820, 0x2952286e}}, /* Intel(R) */
    {0x80000003, ANY_SUBLEAF, {0x6f725020, 0x73736563, 0x6520726f, 0x616c756d}}, /* Xeon(R) */
    {0x80000004, ANY_SUBLEAF, {0x20646574, 0x51207962, 0x00554d45, 0}}, /* emulated by QEMU */
    {0x80000005, ANY_SUBLEAF, {0, 0, 0, 0}},
    {0x80000006, ANY_SUBLEAF, {0, 0, 0x08007040, 0}},
    {0x80000007, ANY_SUBLEAF, {0, 0, 0, 0x100}}, /* invariant TSC */
    {0x80000008, ANY_SUBLEAF, {0x00003034, 0, 0, 0}},
};

static bool find_fixed(uint32_t leaf, uint32_t subleaf, struct cpuid *out)
{
    for (unsigned i = 0; i < sizeof fixed_leaves / sizeof *fixed_leaves; i++) {
        const struct fixed *f = &fixed_leaves[i];
        if (f->leaf == leaf && (f->subleaf == ANY_SUBLEAF || f->subleaf == subleaf)) {
            *out = f->value;
            return true;
        }
    }
    return false;
}

static struct cpuid leaf_1(uint64_t cr4)
{
    struct cpuid r = cpuid_read(1, 0);
    r.eax = CPUID_SIGNATURE;
    r.ebx = 0x00010800; /* one logical processor, CLFLUSH of 64 bytes, APIC id 0 */
    r.ecx = (r.ecx & LEAF1_ECX_MASK) | LEAF1_X2APIC | LEAF1_DEADLINE | LEAF1_HYPERVISOR |
            (cr4 & X86_CR4_OSXSAVE ? LEAF1_OSXSAVE : 0);
    r.edx &= LEAF1_EDX_MASK;
    return r;
}

static struct cpuid leaf_7(uint32_t subleaf)
{
    if (subleaf != 0)
        return (struct cpuid){0, 0, 0, 0};
    struct cpuid r = cpuid_read(7, 0);
    return (struct cpuid){0, r.ebx & LEAF7_EBX_MASK, r.ecx & LEAF7_ECX_MASK,
                          (r.edx & LEAF7_EDX_MASK) | LEAF7_ARCH_CAPABILITIES};
}

/* EBX is the size for XCR0 as it is; ECX that for all of XFAM: legacy, header, AVX. */
static struct cpuid leaf_d(uint32_t subleaf)
{
    struct cpuid r = cpuid_read(0xd, subleaf);
    if (subleaf == 0)
        return (struct cpuid){r.eax & XFAM, r.ebx, 576 + 256, 0};
    if (subleaf == 1)
        return (struct cpuid){r.eax & LEAFD1_EAX_MASK, r.ebx, 0, 0};
    return subleaf == 2 ? r : (struct cpuid){0, 0, 0, 0};
}

static bool computed(uint32_t leaf, uint32_t subleaf, uint64_t cr4, struct cpuid *out)
{
    uint32_t hz = (uint32_t)tsc_hz();
    switch (leaf) {
    case 1:
        *out = leaf_1(cr4);
        return true;
    case 7:
        *out = leaf_7(subleaf);
        return true;
    case 0xd:
        *out = leaf_d(subleaf);
        return true;
    case 0x15:
        *out = (struct cpuid){1, 1, hz, 0};
        return true;
    case 0x16:
        *out = (struct cpuid){hz / MHZ, hz / MHZ, 100, 0};
        return true;
    case 0x80000001: {
        struct cpuid r = cpuid_read(leaf, 0);
        *out = (struct cpuid){0, 0, r.ecx & EXT1_ECX_MASK, r.edx & EXT1_EDX_MASK};
        return true;
    }
    default:
        return false;
    }
}

bool cpuid_virtual(uint32_t leaf, uint32_t subleaf, uint64_t cr4, struct cpuid *out)
{
    return find_fixed(leaf, subleaf, out) || computed(leaf, subleaf, cr4, out);
}

struct cpuid cpuid_host(uint32_t leaf, uint32_t subleaf, uint64_t cr4)
{
    struct cpuid r = {0, 0, 0, 0};
    if (leaf == LEAF_HYPERVISOR)
        return (struct cpuid){LEAF_HYPERVISOR + 1, 0x4b4d564b, 0x564b4d56, 0x4d}; /* KVMKVMKVM */
    if (!cpuid_virtual(leaf, subleaf, cr4, &r))
        return (struct cpuid){0, 0, 0, 0};
    return r;
}
