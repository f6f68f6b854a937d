/*
 * TDVMCALLs: what the untrusted host is asked for. Its answers are only ever data.
 *
 * false: the host refused; out-parameters are then untouched. Source: abi/ghci.h.
 */
#ifndef SVSM_TDX_GHCI_H
#define SVSM_TDX_GHCI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/status.h"

/* Port I/O of 1, 2 or 4 bytes. */
MUST_CHECK bool ghci_io_read(uint16_t port, unsigned size, uint32_t *value);
MUST_CHECK bool ghci_io_write(uint16_t port, unsigned size, uint32_t value);

/* Device memory, 1, 2, 4 or 8 bytes; `at` without the shared bit. */
MUST_CHECK bool ghci_mmio_read(struct gpa at, unsigned size, uint64_t *value);
MUST_CHECK bool ghci_mmio_write(struct gpa at, unsigned size, uint64_t value);

/* MSRs that the TD's policy leaves to the host. */
MUST_CHECK bool ghci_rdmsr(uint32_t msr, uint64_t *value);
MUST_CHECK bool ghci_wrmsr(uint32_t msr, uint64_t value);

/* Makes whole pages shared with the host, or private again (then to be accepted). */
MUST_CHECK bool ghci_map_gpa(struct gpa start, uint64_t size, bool shared);

/* Sleeps until an interrupt is pending; when not `blocked`, interrupts are let in from then on. */
void ghci_hlt(bool blocked);

/* Hands the host the first GHCI_FATAL_TEXT bytes of `text`; a host that obeys does not return. */
void ghci_report_fatal_error(const char *text);

/* Width of the TD's guest-physical addresses, from TDG.VP.INFO: where the shared bit is. */
void ghci_set_gpaw(unsigned gpaw);
uint64_t ghci_shared_bit(void);

#endif
