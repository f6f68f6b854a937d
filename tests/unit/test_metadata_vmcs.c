/*
 * Fields of the L2 VMCS that are more than a value under a mask, and a new VMCS. Where a source is
 * named without a repository it is intel/tdx-module, branch tdx_1.5.
 */
#include "abi/vmx.h"
#include "abi/x86.h"
#include "metadata_td.h"
#include "unit.h"

/* src/common/data_structures/td_vmcs_init.c, src/common/x86_defs/vmcs_defs.h; SDM A.3 to A.5. */
START_TEST(a_new_l2_vmcs)
{
    static const struct {
        uint32_t encoding;
        uint64_t seen;
    } fields[] = {
        {0x4000, 0x0000003f}, {0x4002, 0xb5226dfa},
        {0x401e, 0x1338b3fa}, {0x2034, 0x80},
        {0x400c, 0x1f3fefff}, {0x4012, 0x003ed1ff},
        {0x4004, 0x00040000}, {0x6800, 0x21},
        {0x6804, 0x2040},     {0x2806, 0x901},
        {0x6000, ALL},        {0x6002, ALL},
        {0x6004, 0},          {0x6006, 0},
        {0x2012, ALL},        {0x2010 + 0xc, 0},
        {0x681e, 0xfffffff0}, {0x6820, 2},
        {0x4816, 0xc09b},     {0x4822, 0x8b},
        {0x4820, 0x10082},    {0x2804, 0x0007040600070406},
        {0x681a, 0x400},      {0x4826, 0},
        {0x280a, ALL},        {0x201a, 0x1e},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        ck_assert_msg(rd_vmcs(fields[i].encoding) == fields[i].seen, "%#x: %#lx",
                      fields[i].encoding, rd_vmcs(fields[i].encoding));
    /* What the CPU would hold differs from what L1 sees until L1 writes. */
    ck_assert_uint_eq(vmcs(0x6004), 0x21);
    ck_assert_uint_eq(vmcs(0x6006), 0x2040);
}
END_TEST

/* metadata_vp.c, check_l2_procbased_exec_ctls(): bits of the write mask comply with the MSR. */
START_TEST(primary_controls)
{
    const uint32_t rdtsc = 1U << 12;
    const uint32_t rdpmc = 1U << 11;
    ck_written(wr_vmcs(0x4002, rdtsc, rdtsc));
    ck_assert_uint_eq(rd_vmcs(0x4002), 0xb5226dfa | rdtsc);
    ck_written(wr_vmcs(0x4002, 1U << 27, 1U << 27));                  /* MTF looks settable */
    ck_refused(wr_vmcs(0x4002, 0, rdpmc));                            /* pinned without PERFMON */
    ck_refused(wr_vmcs(0x4002, 0xb5226dfa & ~(1U << 7), 0xffffffff)); /* HLT exiting */
    ck_assert_uint_eq(wr_vmcs(0x4002, 0, 1U << 7), TDX_METADATA_FIELD_NOT_WRITABLE);
    ck_assert_uint_eq(rd_vmcs(0x4002), 0xb5226dfa | rdtsc | 1U << 27);
    ck_assert_uint_eq(wr_vmcs(0x4000, 0x40, 0x40), TDX_METADATA_FIELD_NOT_WRITABLE);
}
END_TEST

START_TEST(secondary_and_tertiary_controls)
{
    ck_written(wr_vmcs(0x401e, 1U << 22, 1U << 22)); /* mode-based execute control */
    ck_refused(wr_vmcs(0x401e, 1U << 26, 1U << 26)); /* no WAITPKG */
    ck_refused(wr_vmcs(0x401e, 1U << 27, 1U << 27)); /* no MKTME */
    ck_written(wr_vmcs(0x401e, 0, 1U << 9));         /* virtual-interrupt delivery off */
    ck_assert_uint_eq(rd_vmcs(0x401e), (0x1338b3faU | 1U << 22) & ~(1U << 9));
    ck_written(wr_vmcs(0x2034, 2, 2));
    ck_assert_uint_eq(rd_vmcs(0x2034), 0x82);
    ck_assert_uint_eq(wr_vmcs(0x2034, 0x20, 0x20), TDX_METADATA_FIELD_NOT_WRITABLE);
    ck_written(wr_vmcs(0x4012, VMX_ENTRY_IA32E, VMX_ENTRY_IA32E));
    ck_refused(wr_vmcs(0x4012, 0, 0xffffffff));
}
END_TEST

/* src/common/helpers/helpers.c, init_tdvps_fields(): NE, NW, CD and reserved bits are its own. */
START_TEST(cr0)
{
    ck_written(wr_vmcs(0x6800, X86_CR0_PG | X86_CR0_WP, X86_CR0_PG | X86_CR0_WP));
    ck_assert_uint_eq(rd_vmcs(0x6800), 0x80010021);
    ck_written(wr_vmcs(0x6800, 0x20, ALL));
    ck_refused(wr_vmcs(0x6800, 0, ALL));
    ck_refused(wr_vmcs(0x6800, 0x20 | X86_CR0_CD, ALL));
    ck_assert_uint_eq(wr_vmcs(0x6800, 0, X86_CR0_NE), TDX_METADATA_FIELD_NOT_WRITABLE);
    /* What lies beneath the module's bits is neither seen nor changed. */
    metadata_vmcs_set(&td, 1, 0x6800, X86_CR0_PE | X86_CR0_CD);
    ck_assert_uint_eq(rd_vmcs(0x6800), X86_CR0_PE | X86_CR0_NE);
    ck_written(wr_vmcs(0x6800, X86_CR0_MP, X86_CR0_MP));
    ck_assert_uint_eq(vmcs(0x6800), X86_CR0_PE | X86_CR0_MP | X86_CR0_CD);
}
END_TEST

/* src/common/helpers/helpers.h, calc_base_l2_cr4_write_mask(). */
START_TEST(cr4)
{
    ck_written(wr_vmcs(0x6804, X86_CR4_PAE, X86_CR4_PAE));
    ck_assert_uint_eq(rd_vmcs(0x6804), 0x2060);
    ck_refused(wr_vmcs(0x6804, 0, ALL));                     /* MCE and VMXE stay */
    ck_refused(wr_vmcs(0x6804, 1U << 22, 1U << 22));         /* PKE: not in XFAM */
    ck_refused(wr_vmcs(0x6804, 1U << 23, 1U << 23));         /* CET */
    ck_refused(wr_vmcs(0x6804, X86_CR4_LA57, X86_CR4_LA57)); /* the CPU has none */
    ck_refused(wr_vmcs(0x6804, 1U << 24, 1U << 24));         /* PKS: not in ATTRIBUTES */
    metadata_set(&td, TDCS_XFAM, 0x207);
    metadata_set(&td, TDCS_ATTRIBUTES, 1ULL << 30 | TDX_ATTRIBUTE_SEPT_VE_DISABLE);
    metadata_vp_init(&td);
    ck_written(wr_vmcs(0x6804, 1U << 22, 1U << 22));
    ck_written(wr_vmcs(0x6804, 1U << 24, 1U << 24));
    ck_assert_uint_eq(metadata_value(&td, METADATA_VIRTUAL_MSR(0x489)), 0x01752fff);
}
END_TEST

/* metadata_vp.c, combine_l2_cr0_cr4_controls(): L1's bits come before the module's. */
START_TEST(cr_masks_and_shadows)
{
    ck_written(wr_vmcs(0x6000, X86_CR0_PG, ALL));
    ck_assert_uint_eq(rd_vmcs(0x6000), X86_CR0_PG);
    ck_assert_uint_eq(vmcs(0x6000), 0xffffffff1ffaffc0 | X86_CR0_PG | X86_CR0_NE | 0x60000000);
    ck_assert_uint_eq(vmcs(0x6004), X86_CR0_NE);
    ck_written(wr_vmcs(0x6004, X86_CR0_PG | X86_CR0_WP, ALL));
    ck_assert_uint_eq(rd_vmcs(0x6004), X86_CR0_PG | X86_CR0_WP);
    ck_assert_uint_eq(vmcs(0x6004), X86_CR0_NE | X86_CR0_PG);
    ck_written(wr_vmcs(0x6000, X86_CR0_PG | X86_CR0_NE, ALL));
    ck_assert_uint_eq(vmcs(0x6004), X86_CR0_PG); /* NE is L1's now, and L1's shadow has it 0 */

    ck_written(wr_vmcs(0x6002, X86_CR4_PSE, ALL));
    ck_written(wr_vmcs(0x6006, X86_CR4_PSE | X86_CR4_PGE, ALL));
    ck_assert_uint_eq(rd_vmcs(0x6002), X86_CR4_PSE);
    ck_assert_uint_eq(rd_vmcs(0x6006), X86_CR4_PSE | X86_CR4_PGE);
    ck_assert_uint_eq(vmcs(0x6002), ~0x00350fbfULL | X86_CR4_PSE);
    ck_assert_uint_eq(vmcs(0x6006), X86_CR4_MCE | X86_CR4_VMXE | X86_CR4_PSE);
}
END_TEST

START_TEST(efer)
{
    ck_written(wr_vmcs(0x2806, 0x501, 0x501));
    ck_assert_uint_eq(rd_vmcs(0x2806), 0xd01);
    ck_assert_uint_eq(wr_vmcs(0x2806, 0, X86_EFER_NXE), TDX_METADATA_FIELD_NOT_WRITABLE);
    ck_refused(wr_vmcs(0x2806, 0x501, ALL)); /* NXE would fall */
}
END_TEST

/* helpers.c, check_gpa_validity() with GPAW 0; md_vp_adjust_value_per_field_attr_on_wr(). */
START_TEST(private_gpas)
{
    static const uint32_t fields[] = {0x2012, 0x2040, 0x6802, 0x280a, 0x2810};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        uint64_t mask = fields[i] == 0x2040   ? 0x0ffffffffff018
                        : fields[i] == 0x2012 ? ~0xfffULL
                                              : ALL;
        ck_refused(wr_vmcs(fields[i], 0x0000800000001000, mask)); /* shared */
        ck_refused(wr_vmcs(fields[i], 0x0001000000001000, mask));
        ck_written(wr_vmcs(fields[i], 0x00007ffffffff000, mask));
        ck_assert_uint_eq(rd_vmcs(fields[i]), 0x00007ffffffff000);
        ck_refused(wr_vmcs(fields[i], 1ULL << 47, 1ULL << 47));
        ck_assert_uint_eq(rd_vmcs(fields[i]), 0x00007ffffffff000);
    }
    ck_refused(wr_vmcs(0x6802, 1ULL << 63, ALL)); /* CR3 */
    ck_refused(wr_vmcs(0x2012, 0x1008, ALL));
}
END_TEST

START_TEST(virtual_apic_address)
{
    ck_refused(wr_vmcs(0x2012, 0, 0xffffffff000)); /* bits above are still unset */
    ck_written(wr_vmcs(0x2012, 0x5000, ALL));      /* low bits of unset count as 0 */
    ck_assert_uint_eq(rd_vmcs(0x2012), 0x5000);
    ck_assert_uint_eq(vmcs(0x2012), 0x5000);
    uint64_t previous = 0;
    ck_assert_uint_eq(
        metadata_wr(&td, METADATA_VP, TDVPS_L2_VMCS(1, 0x2012), 0x6000, ALL, &previous),
        TDX_SUCCESS);
    ck_assert_uint_eq(previous, 0x5000);
}
END_TEST

START_TEST(eptp)
{
    ck_refused(wr_vmcs(0x201a, 0x80, 0x80)); /* supervisor shadow stacks need XFAM CET_S */
    metadata_set(&td, TDCS_XFAM, 0x1807);
    ck_written(wr_vmcs(0x201a, 0x80, 0x80));
    metadata_vmcs_set(&td, 1, 0x201a, 0x123456789e);
    ck_assert_uint_eq(rd_vmcs(0x201a), 0x89e); /* the address is hidden, also afterwards */
    uint64_t previous = 0;
    ck_written(metadata_wr(&td, METADATA_VP, TDVPS_L2_VMCS(1, 0x201a), 0, 0x80, &previous));
    ck_assert_uint_eq(previous, 0x89e);
    ck_assert_uint_eq(vmcs(0x201a), 0x123456781e);
}
END_TEST

/* metadata_vp.c, check_and_update_ia32_dbgctrl(). */
START_TEST(debugctl)
{
    ck_refused(wr_vmcs(0x2802, 0x40, 0xc0));
    ck_written(wr_vmcs(0x2802, 0xc0, 0xc0));
    ck_refused(wr_vmcs(0x2802, 0, 0x80)); /* would leave TR alone */
    ck_assert_uint_eq(rd_vmcs(0x2802), 0xc0);
    ck_written(wr_vmcs(0x2802, 0x2000, 0x2000)); /* bit 13 is the CPU's */
    ck_assert_uint_eq(vmcs(0x2802), 0xc0);
}
END_TEST

/* metadata_vp.c: VMX_PAUSE_LOOP_EXITING_GAP_ENCODE, calculate_native_tsc(). */
START_TEST(pause_loop_exiting)
{
    metadata_set(&td, 0x111000030000000a, (uint64_t)-0x1000); /* TSC_OFFSET */
    ck_written(wr_vmcs(0x4020, 0x80, 0xffffffff));
    ck_assert_uint_eq(rd_vmcs(0x4020), 0x80);
    ck_assert_uint_eq(vmcs(0x4020), 0x1080);
    ck_refused(wr_vmcs(0x4022, 0xffffff00, 0xffffffff));
    ck_assert_uint_eq(vmcs(0x4022), 0);
    ck_assert_uint_eq(rd_vmcs(0x4022), 0xffffff00); /* as the module, which notes it first */
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("metadata vmcs");
    TCase *tests = tcase_create("fields");
    tcase_add_checked_fixture(tests, td_init, NULL);
    tcase_add_test(tests, a_new_l2_vmcs);
    tcase_add_test(tests, primary_controls);
    tcase_add_test(tests, secondary_and_tertiary_controls);
    tcase_add_test(tests, cr0);
    tcase_add_test(tests, cr4);
    tcase_add_test(tests, cr_masks_and_shadows);
    tcase_add_test(tests, efer);
    tcase_add_test(tests, private_gpas);
    tcase_add_test(tests, virtual_apic_address);
    tcase_add_test(tests, eptp);
    tcase_add_test(tests, debugctl);
    tcase_add_test(tests, pause_loop_exiting);
    suite_add_tcase(suite, tests);
    return suite;
}
