/* kernel/src/vmcoreinfo.h: the note's lines, complete, well formed, inside the page. */
#include "unit.h"
#include "vmcoreinfo.h"

static const struct vmcoreinfo_facts facts = {.release = "6.1.0-test",
                                              .build_id = "00",
                                              .phys_base = -41943040,
                                              .kaslr_offset = 0x2d000000,
                                              .five_levels = true,
                                              .stext = 0xffffffffae000000,
                                              .swapper_pg_dir = 0xffffffffaf000000,
                                              .init_uts_ns = 0xffffffffaf100000,
                                              .kallsyms_names = 1,
                                              .kallsyms_num_syms = 2,
                                              .kallsyms_token_table = 3,
                                              .kallsyms_token_index = 4,
                                              .kallsyms_offsets = 5,
                                              .kallsyms_relative_base = 6};

static unsigned char page[VMCOREINFO_PAGE];
static struct vmcoreinfo info;
static struct evidence evidence;

static void set_up(void)
{
    struct buffer note = {0};
    vmcoreinfo_write(&note, &facts);
    memset(page, 0, sizeof page);
    memcpy(page, note.bytes, note.size);
    buffer_free(&note);
    memset(&info, 0xa5, sizeof info);
    evidence = (struct evidence){NULL, 0};
}

static enum status parse(void)
{
    enum status status = vmcoreinfo_parse(page, &info, &evidence);
    ck_assert((status == STATUS_OK) == (evidence.what == NULL));
    ck_assert(status == STATUS_OK || unit_all_bytes(&info, sizeof info, 0xa5));
    return status;
}

START_TEST(facts_come_back)
{
    ck_assert(vmcoreinfo_begins(page));
    ck_status(parse(), STATUS_OK);
    ck_assert_str_eq(info.release, facts.release);
    ck_assert_int_eq(info.phys_base, facts.phys_base);
    ck_assert_int_eq(info.l5_enabled, 1);
    ck_assert_int_eq(info.sme_mask, 0);
    ck_assert_uint_eq(info.stext, facts.stext);
    ck_assert_uint_eq(info.swapper_pg_dir, facts.swapper_pg_dir);
    ck_assert_uint_eq(info.kallsyms_names, 1);
    ck_assert_uint_eq(info.kallsyms_num_syms, 2);
    ck_assert_uint_eq(info.kallsyms_token_table, 3);
    ck_assert_uint_eq(info.kallsyms_token_index, 4);
    ck_assert_uint_eq(info.kallsyms_offsets, 5);
    ck_assert_uint_eq(info.kallsyms_relative_base, 6);
}
END_TEST

/* A line is lost (its key renamed), or its value spoilt: what, and what then. */
static const struct {
    const char *key;
    enum status lost, spoilt;
} lines[] = {
    {"OSRELEASE=", STATUS_NOT_FOUND, STATUS_OK},
    {"NUMBER(phys_base)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"NUMBER(pgtable_l5_enabled)=", STATUS_OK, STATUS_MALFORMED},
    {"NUMBER(sme_mask)=", STATUS_OK, STATUS_MALFORMED},
    {"SYMBOL(_stext)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(swapper_pg_dir)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(kallsyms_names)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(kallsyms_num_syms)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(kallsyms_token_table)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(kallsyms_token_index)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(kallsyms_offsets)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
    {"SYMBOL(kallsyms_relative_base)=", STATUS_NOT_FOUND, STATUS_MALFORMED},
};

START_TEST(lost_lines)
{
    char *line = strstr((char *)page + 24, lines[_i].key);
    ck_assert_ptr_nonnull(line);
    line[0] = '#';
    ck_status(parse(), lines[_i].lost);
}
END_TEST

START_TEST(spoilt_values)
{
    char *line = strstr((char *)page + 24, lines[_i].key);
    line[strlen(lines[_i].key)] = 'x';
    ck_status(parse(), lines[_i].spoilt);
}
END_TEST

START_TEST(every_cut_is_refused)
{
    /* Up to the end of the line with the last required entry; what follows may be missing. */
    char *last = strstr((char *)page + 24, "NUMBER(phys_base)");
    uint32_t complete = (uint32_t)(last - (char *)page) - 24;
    for (uint32_t size = 0; size < complete; size++) {
        memcpy(page + 4, &size, sizeof size);
        ck_assert_int_ne(parse(), STATUS_OK);
        evidence = (struct evidence){NULL, 0};
    }
}
END_TEST

START_TEST(size_beyond_the_page_is_no_harm)
{
    uint32_t size = 0xffffffff;
    memcpy(page + 4, &size, sizeof size);
    ck_status(parse(), STATUS_OK);
    memset(page + strlen((char *)page + 24) + 24, 'x', 16); /* no NUL up to the page's end */
    for (size_t i = 0; i < sizeof page; i++)
        page[i] = page[i] == 0 && i > 24 ? 'x' : page[i];
    (void)!parse();
}
END_TEST

START_TEST(headers_that_are_none)
{
    static const size_t at[] = {0, 1, 3, 12, 21, 22, 24, 31};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        page[at[i]] ^= 0x40;
        ck_assert_msg(!vmcoreinfo_begins(page), "byte %zu", at[i]);
        ck_assert_int_ne(parse(), STATUS_OK);
        page[at[i]] ^= 0x40;
        evidence = (struct evidence){NULL, 0};
    }
}
END_TEST

START_TEST(release_of_any_length)
{
    char release[KERNEL_RELEASE_SIZE + 2];
    for (size_t length = 0; length <= KERNEL_RELEASE_SIZE; length++) {
        struct vmcoreinfo_facts other = facts;
        struct buffer note = {0};
        memset(release, 'r', length);
        release[length] = '\0';
        other.release = release;
        vmcoreinfo_write(&note, &other);
        memcpy(page, note.bytes, note.size);
        memset(&info, 0xa5, sizeof info);
        evidence = (struct evidence){NULL, 0};
        ck_assert_int_eq(parse() == STATUS_OK, length > 0 && length < KERNEL_RELEASE_SIZE);
        buffer_free(&note);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("vmcoreinfo");
    TCase *tests = tcase_create("vmcoreinfo");
    enum {
        LINES = sizeof lines / sizeof lines[0]
    };
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, facts_come_back);
    tcase_add_loop_test(tests, lost_lines, 0, LINES);
    tcase_add_loop_test(tests, spoilt_values, 0, LINES);
    tcase_add_test(tests, every_cut_is_refused);
    tcase_add_test(tests, size_beyond_the_page_is_no_harm);
    tcase_add_test(tests, headers_that_are_none);
    tcase_add_test(tests, release_of_any_length);
    suite_add_tcase(suite, tests);
    return suite;
}
