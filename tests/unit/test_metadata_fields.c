/*
 * A new TD, its fields that are more than a value under a mask, and the module's own access. Where
 * a source is named without a repository it is intel/tdx-module, branch tdx_1.5.
 */
#include "abi/vmx.h"
#include "metadata_td.h"
#include "unit.h"

#include <signal.h>

/* src/vmm_dispatcher/api_calls/tdh_mng_init.c, tdh_vp_init.c; src/common/helpers/helpers.c. */
START_TEST(a_new_td)
{
    ck_assert_uint_eq(rd(TDCS_NUM_L2_VMS), 1);
    ck_assert_uint_eq(rd(TDCS_ATTRIBUTES), TDX_ATTRIBUTE_SEPT_VE_DISABLE);
    ck_assert_uint_eq(rd(TDCS_XFAM), 7);
    ck_assert_uint_eq(rd(TDCS_GPAW), 0);
    ck_assert_uint_eq(rd(TDCS_TD_CTLS), 1);
    ck_assert_uint_eq(rd(0x9010000200000001), 1); /* NUM_VCPUS */
    ck_assert_uint_eq(rd(0xa020000200000002), 0); /* VCPU_INDEX */
    ck_assert_uint_eq(rd(TDVPS_L2_CTLS(1)), 0);
    ck_assert_uint_eq(rd(TDVPS_TSC_DEADLINE(0)), TDX_NO_DEADLINE);
    ck_assert_uint_eq(rd(TDVPS_TSC_DEADLINE(1)), TDX_NO_DEADLINE);
    ck_assert_uint_eq(rd(TDVPS_TSC_DEADLINE(2)), 0);
    for (uint64_t word = 0; word < TDX_MSR_BITMAP_WORDS; word++)
        ck_assert_uint_eq(rd(TDVPS_L2_MSR_BITMAP(1, word)), ALL);
}
END_TEST

/* src/common/metadata_handlers/metadata_sys.c; include/tdx_api_defs.h. */
START_TEST(the_system)
{
    ck_assert_uint_eq(rd(0x0800000200000000), 0x8086); /* VENDOR_ID */
    ck_assert_uint_eq(rd(0x0800000100000004), 1);      /* MAJOR_VERSION */
    ck_assert_uint_eq(rd(0x0800000100000003), 5);      /* MINOR_VERSION */
    uint64_t features = rd(SYS_TDX_FEATURES0);
    ck_assert_uint_ne(features & TDX_FEATURES0_PARTITIONING, 0);
    ck_assert_uint_ne(features & 1U << 18, 0);         /* NO_RBP_MOD */
    ck_assert_uint_eq(rd(0xa200000100000000), 0x807f); /* GUEST_L2_GPA_ATTR_MASK */
}
END_TEST

/* src/common/helpers/virt_msr_helpers.h: must-be-1 low, may-be-1 high. */
START_TEST(virtual_vmx_capabilities)
{
    static const struct {
        uint32_t msr;
        uint64_t value;
    } msrs[] = {
        {0x480, 0x01c0000000000000},
        {0x485, 0x600440e0},
        {0x486, 0x20},
        {0x487, 0x8005003f},
        {0x488, 0x2040},
        {0x489, 0x00352fff},
        {0x48b, 0x1379bffe132881f2},
        {0x48d, 0x0000003f0000003f},
        {0x48e, 0xfdfbfffeb5226dfa},
        {0x48f, 0x1f3fefff1f3fefff},
        {0x490, 0x003ed3ff003ed1ff},
        {0x491, 0},
        {0x492, 0x8e},
    };
    for (size_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++) {
        uint64_t value = metadata_value(&td, METADATA_VIRTUAL_MSR(msrs[i].msr));
        ck_assert_msg(value == msrs[i].value, "%#x: %#lx", msrs[i].msr, value);
    }
}
END_TEST

/* metadata_vp.c: MD_TDVPS_TSC_DEADLINE_FIELD_CODE. A TSC below 2^61 is taken for granted. */
START_TEST(tsc_deadline)
{
    const uint64_t far = 1ULL << 62;
    ck_written(wr(TDVPS_TSC_DEADLINE(1), far, ALL));
    ck_assert_uint_eq(rd(TDVPS_TSC_DEADLINE(1)), far);
    ck_assert_uint_eq(metadata_value(&td, 0xa02000030000005d), far); /* in native units */
    ck_assert_uint_eq(wr(TDVPS_TSC_DEADLINE(1), 3ULL << 62, ALL), TDX_OPERAND_INVALID);
    ck_assert_uint_eq(rd(TDVPS_TSC_DEADLINE(1)), far);
    ck_written(wr(TDVPS_TSC_DEADLINE(1), 1, ALL)); /* long past: now */
    ck_assert_uint_gt(metadata_value(&td, 0xa02000030000005d), 1);
    ck_written(wr(TDVPS_TSC_DEADLINE(1), TDX_NO_DEADLINE, ALL));
    ck_written(wr(TDVPS_TSC_DEADLINE(2), 3ULL << 62, ALL)); /* VM 2 is not: stored, no check */

    metadata_set(&td, 0x111000030000000a, far); /* TSC_OFFSET: virtual = native + far */
    ck_written(wr(TDVPS_TSC_DEADLINE(1), far + (1ULL << 61), ALL));
    ck_assert_uint_eq(metadata_value(&td, 0xa02000030000005d), 1ULL << 61);
    ck_written(wr(TDVPS_TSC_DEADLINE(1), 5, ALL));
    ck_assert_uint_lt(metadata_value(&td, 0xa02000030000005d), 1ULL << 61);
}
END_TEST

START_TEST(l2_controls)
{
    ck_written(wr(TDVPS_L2_CTLS(1), TDX_L2_CTLS_SHARED_EPTP, ALL));
    ck_assert_uint_eq(rd(TDVPS_L2_CTLS(1)), TDX_L2_CTLS_SHARED_EPTP);
    ck_refused(wr(TDVPS_L2_CTLS(1), 8, ALL));
    ck_written(wr(TDVPS_L2_CTLS(3), 7, ALL)); /* no such VM: kept without meaning */
}
END_TEST

/* metadata_td.c: MD_TDCS_TD_CTLS_FIELD_ID. */
START_TEST(td_controls)
{
    ck_refused(wr(TDCS_TD_CTLS, 0, 1));
    ck_written(wr(TDCS_TD_CTLS, 1, 1));
    metadata_set(&td, TDCS_CONFIG_FLAGS, 2); /* FLEXIBLE_PENDING_VE */
    ck_written(wr(TDCS_TD_CTLS, 0, 1));
    ck_assert_uint_eq(rd(TDCS_TD_CTLS), 0);
}
END_TEST

/* Linux arch/x86/coco/tdx/tdx.c, TDCS_NOTIFY_ENABLES: an id without element size and context. */
START_TEST(notify_enables_as_linux_asks)
{
    uint64_t previous = 0;
    ck_written(metadata_wr(&td, METADATA_TD, 0x9100000000000010, 0, ALL, &previous));
    ck_written(metadata_wr(&td, METADATA_TD, 0x9100000000000010, 1, 1, &previous));
    ck_assert_uint_eq(rd(TDCS_NOTIFY_ENABLES), 1);
}
END_TEST

START_TEST(msr_bitmap)
{
    ck_assert(metadata_msr_intercepted(&td, 1, 0xc0000082, true));
    ck_written(wr(TDVPS_L2_MSR_BITMAP(1, 384 + 2), 0, 4));
    ck_assert(!metadata_msr_intercepted(&td, 1, 0xc0000082, true));
    ck_assert(metadata_msr_intercepted(&td, 1, 0xc0000082, false));
    ck_assert(metadata_msr_intercepted(&td, 1, 0x82, true));
    ck_written(wr(TDVPS_L2_MSR_BITMAP(1, 0x808 / 64), 0, ALL));
    ck_assert(!metadata_msr_intercepted(&td, 1, 0x808, false));
    ck_assert(metadata_msr_intercepted(&td, 1, 0x808, true));
    ck_written(wr(TDVPS_L2_MSR_BITMAP(1, 0), 0, ALL));
    ck_assert(!metadata_msr_intercepted(&td, 1, 0x10, false));
    ck_assert(metadata_msr_intercepted(&td, 1, 0x2010, false)); /* outside the bitmap */
    ck_assert(metadata_msr_intercepted(&td, 1, 0x40000010, false));
}
END_TEST

START_TEST(dirty_groups)
{
    static const struct {
        uint64_t id;
        uint32_t dirty;
    } writes[] = {
        {TDVPS_L2_VMCS(1, VMCS_EXCEPTION_BITMAP), METADATA_DIRTY_CONTROLS},
        {TDVPS_L2_VMCS(1, VMCS_CR0_MASK), METADATA_DIRTY_CONTROLS},
        {TDVPS_L2_VMCS(1, VMCS_ENTRY_INTERRUPTION_INFO), METADATA_DIRTY_EVENT},
        {TDVPS_L2_VMCS(1, VMCS_ENTRY_INSTRUCTION_LENGTH), METADATA_DIRTY_EVENT},
        {TDVPS_L2_VMCS(1, VMCS_GUEST_RIP), METADATA_DIRTY_GUEST},
        {TDVPS_L2_VMCS(1, 0x0804), METADATA_DIRTY_GUEST},
        {TDVPS_L2_VMCS(1, 0x4402), 0},
        {TDVPS_L2_MSR_BITMAP(1, 511), METADATA_DIRTY_MSR_BITMAP},
        {TDVPS_L2_CTLS(1), METADATA_DIRTY_CONTROLS},
        {TDVPS_TSC_DEADLINE(1), 0},
        {TDCS_NOTIFY_ENABLES, 0},
    };
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        metadata_clean(&td);
        ck_assert_uint_eq(metadata_dirty(&td), 0);
        ck_written(wr(writes[i].id, 1, 1));
        ck_assert_msg(metadata_dirty(&td) == writes[i].dirty, "%#lx", writes[i].id);
    }
    metadata_vp_init(&td);
    ck_assert_uint_eq(metadata_dirty(&td), METADATA_DIRTY_ALL);
}
END_TEST

/* A VM or an id that does not exist is a mistake of the module, never of a guest. */
START_TEST(raw_access_of_nothing_traps)
{
    if (_i == 0)
        metadata_set(&td, TDVPS_L2_VMCS(2, 0x6800), 0);
    else if (_i == 1)
        (void)metadata_value(&td, 0x2110000300000000); /* SEPT_ROOT: kept elsewhere */
    else
        (void)metadata_vmcs(&td, 2, 0x6800);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("metadata fields");
    TCase *tests = tcase_create("fields");
    tcase_add_checked_fixture(tests, td_init, NULL);
    tcase_add_test(tests, a_new_td);
    tcase_add_test(tests, the_system);
    tcase_add_test(tests, virtual_vmx_capabilities);
    tcase_add_test(tests, tsc_deadline);
    tcase_add_test(tests, l2_controls);
    tcase_add_test(tests, td_controls);
    tcase_add_test(tests, notify_enables_as_linux_asks);
    tcase_add_test(tests, msr_bitmap);
    tcase_add_test(tests, dirty_groups);
    tcase_add_loop_test_raise_signal(tests, raw_access_of_nothing_traps, SIGILL, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}
