/* guestmem/image.h, LiME dumps. */
#include "dump_writer.h"
#include "guestmem/image.h"
#include "unit.h"

static const unsigned char low[64] = "first range";
static const unsigned char high[32] = "second range";
static const struct dump_range ranges[] = {{0x1000, low, sizeof low},
                                           {0x100000000ULL, high, sizeof high}};
static struct image image;

static struct buffer dump(void)
{
    struct buffer file = {0};
    dump_write_lime(&file, ranges, 2);
    return file;
}

START_TEST(ranges_are_served)
{
    struct buffer file = dump();
    unsigned char copy[sizeof low];
    ck_assert(image_looks_like_lime(file.bytes, file.size));
    ck_assert(!image_looks_like_lime(file.bytes, 3));
    ck_assert(!image_looks_like_elf(file.bytes, file.size));
    ck_status(image_from_lime(file.bytes, file.size, &image, NULL), STATUS_OK);
    struct guestmem memory = image_memory(&image);
    ck_assert_uint_eq(memory.range_count, 2);
    ck_status(guestmem_read(&memory, gpa(0x1000), copy, sizeof low), STATUS_OK);
    ck_assert_mem_eq(copy, low, sizeof low);
    ck_status(guestmem_read(&memory, gpa(0x100000000ULL), copy, sizeof high), STATUS_OK);
    ck_assert_mem_eq(copy, high, sizeof high);
    ck_status(guestmem_read(&memory, gpa(0x1000 + sizeof low), copy, 1), STATUS_OUTSIDE);
    buffer_free(&file);
}
END_TEST

/* A cut exactly between two ranges leaves a whole dump of the first. */
START_TEST(every_other_cut_is_refused)
{
    struct buffer file = dump();
    for (size_t size = 0; size < file.size; size++) {
        unsigned char *exact = malloc(size + 1);
        struct evidence evidence = {NULL, 0};
        memcpy(exact + 1, file.bytes, size);
        enum status status = image_from_lime(exact + 1, size, &image, &evidence);
        ck_assert_int_eq(status == STATUS_OK, size == DUMP_LIME_HEADER + sizeof low);
        ck_assert((status == STATUS_OK) == (evidence.what == NULL));
        free(exact);
    }
    buffer_free(&file);
}
END_TEST

enum {
    SECOND = DUMP_LIME_HEADER + sizeof low
};

static const struct {
    const char *what;
    size_t at;
    uint64_t value;
} lies[] = {{"magic", SECOND, 0x100000000ULL | 0x4c694d46},
            {"version", SECOND, 2ULL << 32 | 0x4c694d45},
            {"last before first", SECOND + 16, 0xfffff},
            {"last behind the file", SECOND + 16, 0x200000000ULL},
            {"all of the address space", SECOND + 16, UINT64_MAX},
            {"overlap", SECOND + 8, 0x1000}};

START_TEST(every_lie_is_refused)
{
    struct buffer file = dump();
    memcpy(file.bytes + lies[_i].at, &lies[_i].value, 8);
    if (_i == 5) {
        uint64_t last = 0x1000 + sizeof high - 1;
        memcpy(file.bytes + SECOND + 16, &last, 8);
    }
    memset(&image, 0xa5, sizeof image);
    ck_assert_msg(image_from_lime(file.bytes, file.size, &image, NULL) != STATUS_OK, "%s",
                  lies[_i].what);
    ck_assert_msg(unit_all_bytes(&image, sizeof image, 0xa5), "%s: image touched", lies[_i].what);
    buffer_free(&file);
}
END_TEST

START_TEST(whole_address_space_is_refused)
{
    struct buffer file = {0};
    dump_write_lime(&file, ranges, 1);
    uint64_t bounds[2] = {0, UINT64_MAX};
    memcpy(file.bytes + 8, bounds, sizeof bounds);
    ck_assert_int_ne(image_from_lime(file.bytes, file.size, &image, NULL), STATUS_OK);
    buffer_free(&file);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("lime");
    TCase *tests = tcase_create("lime");
    tcase_add_test(tests, ranges_are_served);
    tcase_add_test(tests, every_other_cut_is_refused);
    tcase_add_loop_test(tests, every_lie_is_refused, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, whole_address_space_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
