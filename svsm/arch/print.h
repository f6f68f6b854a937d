/*
 * Text on svsm's debug port, 0x402, where firmware under QEMU writes its own.
 *
 * The host sees every byte. A byte costs a TDVMCALL: for what happens once, not in a loop.
 */
#ifndef SVSM_ARCH_PRINT_H
#define SVSM_ARCH_PRINT_H

#include <stdarg.h>
#include <stddef.h>

#define DEBUG_PORT 0x402

/*
 * %c, %s, %d, %u, %x, the last three also with l, with a width and a leading 0 for zeros; %%.
 * What fits in `size` - 1 bytes is written and terminated; returns the bytes written without it.
 */
size_t format_text(char *to, size_t size, const char *format, va_list arguments);

/* One call is one line at most: longer text is cut at 255 bytes. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

void print_bytes(const char *bytes, size_t length);

#endif
