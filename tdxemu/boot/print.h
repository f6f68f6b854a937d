/*
 * tdxemu's own log on port 0xE9, and how it gives up.
 */
#ifndef BOOT_PRINT_H
#define BOOT_PRINT_H

#include <stdarg.h>

/*
 * Formats and writes; no line end is added. Conversions: %s %c %% and %d %u %x with the lengths
 * none, l and ll, and a field width that is zero-padded when it begins with 0.
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_list(const char *format, va_list list) __attribute__((format(printf, 1, 0)));

/* Ends QEMU with exit status 2 * value + 1 (isa-debug-exit), or stops when there is no such device.
 */
_Noreturn void machine_exit(unsigned value);

/* Prints "tdxemu: error: ..." and a line end, and ends QEMU with status 5. */
_Noreturn void refuse_machine(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
