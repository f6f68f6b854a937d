/* What the TDX module does about exits of L1: by reason, each in a file of its own kind. */
#ifndef MODULE_L1_EXITS_H
#define MODULE_L1_EXITS_H

#include "module/td.h"

/* Serves the exit; afterwards L1, or the L2 it entered, can run. */
void l1_exit(struct td *td, const struct vm_exit *exit);

void l1_cpuid(struct td *td, const struct vm_exit *exit);
void l1_cr_access(struct td *td, const struct vm_exit *exit);
void l1_rdmsr(struct td *td, const struct vm_exit *exit);
void l1_wrmsr(struct td *td, const struct vm_exit *exit);
void l1_ept_violation(struct td *td, const struct vm_exit *exit);
void l1_xsetbv(struct td *td, const struct vm_exit *exit);

#endif
