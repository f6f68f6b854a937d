/* svm/insn.h: operands and lengths of system instructions. */
#include "svm/insn.h"

#include "module_suite.h"

static struct insn good(const char *bytes, unsigned count, unsigned length)
{
    struct insn insn = {0};
    ck_assert(insn_decode((const uint8_t *)bytes, count, true, &insn));
    ck_assert_uint_eq(insn.length, length);
    for (unsigned less = 0; less < length; less++)
        ck_assert(!insn_decode((const uint8_t *)bytes, less, true, &insn));
    return insn;
}

START_TEST(mov_cr_names_its_registers)
{
    struct insn insn = good("\x0f\x22\xe7\x90", 4, 3); /* mov cr4, rdi */
    ck_assert_uint_eq(insn.reg, 4);
    ck_assert_uint_eq(insn.rm, 7);
    insn = good("\x44\x0f\x20\xc0", 4, 4); /* mov rax, cr8 */
    ck_assert_uint_eq(insn.reg, 8);
    insn = good("\x41\x0f\x22\xdf", 4, 4); /* mov cr3, r15 */
    ck_assert_uint_eq(insn.rm, 15);
    ck_assert(!insn.has_memory);
}
END_TEST

START_TEST(memory_operands_are_found)
{
    const uint64_t gpr[16] = {
        [0] = 0x1000, [3] = 0x20, [4] = 0x100000, [5] = 0x4000, [13] = 0x8000};
    struct insn insn = good("\x0f\x01\x38", 3, 3); /* invlpg [rax] */
    ck_assert(insn.has_memory);
    ck_assert_uint_eq(insn_address(&insn, gpr, 0), 0x1000);
    insn = good("\x0f\x01\x7c\x98\xf0", 5, 5); /* invlpg [rax + rbx*4 - 16] */
    ck_assert_uint_eq(insn_address(&insn, gpr, 0), 0x1000 + 0x80 - 16);
    insn = good("\x41\x0f\x01\x7d\x00", 5, 5); /* invlpg [r13 + 0] */
    ck_assert_uint_eq(insn_address(&insn, gpr, 0), 0x8000);
    insn = good("\x0f\x01\x3d\x10\x00\x00\x00", 7, 7); /* invlpg [rip + 16] */
    ck_assert_uint_eq(insn_address(&insn, gpr, 0x100), 0x100 + 7 + 16);
    insn = good("\x0f\x01\x3c\x25\x00\x00\x00\x80", 8, 8); /* invlpg [0xffffffff80000000] */
    ck_assert_uint_eq(insn_address(&insn, gpr, 0), 0xffffffff80000000);
    insn = good("\x0f\x01\x75\x08", 4, 4); /* lmsw [rbp + 8] */
    ck_assert_uint_eq(insn_address(&insn, gpr, 0), 0x4008);
}
END_TEST

START_TEST(clts_has_no_operand)
{
    struct insn insn = good("\x0f\x06", 2, 2);
    ck_assert_uint_eq(insn.opcode, 0x06);
}
END_TEST

START_TEST(others_are_refused)
{
    struct insn insn;
    ck_assert(!insn_decode((const uint8_t *)"\x90\x90\x90", 3, true, &insn));
    ck_assert(!insn_decode((const uint8_t *)"\x0f\x0b\x90", 3, true, &insn));
    ck_assert(!insn_decode((const uint8_t *)"\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66"
                                            "\x66\x66\x0f\x06",
                           17, true, &insn));
}
END_TEST

Suite *module_suite(void)
{
    Suite *suite = suite_create("tdxemu insn");
    TCase *tests = tcase_create("insn");
    tcase_add_test(tests, mov_cr_names_its_registers);
    tcase_add_test(tests, memory_operands_are_found);
    tcase_add_test(tests, clts_has_no_operand);
    tcase_add_test(tests, others_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
