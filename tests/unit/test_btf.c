/* kernel/src/btf.h, members.h: all kinds are stepped over, paths resolve, lies are refused. */
#include "btf.h"
#include "btf_writer.h"
#include "members.h"
#include "unit.h"

static struct unit_guest guest;
static struct btf btf;
static struct btf_writer writer;
static struct gva at;
static size_t size;
static struct evidence evidence;

static void set_up(void)
{
    struct scenario_options options = scenario_defaults();
    options.no_sockets = true;
    unit_guest_make(&guest, &options);
    btf_write_open(&writer);
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

/* Puts what was written into the guest's memory, the page behind it unmapped. */
static void place(void)
{
    struct buffer blob = btf_write_close(&writer);
    uint64_t va = guest_vmalloc(&guest.scenario.image, blob.size);
    size = blob.size;
    at = gva(va);
    guest_put(&guest.scenario.image, va, blob.bytes, blob.size);
    buffer_free(&blob);
}

static enum status open_and_scan(struct btf_wanted *wanted, size_t count)
{
    struct btf_visitor visitor = {wanted, count, NULL, NULL};
    enum status status = btf_open(&btf, &guest.layout.space, &guest.budget, at, size, &evidence);
    return status == STATUS_OK ? btf_scan(&btf, &visitor, &evidence) : status;
}

START_TEST(paths_through_anonymous_members_and_modifiers)
{
    struct btf_member member;
    struct btf_wanted wanted = {"outer", 0};
    uint32_t u32 = btf_write_int(&writer, "unsigned int", 4, false);
    uint32_t inner = btf_write_type(&writer, WRITE_STRUCT, "", 8);
    btf_write_member(&writer, "a", u32, 0);
    btf_write_member(&writer, "b", u32, 4);
    uint32_t in_union = btf_write_type(&writer, WRITE_UNION, "", 8);
    btf_write_member(&writer, "", inner, 0);
    btf_write_member(&writer, "both", u32, 0);
    uint32_t named = btf_write_type(&writer, WRITE_STRUCT, "named", 16);
    btf_write_member(&writer, "", in_union, 8);
    uint32_t hidden = btf_write_type(&writer, WRITE_TYPEDEF, "named_t", named);
    hidden = btf_write_type(&writer, WRITE_CONST, "", hidden);
    hidden = btf_write_type(&writer, WRITE_VOLATILE, "", hidden);
    hidden = btf_write_type(&writer, WRITE_TYPE_TAG, "tag", hidden);
    uint32_t pointer = btf_write_type(&writer, WRITE_PTR, "", named);
    (void)btf_write_type(&writer, WRITE_STRUCT, "outer", 200);
    btf_write_bitfield(&writer, "bits", u32, 3, 5);
    btf_write_bitfield(&writer, "whole", u32, 64, 32);
    btf_write_member(&writer, "", u32, 12);
    btf_write_member(&writer, "", hidden, 32);
    btf_write_member(&writer, "deep", hidden, 100);
    btf_write_member(&writer, "pointer", pointer, 64);
    place();
    ck_status(open_and_scan(&wanted, 1), STATUS_OK);
    static const struct {
        const char *path;
        enum status status;
        uint32_t offset;
    } rows[] = {{"a", STATUS_OK, 40},
                {"b", STATUS_OK, 44},
                {"both", STATUS_OK, 40},
                {"deep.b", STATUS_OK, 112},
                {"deep", STATUS_OK, 100},
                {"pointer", STATUS_OK, 64},
                {"bits", STATUS_UNSUPPORTED, 0},
                {"whole", STATUS_UNSUPPORTED, 0},
                {"c", STATUS_NOT_FOUND, 0},
                {"deep.c", STATUS_NOT_FOUND, 0},
                {"pointer.b", STATUS_NOT_FOUND, 0},
                {"a.b", STATUS_NOT_FOUND, 0},
                {"dee", STATUS_NOT_FOUND, 0},
                {"deepb", STATUS_NOT_FOUND, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        member.offset = 0xa5a5;
        enum status status = btf_member(&btf, wanted.id, rows[i].path, &member);
        ck_assert_msg(status == rows[i].status, "%s: %s", rows[i].path, status_name(status));
        ck_assert_uint_eq(member.offset, status == STATUS_OK ? rows[i].offset : 0xa5a5);
    }
}
END_TEST

/* The whole of what walks need, found in the BTF of both synthetic kernels, however long. */
START_TEST(members_of_both_kernels)
{
    struct kernel_members members;
    uint32_t counters[COUNTERS_IN_MIBS];
    const struct guest_types *types = guest_types((unsigned)_i % 2);
    struct buffer blob = guest_types_btf(types, _i < 2 ? 0 : 10000);
    at = gva(guest_vmalloc(&guest.scenario.image, blob.size));
    guest_put(&guest.scenario.image, at.v, blob.bytes, blob.size);
    ck_status(btf_open(&btf, &guest.layout.space, &guest.budget, at, blob.size, NULL), STATUS_OK);
    ck_status(members_find(&btf, &members, counters, &evidence), STATUS_OK);
    ck_assert_mem_eq(&members, &types->at, sizeof members);
    ck_assert_mem_eq(counters, types->counters, sizeof counters);
    buffer_free(&blob);
}
END_TEST

/* Renames a string in the blob: then the structure or member is not there. */
static const struct {
    const char *name;
    bool required;
} names[] = {{"sock_common", true},     {"skc_daddr", true},       {"skc_nulls_node", true},
             {"inet_hashinfo", true},   {"ehash_mask", true},      {"hash_mix", true},
             {"tcp_death_row", true},   {"release", true},         {"socket_alloc", true},
             {"bytes_acked", false},    {"sk_uid", false},         {"kernfs_node", false},
             {"cpumask", false},        {"fdtable", false},        {"tw_substate", false},
             {"TCP_MIB_INSEGS", false}, {"tcp_statistics", false}, {"resource", false}};

START_TEST(names_that_are_missing)
{
    struct kernel_members members;
    uint32_t counters[COUNTERS_IN_MIBS];
    struct buffer blob = guest_types_btf(guest_types(0), 3);
    size_t length = strlen(names[_i].name) + 1;
    for (size_t i = 1; i + length <= blob.size; i++)
        if (blob.bytes[i - 1] == 0 && memcmp(blob.bytes + i, names[_i].name, length) == 0)
            blob.bytes[i] = '!';
    at = gva(guest_vmalloc(&guest.scenario.image, blob.size));
    guest_put(&guest.scenario.image, at.v, blob.bytes, blob.size);
    memset(&members, 0xa5, sizeof members);
    ck_status(btf_open(&btf, &guest.layout.space, &guest.budget, at, blob.size, NULL), STATUS_OK);
    ck_status(members_find(&btf, &members, counters, &evidence),
              names[_i].required ? STATUS_NOT_FOUND : STATUS_OK);
    ck_assert(!names[_i].required || unit_all_bytes(&members, sizeof members, 0xa5));
    buffer_free(&blob);
}
END_TEST

static const struct {
    const char *what;
    unsigned offset, width;
    uint32_t value;
} headers[] = {{"magic", 0, 2, 0xeb9e},
               {"version", 2, 1, 2},
               {"header shorter", 4, 4, 23},
               {"header longer than all", 4, 4, 0x7fffffff},
               {"types begin late", 8, 4, 0x7fffffff},
               {"types too long", 12, 4, 0x7fffffff},
               {"types wrap", 12, 4, 0xffffffff},
               {"strings begin late", 16, 4, 0xffffffff},
               {"strings too long", 20, 4, 0x7fffffff}};

START_TEST(headers_that_lie)
{
    struct btf_wanted wanted = {"in6_addr", 0};
    struct buffer blob = guest_types_btf(guest_types(0), 3);
    memcpy(blob.bytes + headers[_i].offset, &headers[_i].value, headers[_i].width);
    size = blob.size;
    at = gva(guest_vmalloc(&guest.scenario.image, blob.size));
    guest_put(&guest.scenario.image, at.v, blob.bytes, blob.size);
    ck_assert_msg(open_and_scan(&wanted, 1) != STATUS_OK, "%s", headers[_i].what);
    buffer_free(&blob);
}
END_TEST

START_TEST(sizes_that_cut)
{
    struct kernel_members members;
    uint32_t counters[COUNTERS_IN_MIBS];
    struct buffer blob = guest_types_btf(guest_types(1), 0);
    at = gva(guest_vmalloc(&guest.scenario.image, blob.size));
    guest_put(&guest.scenario.image, at.v, blob.bytes, blob.size);
    for (size_t cut = 0; cut < blob.size; cut += cut < 64 ? 1 : 41) {
        enum status status = btf_open(&btf, &guest.layout.space, &guest.budget, at, cut, &evidence);
        ck_assert_int_ne(status, STATUS_OK);
    }
    /* The type section cut short in the header: a type may end behind it, or a name be missing. */
    uint32_t whole = guest_get_u32(&guest.scenario.image, at.v + 12);
    for (uint32_t types = 0; types < whole; types += 7) {
        guest_put_u32(&guest.scenario.image, at.v + 12, types);
        memset(&members, 0xa5, sizeof members);
        enum status status =
            btf_open(&btf, &guest.layout.space, &guest.budget, at, blob.size, &evidence);
        if (status == STATUS_OK)
            status = members_find(&btf, &members, counters, &evidence);
        ck_assert(status == STATUS_OK || unit_all_bytes(&members, sizeof members, 0xa5));
        ck_assert(status != STATUS_OK || types > whole / 2);
    }
    buffer_free(&blob);
}
END_TEST

/* Structures inside themselves, typedefs of themselves, numbers of no type. */
START_TEST(types_that_turn_in_circles)
{
    struct btf_member member = {0xa5, 0xa5};
    struct btf_wanted wanted = {"loop", 0};
    (void)btf_write_type(&writer, WRITE_STRUCT, "loop", 8); /* type 1 */
    btf_write_member(&writer, "", 1, 0);
    btf_write_member(&writer, "", 2, 0);
    btf_write_member(&writer, "x", 2, 0);
    btf_write_member(&writer, "y", 99999, 0);
    (void)btf_write_type(&writer, WRITE_TYPEDEF, "self", 2); /* type 2 */
    place();
    ck_status(open_and_scan(&wanted, 1), STATUS_OK);
    ck_assert_uint_eq(wanted.id, 1);
    ck_assert_int_ne(btf_member(&btf, 1, "z", &member), STATUS_OK);
    ck_assert_int_ne(btf_member(&btf, 1, "x.z", &member), STATUS_OK);
    ck_assert_int_ne(btf_member(&btf, 1, "y.z", &member), STATUS_OK);
    ck_assert_int_ne(btf_member(&btf, 0, "z", &member), STATUS_OK);
    ck_assert_int_ne(btf_member(&btf, 3, "z", &member), STATUS_OK);
    ck_assert_uint_eq(member.offset, 0xa5);
    ck_assert_uint_lt(guest.budget.used, 100000);
}
END_TEST

START_TEST(unknown_kinds_are_refused)
{
    struct btf_wanted wanted = {"x", 0};
    static const unsigned kinds[] = {0, 20, 31};
    (void)btf_write_type(&writer, (enum btf_write_kind)kinds[_i], "x", 0);
    place();
    ck_assert_int_ne(open_and_scan(&wanted, 1), STATUS_OK);
}
END_TEST

START_TEST(budget_ends_anywhere)
{
    bool passed = false;
    struct kernel_members members;
    uint32_t counters[COUNTERS_IN_MIBS];
    struct address_space space = guest.layout.space;
    const struct guest_kernel *kernel = &guest.scenario.kernel;
    for (uint64_t units = 0; units < 20000 && !passed; units += 1 + units / 8) {
        struct budget budget = budget_of(units);
        memset(&members, 0xa5, sizeof members);
        enum status status =
            btf_open(&btf, &space, &budget, gva(kernel->btf), kernel->btf_size, &evidence);
        if (status == STATUS_OK)
            status = members_find(&btf, &members, counters, &evidence);
        passed = status == STATUS_OK;
        ck_assert(passed || status == STATUS_BUDGET);
        ck_assert(passed || unit_all_bytes(&members, sizeof members, 0xa5));
    }
    ck_assert(passed);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("btf");
    TCase *tests = tcase_create("btf");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, paths_through_anonymous_members_and_modifiers);
    tcase_add_loop_test(tests, members_of_both_kernels, 0, 4);
    tcase_add_loop_test(tests, names_that_are_missing, 0, sizeof names / sizeof names[0]);
    tcase_add_loop_test(tests, headers_that_lie, 0, sizeof headers / sizeof headers[0]);
    tcase_add_test(tests, sizes_that_cut);
    tcase_add_test(tests, types_that_turn_in_circles);
    tcase_add_loop_test(tests, unknown_kinds_are_refused, 0, 3);
    tcase_add_test(tests, budget_ends_anywhere);
    suite_add_tcase(suite, tests);
    return suite;
}
