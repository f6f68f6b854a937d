/* Rows in the three formats, written to memory. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "suite.h"

struct page {
    FILE *stream;
    char *text;
    size_t size;
};

static void open_page(struct page *page)
{
    page->stream = open_memstream(&page->text, &page->size);
    ck_assert_ptr_nonnull(page->stream);
}

/* Ends the rows; the text is complete then. */
static void close_page(struct page *page, struct rows *rows)
{
    ck_assert(rows->flush(rows));
    rows->free(rows);
    fclose(page->stream);
}

static struct socket_record server_end(void)
{
    struct socket_record socket =
        record_of(TCP_STATE_ESTABLISHED, tuple_of("10.0.2.15", 80, "192.0.2.7", 40000));

    socket.has_inode = socket.has_creator = socket.has_counters = socket.owners_known = true;
    socket.uid = 33;
    socket.inode = 1234;
    socket.cookie = UINT64_MAX;
    socket.counters = (struct socket_counters){43, 43, 1000, 2, 3};
    socket.owner_count = 1;
    socket.owners[0] = (struct socket_owner){.pid = 7, .fd = 3, .comm = "\x1b[2J,\""};
    memcpy(socket.cgroup_path, "/a b\xff", sizeof "/a b\xff");
    return socket;
}

static struct flow inbound(const struct socket_record *socket)
{
    return (struct flow){.socket = socket,
                         .direction = FLOW_INBOUND,
                         .has_peer = true,
                         .has_bytes = true,
                         .sent = 43,
                         .received = 1000};
}

static struct flow listening(const struct socket_record *socket)
{
    return (struct flow){.socket = socket};
}

static struct json_object *json_of(const struct flow *flow, struct page *page)
{
    const struct timespec seen = {.tv_sec = 1700000000, .tv_nsec = 42};

    open_page(page);
    struct rows *rows = rows_json(page->stream);
    ck_assert(rows->flow(rows, flow, &seen));
    close_page(page, rows);
    ck_assert_ptr_eq(strchr(page->text, '\n'), page->text + page->size - 1);
    struct json_object *object = json_tokener_parse(page->text);
    ck_assert_ptr_nonnull(object);
    return object;
}

static const char *text_at(struct json_object *object, const char *key)
{
    struct json_object *value = json_object_object_get(object, key);

    ck_assert_msg(value != NULL, "%s is missing", key);
    return json_object_get_string(value);
}

START_TEST(json_names_both_ends)
{
    static const char *const expected[][2] = {
        {"@timestamp", "2023-11-14T22:13:20.000000042Z"},
        {"event.action", "flow-seen"},
        {"event.sequence", "1"},
        {"source.ip", "192.0.2.7"},
        {"source.port", "40000"},
        {"source.bytes", "1000"},
        {"destination.ip", "10.0.2.15"},
        {"destination.port", "80"},
        {"destination.bytes", "43"},
        {"network.direction", "inbound"},
        {"network.type", "ipv4"},
        {"network.connection.state", "established"},
        {"process.pid", "7"},
        {"process.name", "\\x1b[2J,\""},
        {"process.cgroup", "/a b\\xff"},
        {"user.id", "33"},
        {"tracker.cookie", "18446744073709551615"},
        {"tracker.endpoint", "destination"},
        {"tracker.check", "keyed"},
        {"tracker.witness", "scan"},
    };
    struct socket_record socket = server_end();
    struct flow flow = inbound(&socket);
    struct page page;
    struct json_object *object = json_of(&flow, &page);

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_str_eq(text_at(object, expected[i][0]), expected[i][1]);
    json_object_put(object);
    free(page.text);
}
END_TEST

START_TEST(json_leaves_out_what_is_unknown)
{
    static const char *const absent[] = {
        "source.ip",    "source.port",          "destination.bytes", "network.direction",
        "process.pid",  "network.community_id", "user.id",           "tracker.cookie",
        "container.id", "process.cgroup",       "tracker.inode",     "tracker.creator_uid",
    };
    struct socket_record socket =
        record_of(TCP_STATE_LISTEN, tuple_of("0.0.0.0", 80, "0.0.0.0", 0));
    struct flow flow = listening(&socket);
    struct page page;
    struct json_object *object = json_of(&flow, &page);

    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        ck_assert_msg(!json_object_object_get_ex(object, absent[i], NULL), "%s", absent[i]);
    ck_assert_str_eq(text_at(object, "destination.port"), "80");
    ck_assert_str_eq(text_at(object, "tracker.endpoint"), "destination");
    json_object_put(object);
    free(page.text);
}
END_TEST

START_TEST(csv_lines_follow_the_header)
{
    struct socket_record socket = server_end();
    struct socket_record listener = record_of(TCP_STATE_LISTEN, tuple_of("::", 22, "::", 0));
    const struct timespec seen = {0};
    struct flow flows[] = {inbound(&socket), listening(&listener)};
    struct page page;

    open_page(&page);
    struct rows *rows = rows_csv(page.stream);
    for (size_t i = 0; i < 2; i++)
        ck_assert(rows->flow(rows, &flows[i], &seen));
    close_page(&page, rows);
    const char *lines = strchr(page.text, '\n');
    ck_assert_ptr_nonnull(strstr(page.text, "creator_uid,cgroup,bytes_sent"));
    ck_assert_str_eq(lines + 1,
                     "established,10.0.2.15,80,192.0.2.7,40000,4026531840,33,1234,7,"
                     "\"\\x1b[2J,\"\"\",3,1,18446744073709551615,0,/a b\\xff,43,43,1000,2,3,"
                     "1:xjXmIEoX8EKECk4ymT742D6QIwc=,keyed\n"
                     "listen,::,22,,,4026531840,,,,,,,,,,,,,,,,keyed\n");
    free(page.text);
}
END_TEST

START_TEST(table_is_aligned_across_batches)
{
    struct socket_record wide = server_end();
    struct socket_record narrow =
        record_of(TCP_STATE_ESTABLISHED, tuple_of("1.1.1.1", 1, "2.2.2.2", 2));
    const struct timespec seen = {0};
    struct page page;
    size_t lines = 0;

    open_page(&page);
    struct rows *rows = rows_table(page.stream, false);
    for (size_t i = 0; i < 600; i++) {
        struct flow flow = inbound(i == 0 ? &wide : &narrow);
        ck_assert(rows->flow(rows, &flow, &seen));
    }
    close_page(&page, rows);
    ck_assert_ptr_null(strchr(page.text, '\x1b'));
    ck_assert_ptr_nonnull(strstr(page.text, "users:((\"\\x1b[2J,\\x22\",pid=7,fd=3))"));
    ck_assert_ptr_nonnull(strstr(page.text, "cgroup:/a\\x20b\\xff"));
    size_t details = (size_t)(strstr(page.text, "Details") - page.text);
    for (char *line = strtok(page.text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        ck_assert(lines == 0 || lines == 1 || strncmp(line + details, "netns:", 6) == 0);
        lines++;
    }
    ck_assert_uint_eq(lines, 601);
    free(page.text);
}
END_TEST

START_TEST(a_full_device_is_noticed)
{
    struct socket_record socket = server_end();
    const struct timespec seen = {0};
    struct flow flow = inbound(&socket);
    FILE *full = fopen("/dev/full", "w");

    ck_assert_ptr_nonnull(full);
    struct rows *rows = _i == 0   ? rows_table(full, false)
                        : _i == 1 ? rows_json(full)
                                  : rows_csv(full);
    bool written = true;
    for (size_t i = 0; i < 1000 && written; i++)
        written = rows->flow(rows, &flow, &seen);
    ck_assert(!written);
    rows->free(rows);
    fclose(full);
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, json_names_both_ends);
    tcase_add_test(tests, json_leaves_out_what_is_unknown);
    tcase_add_test(tests, csv_lines_follow_the_header);
    tcase_add_test(tests, table_is_aligned_across_batches);
    tcase_add_loop_test(tests, a_full_device_is_noticed, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}
