/* guestmem/image.h, ELF cores: every number in the file is held against its size. */
#include "dump_writer.h"
#include "guestmem/image.h"
#include "unit.h"

static const unsigned char low[48] = "bytes of low memory";
static const unsigned char high[16] = "bytes above";
/* Out of order on purpose: the image sorts. */
static const struct dump_range ranges[] = {{0x100000000ULL, high, sizeof high},
                                           {0x1000, low, sizeof low}};

static struct image image;

static struct buffer core(void)
{
    struct buffer file = {0};
    dump_write_elf(&file, ranges, 2);
    return file;
}

static enum status open_core(const struct buffer *file, size_t size)
{
    /* A copy of exactly that size: reads behind it are seen by the sanitizer. */
    unsigned char *exact = malloc(size + 1);
    unsigned char *bytes = exact + 1;
    struct evidence evidence = {NULL, 0};
    memcpy(bytes, file->bytes, size);
    memset(&image, 0xa5, sizeof image);
    enum status status = image_from_elf(bytes, size, &image, &evidence);
    ck_assert((status == STATUS_OK) == (evidence.what == NULL));
    free(exact);
    return status;
}

START_TEST(segments_are_served_by_physical_address)
{
    struct buffer file = core();
    unsigned char copy[sizeof low];
    ck_assert(image_looks_like_elf(file.bytes, file.size));
    ck_assert(!image_looks_like_lime(file.bytes, file.size));
    ck_status(image_from_elf(file.bytes, file.size, &image, NULL), STATUS_OK);
    struct guestmem memory = image_memory(&image);
    ck_assert_uint_eq(memory.range_count, 2);
    ck_assert_uint_eq(memory.ranges[0].start.v, 0x1000);
    ck_assert_uint_eq(memory.ranges[1].start.v, 0x100000000ULL);
    ck_status(guestmem_read(&memory, gpa(0x1000), copy, sizeof low), STATUS_OK);
    ck_assert_mem_eq(copy, low, sizeof low);
    ck_status(guestmem_read(&memory, gpa(0x100000000ULL), copy, sizeof high), STATUS_OK);
    ck_assert_mem_eq(copy, high, sizeof high);
    ck_status(guestmem_read(&memory, gpa(0x1001), copy, sizeof low), STATUS_OUTSIDE);
    buffer_free(&file);
}
END_TEST

START_TEST(every_cut_is_refused)
{
    struct buffer file = core();
    for (size_t size = 0; size < file.size; size++)
        ck_assert_int_ne(open_core(&file, size), STATUS_OK);
    ck_assert(!image_looks_like_elf(file.bytes, 3));
    buffer_free(&file);
}
END_TEST

enum {
    PHNUM = 56,
    SECOND = DUMP_ELF_HEADER + DUMP_ELF_SEGMENT,
    THIRD = SECOND + DUMP_ELF_SEGMENT
};

static const struct {
    const char *what;
    size_t at;
    unsigned width;
    uint64_t value;
} lies[] = {{"magic", 1, 1, 'F'},
            {"32 bits", 4, 1, 1},
            {"big endian", 5, 1, 2},
            {"not a core", 16, 2, 2},
            {"another machine", 18, 2, 183},
            {"no program headers", PHNUM, 2, 0},
            {"number of headers elsewhere", PHNUM, 2, 0xffff},
            {"more headers than the file holds", PHNUM, 2, 400},
            {"header size", 54, 2, 32},
            {"headers behind the end", 32, 8, 1 << 20},
            {"headers at the end of numbers", 32, 8, UINT64_MAX},
            {"segment behind the end", SECOND + 8, 8, 1 << 20},
            {"segment offset wraps", SECOND + 8, 8, UINT64_MAX},
            {"segment too long", SECOND + 32, 8, 1 << 20},
            {"segment length wraps", SECOND + 32, 8, UINT64_MAX},
            {"segment wraps the address space", THIRD + 24, 8, UINT64_MAX - 8},
            {"segments overlap", THIRD + 24, 8, 0x100000008ULL},
            {"segments overlap below", THIRD + 24, 8, 0x100000000ULL - 8}};

START_TEST(every_lie_is_refused)
{
    struct buffer file = core();
    for (unsigned b = 0; b < lies[_i].width; b++)
        file.bytes[lies[_i].at + b] = (unsigned char)(lies[_i].value >> 8 * b);
    ck_assert_msg(open_core(&file, file.size) != STATUS_OK, "%s", lies[_i].what);
    ck_assert_msg(unit_all_bytes(&image, sizeof image, 0xa5), "%s: image touched", lies[_i].what);
    buffer_free(&file);
}
END_TEST

START_TEST(empty_segments_are_skipped)
{
    static const struct dump_range with_empty[] = {{0x5000, low, 0}, {0x1000, low, sizeof low}};
    static const struct dump_range only_empty[] = {{0x5000, low, 0}};
    struct buffer file = {0};
    dump_write_elf(&file, with_empty, 2);
    ck_status(image_from_elf(file.bytes, file.size, &image, NULL), STATUS_OK);
    ck_assert_uint_eq(image.count, 1);
    buffer_free(&file);
    dump_write_elf(&file, only_empty, 1);
    ck_assert_int_ne(image_from_elf(file.bytes, file.size, &image, NULL), STATUS_OK);
    buffer_free(&file);
}
END_TEST

START_TEST(more_segments_than_room)
{
    static struct dump_range many[IMAGE_SEGMENTS_MAX + 1];
    struct buffer file = {0};
    for (unsigned i = 0; i <= IMAGE_SEGMENTS_MAX; i++)
        many[i] = (struct dump_range){(uint64_t)0x1000 * i, low, 1};
    dump_write_elf(&file, many, IMAGE_SEGMENTS_MAX);
    ck_status(image_from_elf(file.bytes, file.size, &image, NULL), STATUS_OK);
    buffer_free(&file);
    dump_write_elf(&file, many, IMAGE_SEGMENTS_MAX + 1);
    ck_status(image_from_elf(file.bytes, file.size, &image, NULL), STATUS_FULL);
    buffer_free(&file);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("elf");
    TCase *tests = tcase_create("elf");
    tcase_add_test(tests, segments_are_served_by_physical_address);
    tcase_add_test(tests, every_cut_is_refused);
    tcase_add_loop_test(tests, every_lie_is_refused, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, empty_segments_are_skipped);
    tcase_add_test(tests, more_segments_than_room);
    suite_add_tcase(suite, tests);
    return suite;
}
