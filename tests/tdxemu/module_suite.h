/* What the hosted tests of tdxemu/module and svm share: one main, and memory for tables. */
#ifndef TESTS_TDXEMU_MODULE_SUITE_H
#define TESTS_TDXEMU_MODULE_SUITE_H

#include <check.h>
#include <stdint.h>

/* Each test file offers one suite. */
Suite *module_suite(void);

/* `bytes` of zeroed memory whose address is a multiple of 2 MiB; stands for physical memory. */
void *memory_2m(uint64_t bytes);

#endif
