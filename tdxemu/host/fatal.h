/* TDG.VP.VMCALL<ReportFatalError>: the TD gives up. Source: Intel GHCI, section 3.4. */
#ifndef HOST_FATAL_H
#define HOST_FATAL_H

#include <stdint.h>

#include "abi/ghci.h"

/*
 * Prints the error code (R12) when it is not zero, the text, whose registers are given in the order
 * of GHCI_FATAL_TEXT, up to its NUL and with everything but printable ASCII replaced, and the
 * counters; ends QEMU.
 */
_Noreturn void host_fatal_error(uint64_t code, const uint64_t text[GHCI_FATAL_TEXT / 8]);

#endif
