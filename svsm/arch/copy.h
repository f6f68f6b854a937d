/* What may fault and is survived: memory of L2 that the host took away, CPUID leaves it leaves out.
 */
#ifndef SVSM_ARCH_COPY_H
#define SVSM_ARCH_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/cpu.h"
#include "base/status.h"

/* False when an access faulted; `to` is then undefined. */
MUST_CHECK bool copy_guarded(void *to, const void *from, size_t length);

/* False, with `out` untouched: a leaf that the TDX module does not virtualise (#VE). */
MUST_CHECK bool cpuid_guarded(uint32_t leaf, uint32_t subleaf, struct cpuid *out);

#endif
