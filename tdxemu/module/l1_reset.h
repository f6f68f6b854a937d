/* L1 as TDH.VP.INIT leaves it. Source: tdx-module src/common/data_structures/td_vmcs_init.c. */
#ifndef MODULE_L1_RESET_H
#define MODULE_L1_RESET_H

#include "module/td.h"

/* `hob`: what the host gave to TDH.VP.INIT, found in RCX and R8; 0 when there is none. */
void l1_reset(struct td *td, uint64_t hob);

#endif
