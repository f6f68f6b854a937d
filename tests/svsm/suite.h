/* Ground that the unit tests of svsm share. */
#ifndef TESTS_SVSM_SUITE_H
#define TESTS_SVSM_SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "fake/host.h"

#define ck_status(actual, expected)                                                                \
    do {                                                                                           \
        enum status ck_actual = (actual);                                                          \
        ck_assert_msg(ck_actual == (expected), "%s: %s, expected %s", #actual,                     \
                      status_name(ck_actual), status_name(expected));                              \
    } while (0)

/* Each test file offers one suite. */
Suite *svsm_suite(void);

#endif
