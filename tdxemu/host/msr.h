/* MSRs that the host VMM holds for the TD, beside the local APIC's (host/lapic.h). */
#ifndef HOST_MSR_H
#define HOST_MSR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* False: there is no such MSR, or it cannot be written. */
MUST_CHECK bool host_msr_read(uint32_t msr, uint64_t *value);
MUST_CHECK bool host_msr_write(uint32_t msr, uint64_t value);

#endif
