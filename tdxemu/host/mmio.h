/* What host_mmio() of host/io.h must know. */
#ifndef HOST_MMIO_H
#define HOST_MMIO_H

#include "host/machine.h"

/* Notes where the machine's RAM ends. */
void mmio_start(const struct machine *machine);

#endif
