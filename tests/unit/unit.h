/*
 * Ground that the unit tests share: one main for all, checks of statuses, guests that are built
 * once and copied for each test that changes them.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "scenario.h"
#include "tcp/scan.h"

#define ck_status(actual, expected)                                                                \
    do {                                                                                           \
        enum status ck_actual = (actual);                                                          \
        ck_assert_msg(ck_actual == (expected), "%s: %s, expected %s", #actual,                     \
                      status_name(ck_actual), status_name(expected));                              \
    } while (0)

/* Each test file offers one suite. */
Suite *unit_suite(void);

enum {
    UNIT_PLENTY = 10 * 1000 * 1000
};

/* Whether all of `size` bytes are `value`: for out-parameters that must stay untouched. */
bool unit_all_bytes(const void *bytes, size_t size, unsigned char value);

/* A guest with its memory interface, layout and secrets, ready to be walked. */
struct unit_guest {
    struct scenario scenario;
    struct watched_memory watched;
    struct guestmem memory; /* serves `watched` */
    struct kernel_layout layout;
    struct tcp_secrets secrets;
    struct budget budget;
};

void unit_guest_make(struct unit_guest *guest, const struct scenario_options *options);
void unit_guest_free(struct unit_guest *guest);

/* What one tcp_scan of a guest gave. */
struct unit_scan {
    struct socket_record *records; /* in the order in which they came */
    size_t count;
    size_t stop_after; /* the sink asks to stop at this record, 0: never */
    bool may_repeat;   /* an object may come twice, as two sockets in turn */
    struct tcp_namespace namespaces[8];
    struct tcp_workspace workspace;
    struct tcp_summary summary;
    enum status status;
};

/*
 * Scans with all of guest->budget and with a chain of `chain_room` records in exactly as much
 * memory; ends the test when a record comes twice.
 */
void unit_scan_room(struct unit_guest *guest, const struct tcp_owners *owners, size_t chain_room,
                    struct unit_scan *scan);
void unit_scan(struct unit_guest *guest, struct unit_scan *scan);
void unit_scan_free(struct unit_scan *scan);

/* The record of a kernel object; NULL when it was not listed. */
const struct socket_record *unit_found(const struct unit_scan *scan, struct gva sock);

/* One listed record against the true one; NULL: it was invented. */
void unit_check_record(const struct socket_record *found, const struct socket_record *truth);

/* Every listed record is true, field by field; nothing is said of those that are missing. */
void unit_check_true(const struct unit_guest *guest, const struct unit_scan *scan);

/* The above, and none is missing. */
void unit_check_complete(const struct unit_guest *guest, const struct unit_scan *scan);

#endif
