/*
 * The devices of the host VMM, as TDVMCALLs reach them: the machine's own, filtered.
 *
 * Source of the calls: Intel GHCI, TDG.VP.VMCALL<Instruction.IO> and <#VE.RequestMMIO>. Sizes and
 * addresses come from the TD and are checked here.
 */
#ifndef HOST_IO_H
#define HOST_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "host/machine.h"

/* Prepares what the TD sees of fw_cfg and CMOS. `machine` must stay; after td_image_load(). */
void host_io_start(const struct machine *machine);

/*
 * An access of 1, 2 or 4 bytes to a port: passed to the machine, but for fw_cfg, CMOS and tdxemu's
 * own ports 0xe9 and 0xf4. A write that ends the run dumps the counters first. False: the size is
 * not valid; `value` is then untouched.
 */
MUST_CHECK bool host_io(uint16_t port, unsigned size, bool write, uint32_t *value);

/*
 * An access of 1, 2, 4 or 8 bytes to a device's memory. `gpa` has the shared bit, as a TD must ask
 * for shared addresses. False: not so, or the size is not valid, or the range touches the
 * machine's RAM or its local APIC and interrupt messages; `value` is then untouched.
 */
MUST_CHECK bool host_mmio(uint64_t gpa, unsigned size, bool write, uint64_t *value);

#endif
