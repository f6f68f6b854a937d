/* The owner's configuration: authentic, absent, forged, nonsense. */
#include <openssl/evp.h>

#include "abi/config.h"
#include "abi/fw_cfg.h"
#include "loader/config.h"
#include "suite.h"

static struct config_blob blob;
static struct loader_config config;

static void setup(void)
{
    fake_host_reset();
    blob = (struct config_blob){.magic = CONFIG_MAGIC,
                                .version = CONFIG_VERSION,
                                .size = sizeof blob,
                                .mode = CONFIG_MODE_OFF,
                                .period_us = 12345};
    memset(&config, 0xa5, sizeof config);
    fake_file(FW_CFG_FILE_CONFIG, &blob, sizeof blob);
}

/* MRCONFIGID becomes the blob's digest, by another library than svsm's. */
static void own(void)
{
    unsigned size = 0;
    ck_assert_int_eq(EVP_Digest(&blob, sizeof blob, (unsigned char *)fake_host.fields, &size,
                                EVP_sha384(), NULL),
                     1);
    ck_assert_uint_eq(size, sizeof fake_host.fields);
}

static void ck_gives_up(const char *text)
{
    ck_assert(FAKE_GIVES_UP(loader_config(&config)));
    ck_assert_msg(strstr(fake_host.fatal, text) != NULL, "said: %s", fake_host.fatal);
}

START_TEST(authentic)
{
    own();
    ck_assert(!FAKE_GIVES_UP(loader_config(&config)));
    ck_assert_uint_eq(config.mode, CONFIG_MODE_OFF);
    ck_assert_uint_eq(config.period_us, 12345);
    ck_assert(config.owned);
    ck_assert_str_eq(fake_host.printed, "");
}
END_TEST

START_TEST(without_mrconfigid_the_blob_is_ignored)
{
    ck_assert(!FAKE_GIVES_UP(loader_config(&config)));
    ck_assert_uint_eq(config.mode, CONFIG_MODE_SCAN);
    ck_assert_uint_eq(config.period_us, CONFIG_PERIOD_US_DEFAULT);
    ck_assert(!config.owned);
    ck_assert_str_eq(fake_host.printed, "svsm: configuration ignored: MRCONFIGID is zero\n");
}
END_TEST

START_TEST(nothing_is_nothing)
{
    fake_host.item_count = 0;
    ck_assert(!FAKE_GIVES_UP(loader_config(&config)));
    ck_assert(!config.owned);
    ck_assert_str_eq(fake_host.printed, "");
}
END_TEST

START_TEST(one_bit_of_difference)
{
    own();
    fake_host.fields[5] ^= 1ULL << 63;
    ck_gives_up("not the one of MRCONFIGID");
}
END_TEST

START_TEST(missing)
{
    own();
    fake_host.item_count = 0;
    ck_gives_up("no configuration");
}
END_TEST

START_TEST(of_another_size)
{
    own();
    fake_host.items[0].told = sizeof blob + 1;
    ck_gives_up("has 65 bytes, not 64");
}
END_TEST

START_TEST(unreadable_field)
{
    fake_host.field_status = 1;
    ck_gives_up("MRCONFIGID cannot be read");
}
END_TEST

static const struct {
    size_t offset;
    uint32_t value;
    const char *text;
} nonsense[] = {
    {offsetof(struct config_blob, magic), 1, "magic"},
    {offsetof(struct config_blob, version), 2, "version"},
    {offsetof(struct config_blob, size), 63, "size"},
    {offsetof(struct config_blob, mode), 2, "mode"},
    {offsetof(struct config_blob, period_us), CONFIG_PERIOD_US_MIN - 1, "period"},
    {offsetof(struct config_blob, period_us), CONFIG_PERIOD_US_MAX + 1, "period"},
    {sizeof blob - 4, 0x01000000, "reserved"},
};

START_TEST(authentic_nonsense)
{
    memcpy((unsigned char *)&blob + nonsense[_i].offset, &nonsense[_i].value, 4);
    own();
    ck_gives_up(nonsense[_i].text);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-config");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, fake_host_reset);
    tcase_add_test(tests, authentic);
    tcase_add_test(tests, without_mrconfigid_the_blob_is_ignored);
    tcase_add_test(tests, nothing_is_nothing);
    tcase_add_test(tests, one_bit_of_difference);
    tcase_add_test(tests, missing);
    tcase_add_test(tests, of_another_size);
    tcase_add_test(tests, unreadable_field);
    tcase_add_loop_test(tests, authentic_nonsense, 0, sizeof nonsense / sizeof nonsense[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
