/* svsm's own console: what arrives, what a device that misbehaves costs, and what is counted. */
#include "console/channel.h"
#include "fake_console.h"
#include "loader/shared_parts.h"
#include "mem/memory.h"
#include "pci/pci.h"
#include "suite.h"

enum {
    BATCH = 3584,
    BATCHES = 8
};

static char line[100];

static void setup(void)
{
    fake_host_reset();
    fake_console_add();
    memset(line, 'a', sizeof line);
    line[sizeof line - 1] = '\n';
}

static bool start(void)
{
    pci_setup();
    return channel_init();
}

START_TEST(lines_arrive_in_order_for_one_doorbell)
{
    ck_assert(start());
    channel_write("one\n", 4);
    channel_write("two\n", 4);
    ck_assert_uint_eq(fake_console.doorbells, 0);
    channel_flush();
    ck_assert_uint_eq(fake_console.doorbells, 1);
    ck_assert_uint_eq(fake_console.length, 8);
    ck_assert_mem_eq(fake_console.text, "one\ntwo\n", 8);
    channel_flush();
    ck_assert_uint_eq(fake_console.doorbells, 1);
}
END_TEST

START_TEST(negotiates_what_it_needs_and_nothing_else)
{
    ck_assert(start());
    ck_assert_uint_eq(fake_console.driver_features[0], 0);
    ck_assert_uint_eq(fake_console.driver_features[1], 3);
    ck_assert_uint_eq(fake_console.common[0x14], 15);
    ck_assert_uint_eq(fake_console.common[0x16], 1); /* transmit queue of port 0 */
    ck_assert_uint_eq(fake_console.common[0x1c], 1);
}
END_TEST

START_TEST(long_text_is_sent_as_batches_fill)
{
    static char text[60000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i * 7 % 26 + i / 5000);
    ck_assert(start());
    channel_write(text, sizeof text);
    channel_finish();
    ck_assert_uint_eq(fake_console.length, sizeof text);
    ck_assert_mem_eq(fake_console.text, text, sizeof text);
    ck_assert_uint_eq(fake_console.doorbells, (sizeof text + BATCH - 1) / BATCH);
    ck_assert_uint_eq(channel_lost(), 0);
}
END_TEST

START_TEST(index_wraps_after_many_batches)
{
    ck_assert(start());
    for (unsigned i = 0; i < 70000; i++) {
        channel_write("x", 1);
        channel_flush();
        ck_assert_uint_eq(fake_console.length, 1);
        fake_console.length = 0;
    }
    ck_assert_uint_eq(channel_lost(), 0);
}
END_TEST

START_TEST(a_slow_device_gets_everything)
{
    fake_console.idle = true;
    ck_assert(start());
    for (unsigned i = 0; i < BATCHES; i++) {
        channel_write(line, sizeof line);
        channel_flush();
    }
    ck_assert_uint_eq(fake_console.length, 0);
    fake_console.backwards = true;
    fake_console_run();
    fake_console.idle = false;
    fake_console.backwards = false;
    channel_write(line, sizeof line);
    channel_finish();
    ck_assert_uint_eq(fake_console.length, (BATCHES + 1) * sizeof line);
    ck_assert_uint_eq(channel_lost(), 0);
}
END_TEST

START_TEST(what_a_dead_device_does_not_take_is_counted)
{
    static char text[BATCH * BATCHES];
    fake_console.idle = true;
    ck_assert(start());
    channel_write(text, sizeof text);
    channel_write(line, sizeof line);
    channel_write(line, sizeof line);
    ck_assert_uint_eq(channel_lost(), 2 * sizeof line);
    channel_finish();
    ck_assert_uint_eq(channel_lost(), sizeof text + 2 * sizeof line);
    channel_write(line, sizeof line);
    ck_assert_uint_eq(channel_lost(), sizeof text + 3 * sizeof line);
}
END_TEST

START_TEST(a_device_that_wakes_up_is_used_again)
{
    static char text[BATCH * BATCHES];
    fake_console.idle = true;
    ck_assert(start());
    channel_write(text, sizeof text);
    channel_write(line, sizeof line);
    fake_console_run();
    fake_console.idle = false;
    channel_write(line, sizeof line);
    channel_finish();
    ck_assert_uint_eq(channel_lost(), sizeof line);
    ck_assert_uint_eq(fake_console.length, sizeof text + sizeof line);
}
END_TEST

static void ck_ends(void)
{
    channel_write(line, sizeof line);
    channel_flush();
    channel_write(line, sizeof line);
    ck_assert_uint_eq(channel_lost(), 2 * sizeof line);
    channel_finish();
    unsigned rung = fake_console.doorbells;
    uint64_t lost = channel_lost();
    channel_write(line, sizeof line);
    channel_flush();
    ck_assert_uint_eq(fake_console.doorbells, rung);
    ck_assert_uint_eq(channel_lost(), lost + sizeof line);
}

START_TEST(a_used_id_that_does_not_exist)
{
    fake_console.used_id = 0xffff0000;
    ck_assert(start());
    ck_ends();
}
END_TEST

START_TEST(a_used_id_that_is_not_with_the_device)
{
    fake_console.used_id = 1;
    ck_assert(start());
    ck_ends();
}
END_TEST

START_TEST(more_used_than_sent)
{
    fake_console.used_skip = 0x8000;
    ck_assert(start());
    ck_ends();
}
END_TEST

START_TEST(a_doorbell_that_the_host_refuses)
{
    fake_console.refuses_doorbell = true;
    ck_assert(start());
    ck_ends();
}
END_TEST

START_TEST(shared_memory_outside_its_part_is_left_alone)
{
    static char text[40000];
    memset(memory_shared()->bytes, 0x77, memory_shared()->size);
    ck_assert(start());
    channel_write(text, sizeof text);
    for (size_t i = 0; i < SHARED_CHANNEL; i++)
        ck_assert_uint_eq(memory_shared()->bytes[i], 0x77);
}
END_TEST

START_TEST(without_a_device)
{
    fake_host_reset();
    ck_assert(!start());
    channel_write(line, sizeof line);
    channel_finish();
    ck_assert_uint_eq(channel_lost(), sizeof line);
}
END_TEST

static void no_version_1(void)
{
    fake_console.features_high = 2;
}

static void no_access_platform(void)
{
    fake_console.features_high = 1;
}

static void features_refused(void)
{
    fake_console.refuses_features = true;
}

static void no_reset(void)
{
    fake_console.never_resets = true;
}

static void small_queue(void)
{
    fake_console.queue_max = 7;
}

static void far_doorbell(void)
{
    fake_console.notify_off = 0x40;
}

static void other_device(void)
{
    fake_config_set(fake_console.function, 0, 0x10411af4);
}

static void no_common(void)
{
    fake_console.function->config[0x54 + 3] = 5;
}

static void common_outside_its_bar(void)
{
    fake_config_set(fake_console.function, 0x54 + 8, 0x3fd0);
}

static void common_too_short(void)
{
    fake_config_set(fake_console.function, 0x54 + 12, 0x37);
}

static void notify_in_no_bar(void)
{
    fake_config_set(fake_console.function, 0x40 + 4, 6);
}

static void (*const unfit[])(void) = {
    no_version_1,     no_access_platform, features_refused,
    no_reset,         small_queue,        far_doorbell,
    other_device,     no_common,          common_outside_its_bar,
    common_too_short, notify_in_no_bar,
};

START_TEST(an_unfit_device_is_not_used)
{
    unfit[_i]();
    ck_assert(!start());
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-channel");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, fake_host_reset);
    tcase_add_test(tests, lines_arrive_in_order_for_one_doorbell);
    tcase_add_test(tests, negotiates_what_it_needs_and_nothing_else);
    tcase_add_test(tests, long_text_is_sent_as_batches_fill);
    tcase_add_test(tests, index_wraps_after_many_batches);
    tcase_add_test(tests, a_slow_device_gets_everything);
    tcase_add_test(tests, what_a_dead_device_does_not_take_is_counted);
    tcase_add_test(tests, a_device_that_wakes_up_is_used_again);
    tcase_add_test(tests, a_used_id_that_does_not_exist);
    tcase_add_test(tests, a_used_id_that_is_not_with_the_device);
    tcase_add_test(tests, more_used_than_sent);
    tcase_add_test(tests, a_doorbell_that_the_host_refuses);
    tcase_add_test(tests, shared_memory_outside_its_part_is_left_alone);
    tcase_add_test(tests, without_a_device);
    tcase_add_loop_test(tests, an_unfit_device_is_not_used, 0, sizeof unfit / sizeof unfit[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
