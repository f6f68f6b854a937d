/* L2's VMCS controls as SVM intercepts. */
#ifndef MODULE_L2_CONTROLS_H
#define MODULE_L2_CONTROLS_H

#include "module/td.h"

/* Controls (SDM volume 3C, tables 25-6 and 25-7) beyond abi/vmx.h. */
#define PROC_INVLPG       (1U << 9)
#define PROC_MWAIT        (1U << 10)
#define PROC_RDPMC        (1U << 11)
#define PROC_RDTSC        (1U << 12)
#define PROC_CR3_LOAD     (1U << 15)
#define PROC_CR3_STORE    (1U << 16)
#define PROC_CR8_LOAD     (1U << 19)
#define PROC_CR8_STORE    (1U << 20)
#define PROC_MOV_DR       (1U << 23)
#define PROC_MTF          (1U << 27)
#define PROC_MONITOR      (1U << 29)
#define PROC_PAUSE        (1U << 30)
#define PROC2_DESCRIPTORS (1U << 2)

/* To be called at every entry: what L1 has changed since the last takes effect. */
void l2_controls_load(struct td *td);

/* Whether this exception of L2 exits to L1: exception bitmap, page-fault error code. */
bool l2_exception_intercepted(const struct td *td, unsigned vector, uint32_t error);

#endif
