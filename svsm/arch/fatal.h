/* The end of the TD when svsm cannot go on. */
#ifndef SVSM_ARCH_FATAL_H
#define SVSM_ARCH_FATAL_H

/* Prints `svsm: error: ` and the text on the debug port, and reports it to the host (GHCI). */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
