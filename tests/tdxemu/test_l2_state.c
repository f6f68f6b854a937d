/* module/l2_state.h and module/cr.h: what may be entered, what a TD may load. */
#include "module/l2_state.h"

#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/cr.h"
#include "module_suite.h"

#define VM        1U
#define LONG_CODE 0xa09bU
#define CS_RIGHTS (VMCS_GUEST_ES_RIGHTS + 2U)

static struct metadata m;
static const struct l2_entry_state start = {0x1000000, X86_RFLAGS_FIXED};

/* A kernel in 64-bit mode, as a loader leaves it. */
static void long_mode(void)
{
    metadata_init(&m);
    metadata_vmcs_set(&m, VM, VMCS_GUEST_CR0, 0x80050033);
    metadata_vmcs_set(&m, VM, VMCS_GUEST_CR4, X86_CR4_PAE | X86_CR4_MCE | X86_CR4_VMXE);
    metadata_vmcs_set(&m, VM, VMCS_GUEST_EFER, 0xd01);
    metadata_vmcs_set(&m, VM, VMCS_ENTRY_CONTROLS,
                      metadata_vmcs(&m, VM, VMCS_ENTRY_CONTROLS) | VMX_ENTRY_IA32E);
    metadata_vmcs_set(&m, VM, CS_RIGHTS, LONG_CODE);
}

struct fault {
    uint32_t encoding;
    uint64_t value;
};

static const struct fault faults[] = {
    {VMCS_GUEST_CR0, 0x80050013},         /* NE clear */
    {VMCS_GUEST_CR0, 0x80050032},         /* PG without PE */
    {VMCS_GUEST_CR0, 0xc0050033},         /* CD */
    {VMCS_GUEST_CR4, 0x2040},             /* IA-32e without PAE */
    {VMCS_GUEST_CR4, 0x2020},             /* MCE clear */
    {VMCS_GUEST_EFER, 0x901},             /* LMA against the control */
    {VMCS_GUEST_EFER, 0xd03},             /* reserved bit */
    {VMCS_ENTRY_CONTROLS, 0},             /* the control against LMA */
    {VMCS_GUEST_CR3, 1ULL << 52},         /* beyond the width */
    {CS_RIGHTS, 0xe09b},                  /* L and D */
    {CS_RIGHTS, 0xa01b},                  /* not present */
    {VMCS_GUEST_ES_RIGHTS + 4, 0xc09b},   /* SS is code */
    {VMCS_GUEST_ES_RIGHTS + 14, 0x89},    /* TR not busy */
    {VMCS_GUEST_ES_RIGHTS + 14, 0x1008b}, /* TR unusable */
    {VMCS_GUEST_GDTR_LIMIT, 0x10000},     /* beyond 16 bits */
    {VMCS_GUEST_GDTR_BASE, 1ULL << 47},   /* not canonical */
    {VMCS_GUEST_INTERRUPTIBILITY, 1},     /* STI blocking without IF */
    {VMCS_GUEST_INTERRUPTIBILITY, 0x20},  /* reserved */
    {VMCS_GUEST_ACTIVITY, 1},             /* HLT */
    {VMCS_GUEST_DR7, 1ULL << 32},
};

START_TEST(a_kernel_may_be_entered)
{
    long_mode();
    ck_assert(l2_state_valid(&m, &start));
    metadata_vmcs_set(&m, VM, CS_RIGHTS, 0xa093); /* unrestricted guest: CS may be data */
    ck_assert(l2_state_valid(&m, &start));
    metadata_init(&m); /* as TDH.VP.INIT leaves it: LME without PG */
    struct l2_entry_state reset = {0xfffffff0, X86_RFLAGS_FIXED};
    ck_assert(l2_state_valid(&m, &reset));
}
END_TEST

START_TEST(each_fault_is_found)
{
    const struct fault *fault = &faults[_i];
    long_mode();
    metadata_vmcs_set(&m, VM, fault->encoding, fault->value);
    bool allowed = fault->encoding == CS_RIGHTS && fault->value == 0xa093;
    ck_assert_msg(l2_state_valid(&m, &start) == allowed, "%x = %lx", fault->encoding, fault->value);
}
END_TEST

START_TEST(registers_of_the_page_are_checked)
{
    static const struct l2_entry_state bad[] = {
        {1ULL << 47, 2},          {0x1000, 0},           {0x1000, 2 | 8},
        {0x1000, 2 | 1ULL << 22}, {0x1000, 2 | 0x20000},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        long_mode();
        ck_assert_msg(!l2_state_valid(&m, &bad[i]), "%u", i);
    }
    long_mode();
    metadata_vmcs_set(&m, VM, VMCS_ENTRY_INTERRUPTION_INFO, VMX_EVENT_VALID | 0x61);
    ck_assert(!l2_state_valid(&m, &start));
    struct l2_entry_state open = {0x1000, X86_RFLAGS_FIXED | X86_RFLAGS_IF};
    ck_assert(l2_state_valid(&m, &open));
}
END_TEST

START_TEST(control_registers_of_a_td)
{
    uint64_t cr4 = X86_CR4_PAE | X86_CR4_MCE;
    ck_assert_uint_eq(cr0_check(0x80050033, cr4, X86_EFER_LME, false), CR_DONE);
    ck_assert_uint_eq(cr0_check(0x80050013, cr4, X86_EFER_LME, false), CR_FAULT);
    ck_assert_uint_eq(cr0_check(0x80050033, X86_CR4_MCE, X86_EFER_LME, false), CR_FAULT);
    ck_assert_uint_eq(cr0_check(0xa0050033, cr4, X86_EFER_LME, false), CR_FAULT);
    ck_assert_uint_eq(cr0_check(0xc0050033, cr4, X86_EFER_LME, false), CR_NON_ARCH);
    ck_assert_uint_eq(cr0_check(0x30, cr4, 0, false), CR_NON_ARCH);
    ck_assert_uint_eq(cr0_check(0x30, cr4, 0, true), CR_DONE);
    ck_assert_uint_eq(cr4_check(cr4, X86_EFER_LMA), CR_DONE);
    ck_assert_uint_eq(cr4_check(X86_CR4_PAE, X86_EFER_LMA), CR_NON_ARCH);
    ck_assert_uint_eq(cr4_check(cr4 | X86_CR4_VMXE, X86_EFER_LMA), CR_NON_ARCH);
    ck_assert_uint_eq(cr4_check(cr4 | X86_CR4_LA57, X86_EFER_LMA), CR_FAULT);
    ck_assert_uint_eq(cr4_check(X86_CR4_MCE, X86_EFER_LMA), CR_FAULT);
}
END_TEST

Suite *module_suite(void)
{
    Suite *suite = suite_create("tdxemu l2_state");
    TCase *tests = tcase_create("l2_state");
    tcase_add_test(tests, a_kernel_may_be_entered);
    tcase_add_loop_test(tests, each_fault_is_found, 0, sizeof faults / sizeof *faults);
    tcase_add_test(tests, registers_of_the_page_are_checked);
    tcase_add_test(tests, control_registers_of_a_td);
    suite_add_tcase(suite, tests);
    return suite;
}
