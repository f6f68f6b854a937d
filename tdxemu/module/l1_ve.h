/* #VE in L1. Source: intel/tdx-module, branch tdx_1.5, src/common/helpers (tdx_inject_ve). */
#ifndef MODULE_L1_VE_H
#define MODULE_L1_VE_H

#include "module/td.h"

/* Notes the exit as VE information and injects #VE; #DF when the last was not fetched yet. */
void l1_inject_ve(struct td *td, const struct vm_exit *exit);

#endif
