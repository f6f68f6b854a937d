/* What the tests of tdxemu share: one main, and refusals told by their line. */
#ifndef TESTS_TDXEMU_SUITE_H
#define TESTS_TDXEMU_SUITE_H

#include <check.h>
#include <string.h>

#include "fake/fake.h"

/* Each test file offers one suite. */
Suite *tdxemu_suite(void);

/* `function` ends tdxemu with a refusal: one line, which holds `words`. */
void refuses(void (*function)(void), const char *words);

#endif
