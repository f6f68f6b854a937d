/* Where the hole below 4 GiB is, judged by the guest's own RAM. */
#include "raw_map.h"
#include "suite.h"

#define GIB UINT64_C(0x40000000)

/* The tightest candidate that fits; 0: none does. */
static uint64_t choose(uint64_t size, struct kernel_ram ram)
{
    uint64_t maps[RAW_MAPS_MAX];
    size_t count = raw_map_candidates(size, maps);

    for (size_t i = 0; i < count; i++)
        if (raw_map_fits(&ram, size, maps[i]))
            return maps[i];
    return 0;
}

START_TEST(machines_are_told_apart)
{
    static const struct {
        uint64_t size;
        struct kernel_ram ram;
        uint64_t below_4g;
    } cases[] = {
        {1 * GIB, {1 * GIB - 0x20000, 0}, RAW_MAP_4G},
        {5 * GIB / 2, {5 * GIB / 2 - 0x20000, 0}, RAW_MAP_4G}, /* q35 below 2.75 GiB */
        {4 * GIB, {2 * GIB - 0x20000, 6 * GIB}, 2 * GIB},      /* q35 */
        {4 * GIB, {3 * GIB - 0x20000, 5 * GIB}, 3 * GIB},      /* pc */
        {64 * GIB, {2 * GIB - 0x20000, 66 * GIB}, 2 * GIB},
        {8 * GIB, {0xd0000000, 4 * GIB + 8 * GIB - 0xd0000000}, 0xd0000000},
        {4 * GIB, {1 * GIB, 0}, 2 * GIB},     /* mem=1G: any map will do */
        {GIB / 2, {1 * GIB - 0x20000, 0}, 0}, /* truncated */
        {3 * GIB, {2 * GIB - 0x20000, 6 * GIB}, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_uint_eq(choose(cases[i].size, cases[i].ram), cases[i].below_4g);
}
END_TEST

START_TEST(addresses_and_offsets_are_inverse)
{
    static const uint64_t offsets[] = {0, 2 * GIB - 1, 2 * GIB, 5 * GIB};

    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        struct gpa address = raw_map_address(offsets[i], 2 * GIB);
        ck_assert_uint_eq(raw_map_offset(address, 2 * GIB), offsets[i]);
    }
    ck_assert_uint_eq(raw_map_address(2 * GIB, 2 * GIB).v, RAW_MAP_4G);
}
END_TEST

START_TEST(the_end_of_ram_implies_an_unlisted_split)
{
    const struct kernel_ram unusual = {1 * GIB - 0x20000, 7 * GIB};
    const struct kernel_ram flat = {1 * GIB, 0};
    const struct kernel_ram beyond = {1 * GIB, 64 * GIB};

    ck_assert_uint_eq(raw_map_implied(&unusual, 4 * GIB), 1 * GIB);
    ck_assert_uint_eq(raw_map_implied(&flat, 1 * GIB), 0);
    ck_assert_uint_eq(raw_map_implied(&beyond, 4 * GIB), 0);
    ck_assert_uint_eq(raw_map_total(&unusual), 4 * GIB - 0x20000);
}
END_TEST

START_TEST(hits_move_with_the_hole)
{
    const struct kernel_hits by_offset = {.at = {{GIB}, {3 * GIB}}, .count = 2, .missed = 5};
    struct kernel_hits hits;

    raw_map_hits(&by_offset, 2 * GIB, &hits);
    ck_assert_uint_eq(hits.count, 2);
    ck_assert_uint_eq(hits.missed, 5);
    ck_assert_uint_eq(hits.at[0].v, GIB);
    ck_assert_uint_eq(hits.at[1].v, 5 * GIB);
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("raw_map");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, machines_are_told_apart);
    tcase_add_test(tests, addresses_and_offsets_are_inverse);
    tcase_add_test(tests, the_end_of_ram_implies_an_unlisted_split);
    tcase_add_test(tests, hits_move_with_the_hole);
    suite_add_tcase(suite, tests);
    return suite;
}
