/* Copies that survive a fault: memory of L2 whose page the host has taken away. */
#ifndef SVSM_ARCH_COPY_H
#define SVSM_ARCH_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* False when an access faulted; `to` is then undefined. */
MUST_CHECK bool copy_guarded(void *to, const void *from, size_t length);

#endif
