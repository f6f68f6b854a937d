/* A nested page fault as an EPT violation (SDM table 28-7). */
#ifndef SVM_EXIT_NPF_H
#define SVM_EXIT_NPF_H

#include "svm/exit.h"

/*
 * SVM gives no linear address. It is found again in the instruction or RIP, and reported as valid
 * only when the guest's own page tables lead from it to the GPA.
 */
void exit_describe_npf(struct world *world, struct vm_exit *exit);

#endif
