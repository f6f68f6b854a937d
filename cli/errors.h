/*
 * Errors and warnings: one line on stderr, `tdx-tracker: SUBJECT: what: what to do`.
 *
 * Whatever the subject (a path) or the arguments contain, one line stays one line and no
 * terminal sequence gets through.
 */
#ifndef CLI_ERRORS_H
#define CLI_ERRORS_H

#include "command.h"

/* Prints the line and returns `outcome`, so that a failure is one return statement. */
enum outcome complain(enum outcome outcome, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints the line; the work goes on. */
void warn(const char *subject, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
