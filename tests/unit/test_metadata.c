/*
 * Every row of the module's field tables against metadata_rd() and metadata_wr(): the CSV is read
 * here again, row by row, and looked up the slow way.
 */
#include "abi/tdx_tdcall.h"
#include "csv.h"
#include "module/metadata.h"
#include "unit.h"

enum {
    SCOPE,
    NAME,
    FIELD_ID,
    NUM_FIELDS,
    NUM_ELEMENTS,
    READ_MASK,
    WRITE_MASK,
    HOST_READ_MASK,
    HOST_WRITE_MASK,
    READ_SPECIAL,
    WRITE_SPECIAL,
    ATTRIBUTES
};

#define NONE         UINT64_MAX
#define CONTEXT_MASK (7ULL << 52)
/* md_field_id_t: what a single-element id must not have, and what is ignored. */
#define REFUSED_BITS 0x4083fffcff000000ULL
#define IGNORED_BITS 0x807c000300000000ULL

struct row {
    uint64_t id, read, write;
    enum metadata_scope scope;
    unsigned elements, stride;
    bool l2_vmcs;
    bool plain; /* neither special nor an address: a write within the mask always succeeds */
    bool exists;
};

static struct row rows[640];
static unsigned row_count;
static struct metadata state;

static enum metadata_scope scope_named(const char *name)
{
    if (strcmp(name, "sys") == 0)
        return METADATA_SYS;
    return strcmp(name, "tdr_tdcs") == 0 ? METADATA_TD : METADATA_VP;
}

static unsigned class_of(uint64_t id)
{
    return (unsigned)(id >> 56 & 0x3f);
}

static uint32_t code_of(uint64_t id)
{
    return (uint32_t)(id & 0xffffff);
}

/* Classes of L2 VMs 2 and 3: VMCS, MSR bitmaps and shadows in VP scope, SEPT roots in TD scope. */
static bool of_absent_vm(const struct row *row)
{
    unsigned class = class_of(row->id);
    return row->scope == METADATA_TD ? class == 0x29 || class == 0x2d : class >= 0x2c;
}

static void load_row(const struct csv_row *csv)
{
    struct row *row = &rows[row_count];
    ck_assert_uint_lt(row_count, sizeof(rows) / sizeof(rows[0]));
    row->scope = scope_named(csv->column[SCOPE]);
    row->l2_vmcs = strcmp(csv->column[SCOPE], "l2_vmcs") == 0;
    row->id = csv_number(csv, FIELD_ID);
    row->read = csv_number(csv, READ_MASK);
    row->write = csv_number(csv, WRITE_MASK);
    row->elements = (unsigned)(csv_number(csv, NUM_FIELDS) * csv_number(csv, NUM_ELEMENTS));
    row->stride = (row->id >> 50 & 1) != 0 ? 2 : 1;
    row->plain = csv_number(csv, WRITE_SPECIAL) == 0 && csv_number(csv, ATTRIBUTES) == 0;
    if (row->l2_vmcs)
        row->id |= 0x24ULL << 56;
    row->exists = !of_absent_vm(row);
    /* Markers: ids of this class are looked up in the VMCS table. */
    if (strncmp(csv->column[NAME], "L2_VMCS_", 8) != 0)
        row_count++;
}

static void load(void)
{
    FILE *file = csv_open("TDX_FIELDS_CSV");
    struct csv_row csv;
    row_count = 0;
    while (csv_next(file, &csv))
        load_row(&csv);
    fclose(file);
    metadata_init(&state);
}

static uint64_t element_id(const struct row *row, unsigned element)
{
    return row->id + (uint64_t)element * row->stride;
}

static uint64_t read_value(enum metadata_scope scope, uint64_t id)
{
    uint64_t next = 0;
    uint64_t value = 0;
    ck_assert_uint_eq(metadata_rd(&state, scope, id, 1, &next, &value), TDX_SUCCESS);
    return value;
}

static uint64_t rd_status(enum metadata_scope scope, uint64_t id)
{
    uint64_t next = 0x11;
    uint64_t value = 0x22;
    uint64_t status = metadata_rd(&state, scope, id, 1, &next, &value);
    if ((status & TDX_ERROR_BIT) != 0) {
        ck_assert_uint_eq(next, 0x11);
        ck_assert_uint_eq(value, 0x22);
    }
    return status;
}

static uint64_t wr_status(enum metadata_scope scope, uint64_t id, uint64_t value, uint64_t mask)
{
    uint64_t previous = 0x33;
    uint64_t status = metadata_wr(&state, scope, id, value, mask, &previous);
    if (status != TDX_SUCCESS)
        ck_assert_uint_eq(previous, 0x33);
    return status;
}

/* Status of a read as the tables alone have it; the module looks one row after another. */
static uint64_t expected_rd(enum metadata_scope scope, uint64_t id)
{
    if ((id & REFUSED_BITS) != 0)
        return TDX_METADATA_FIELD_ID_INCORRECT;
    uint32_t code = code_of(id);
    if (scope == METADATA_TD && class_of(id) == 0x14)
        return (code & 0xfe0000) != 0 ? TDX_METADATA_FIELD_ID_INCORRECT
                                      : TDX_METADATA_FIELD_NOT_READABLE;
    for (unsigned i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        if (row->scope != scope || !row->exists || class_of(row->id) != class_of(id))
            continue;
        if (code < code_of(row->id) || code >= code_of(row->id) + row->elements * row->stride)
            continue;
        if (row->stride == 2 && (code & 1) != 0)
            return TDX_METADATA_FIELD_ID_INCORRECT;
        return row->read == 0 ? TDX_METADATA_FIELD_NOT_READABLE : TDX_SUCCESS;
    }
    return TDX_METADATA_FIELD_ID_INCORRECT;
}

START_TEST(every_element_reads_under_its_mask)
{
    unsigned elements = 0;
    for (unsigned i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        for (unsigned e = 0; e < row->elements; e++, elements++) {
            uint64_t id = element_id(row, e);
            uint64_t status = rd_status(row->scope, id);
            ck_assert_msg(status == expected_rd(row->scope, id), "%#lx: %#lx", id, status);
            if (!row->exists)
                ck_assert_uint_eq(status, TDX_METADATA_FIELD_ID_INCORRECT);
            if (status == TDX_SUCCESS)
                ck_assert_uint_eq(read_value(row->scope, id) & ~row->read, 0);
        }
    }
    ck_assert_uint_eq(row_count, 552);
    ck_assert_uint_gt(elements, 8000);
}
END_TEST

/* One bit alone: writable or not by the mask; what is written is read, and nothing else changes. */
static void check_bit(const struct row *row, uint64_t id, uint64_t bit)
{
    enum metadata_scope scope = row->scope;
    uint64_t before = row->read != 0 ? read_value(scope, id) : 0;
    uint64_t previous = 0;
    uint64_t status = metadata_wr(&state, scope, id, ~before & bit, bit, &previous);
    uint64_t after = row->read != 0 ? read_value(scope, id) : 0;
    if ((row->write & bit) == 0) {
        ck_assert_msg(status == TDX_METADATA_FIELD_NOT_WRITABLE, "%#lx: %#lx", id, status);
        ck_assert_uint_eq(after, before);
    } else if (status == TDX_SUCCESS) {
        ck_assert_uint_eq(previous, before);
        ck_assert_msg(after == ((before ^ bit) & row->read), "%#lx: %#lx", id, after);
    } else {
        ck_assert_msg(!row->plain, "%#lx bit %#lx: %#lx", id, bit, status);
        ck_assert(status == TDX_METADATA_VALUE_NOT_VALID || status == TDX_OPERAND_INVALID);
        ck_assert_uint_eq(after, before);
    }
}

START_TEST(every_bit_writes_under_its_mask)
{
    for (unsigned i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        for (unsigned e = 0; row->exists && e < row->elements; e++) {
            for (unsigned bit = 0; bit < 64; bit++)
                check_bit(row, element_id(row, e), 1ULL << bit);
        }
    }
}
END_TEST

/* With a mask over all bits, any change of a bit that is not writable is refused. */
static void check_forbidden_bits(const struct row *row, uint64_t id, uint64_t before)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        if ((row->write >> bit & 1) != 0)
            continue;
        uint64_t status = wr_status(row->scope, id, before ^ 1ULL << bit, UINT64_MAX);
        ck_assert_uint_eq(status, TDX_METADATA_VALUE_NOT_VALID);
    }
    ck_assert_uint_eq(read_value(row->scope, id), before);
}

/* Bits that are not writable may be named as long as their value stays. */
static void check_all_bits(const struct row *row, uint64_t id)
{
    if (row->write == 0) {
        ck_assert_uint_eq(wr_status(row->scope, id, 0, UINT64_MAX),
                          TDX_METADATA_FIELD_NOT_WRITABLE);
        return;
    }
    uint64_t before = read_value(row->scope, id);
    check_forbidden_bits(row, id, before);
    if (row->plain) {
        uint64_t value = before ^ row->write;
        ck_assert_uint_eq(wr_status(row->scope, id, value, UINT64_MAX), TDX_SUCCESS);
        ck_assert_uint_eq(read_value(row->scope, id), value);
    }
}

START_TEST(bits_that_are_not_writable_must_stay)
{
    for (unsigned i = 0; i < row_count; i++) {
        for (unsigned e = 0; rows[i].exists && e < rows[i].elements; e++)
            check_all_bits(&rows[i], element_id(&rows[i], e));
    }
}
END_TEST

START_TEST(a_mask_of_nothing_writes_nothing)
{
    for (unsigned i = 0; i < row_count; i++)
        ck_assert_uint_eq(wr_status(rows[i].scope, rows[i].id, 0, 0),
                          rows[i].exists ? TDX_METADATA_FIELD_NOT_WRITABLE
                                         : TDX_METADATA_FIELD_ID_INCORRECT);
}
END_TEST

START_TEST(vms_two_and_three_are_incorrect)
{
    for (unsigned i = 0; i < row_count; i++) {
        if (!rows[i].l2_vmcs)
            continue;
        for (uint64_t vm = 1; vm <= 2; vm++) {
            uint64_t id = rows[i].id + (8 * vm << 56);
            ck_assert_uint_eq(rd_status(METADATA_VP, id), TDX_METADATA_FIELD_ID_INCORRECT);
            ck_assert_uint_eq(wr_status(METADATA_VP, id, 0, UINT64_MAX),
                              TDX_METADATA_FIELD_ID_INCORRECT);
        }
    }
}
END_TEST

START_TEST(some_bits_of_an_id_are_ignored_and_some_refused)
{
    for (unsigned i = 0; i < row_count; i++) {
        enum metadata_scope scope = rows[i].scope;
        uint64_t status = rd_status(scope, rows[i].id);
        for (unsigned bit = 0; bit < 64; bit++) {
            uint64_t id = rows[i].id ^ 1ULL << bit;
            if ((IGNORED_BITS >> bit & 1) != 0)
                ck_assert_msg(rd_status(scope, id) == status, "%#lx", id);
            if ((REFUSED_BITS >> bit & 1) != 0)
                ck_assert_uint_eq(rd_status(scope, id), TDX_METADATA_FIELD_ID_INCORRECT);
        }
    }
}
END_TEST

/* The next readable element after (class, code), the slow way; NONE after the last. */
static uint64_t expected_next(enum metadata_scope scope, uint64_t key)
{
    uint64_t best = NONE;
    uint64_t best_id = NONE;
    for (unsigned i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        if (row->scope != scope || !row->exists || row->read == 0)
            continue;
        for (unsigned e = 0; e < row->elements; e++) {
            uint64_t id = element_id(row, e);
            uint64_t at = ((uint64_t)class_of(id) << 24 | code_of(id)) + 1;
            if (at > key && at < best) {
                best = at;
                best_id = id;
            }
        }
    }
    return best_id;
}

START_TEST(iteration_visits_every_readable_element)
{
    enum metadata_scope scope = (enum metadata_scope)_i;
    uint64_t next = 0;
    uint64_t value = 0x22;
    ck_assert_uint_eq(
        metadata_rd(&state, scope, NONE & ~(_i == 1 ? CONTEXT_MASK : 0), 1, &next, &value),
        TDX_METADATA_FIRST_FIELD_ID);
    ck_assert_uint_eq(value, 0x22);
    uint64_t key = 0;
    unsigned visited = 0;
    for (; next != NONE; visited++) {
        ck_assert_uint_eq(next, expected_next(scope, key));
        key = ((uint64_t)class_of(next) << 24 | code_of(next)) + 1;
        ck_assert_uint_eq(metadata_rd(&state, scope, next, 1, &next, &value), TDX_SUCCESS);
    }
    ck_assert_uint_eq(expected_next(scope, key), NONE);
    ck_assert_uint_gt(visited, scope == METADATA_VP ? 700 : 10);
}
END_TEST

START_TEST(vm_rd_version_0_has_no_next)
{
    uint64_t next = 0x11;
    uint64_t value = 0;
    ck_assert_uint_eq(metadata_rd(&state, METADATA_TD, NONE, 0, &next, &value),
                      TDX_METADATA_FIELD_ID_INCORRECT);
    ck_assert_uint_eq(metadata_rd(&state, METADATA_TD, 0x1110000300000000, 0, &next, &value),
                      TDX_SUCCESS);
    ck_assert_uint_eq(value, TDX_ATTRIBUTE_SEPT_VE_DISABLE);
    ck_assert_uint_eq(next, 0x11);
}
END_TEST

/* Ids near those of the tables and far from them, by a fixed generator. */
START_TEST(any_id_has_the_status_of_the_tables)
{
    uint64_t random = 0x9e3779b97f4a7c15;
    for (unsigned i = 0; i < 60000; i++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        uint64_t id = rows[random >> 33 % 1024 & 0x1ff].id;
        if ((random & 1) != 0)
            id ^= 1ULL << (random >> 8 & 63);
        if ((random & 2) != 0)
            id ^= random >> 16 & 0x3f;
        if ((random & 0x3c) == 0)
            id = random ^ random << 29;
        enum metadata_scope scope = (enum metadata_scope)((random >> 50) % 3);
        if ((id | CONTEXT_MASK) == NONE)
            continue;
        ck_assert_msg(rd_status(scope, id) == expected_rd(scope, id), "%d %#lx", scope, id);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("metadata");
    TCase *tests = tcase_create("metadata");
    tcase_add_checked_fixture(tests, load, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_element_reads_under_its_mask);
    tcase_add_test(tests, every_bit_writes_under_its_mask);
    tcase_add_test(tests, bits_that_are_not_writable_must_stay);
    tcase_add_test(tests, a_mask_of_nothing_writes_nothing);
    tcase_add_test(tests, vms_two_and_three_are_incorrect);
    tcase_add_test(tests, some_bits_of_an_id_are_ignored_and_some_refused);
    tcase_add_loop_test(tests, iteration_visits_every_readable_element, METADATA_SYS,
                        METADATA_SCOPES);
    tcase_add_test(tests, vm_rd_version_0_has_no_next);
    tcase_add_test(tests, any_id_has_the_status_of_the_tables);
    suite_add_tcase(suite, tests);
    return suite;
}
