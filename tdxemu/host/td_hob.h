/*
 * The TD HOB: a list that tells the TD which of its RAM is there from the start, and which it must
 * accept first.
 *
 * Source: UEFI Platform Initialization, volume 3, section 5 (HOBs); QEMU hw/i386/tdvf-hob.c; edk2
 * MdePkg PiHob.h for EFI_RESOURCE_MEMORY_UNACCEPTED.
 */
#ifndef HOST_TD_HOB_H
#define HOST_TD_HOB_H

#include "host/machine.h"
#include "host/tdvf.h"

/*
 * Writes the list into the private page at `gpa`, which has been added. One page holds it, as the
 * number of sections is bounded.
 */
void td_hob_write(const struct machine *machine, const struct tdvf *tdvf, uint64_t gpa);

#endif
