/*
 * Why the guest stopped, in the terms of VMX, whatever SVM called it.
 *
 * Source: Intel SDM volume 3C, 28.2 (qualifications) and appendix C; AMD APM volume 2, appendix C.
 */
#ifndef SVM_EXIT_H
#define SVM_EXIT_H

#include <stdbool.h>
#include <stdint.h>

#include "svm/world.h"

struct vm_exit {
    uint32_t reason; /* basic exit reason, or EXIT_ one of those below */
    uint32_t length; /* of the instruction; 0 when it is not known */
    uint64_t qualification;
    uint64_t gla, gpa;
    uint32_t event, event_error;         /* VM-exit interruption information */
    uint32_t vectoring, vectoring_error; /* IDT-vectoring information */
    uint32_t info;                       /* VMX-instruction information */
};

/* What VMX has no exit for: an instruction that does not exist on Intel processors. */
#define EXIT_UNDEFINED 0x100U
/* INT n, met because INT3 had to be; the instruction was not executed. */
#define EXIT_SOFT_INT 0x101U
/* VMRUN refused the VMCB: a fault of tdxemu's own checks. */
#define EXIT_BAD_VMCB 0x102U

#define EXIT_REASONS 80U

/* Qualification of a CR access (SDM table 28-3). */
#define CR_QUAL_NUMBER     0xfU
#define CR_QUAL_TYPE_SHIFT 4
#define CR_QUAL_TO         0U
#define CR_QUAL_FROM       1U
#define CR_QUAL_CLTS       2U
#define CR_QUAL_LMSW       3U
#define CR_QUAL_GPR_SHIFT  8
#define CR_QUAL_LMSW_SHIFT 16

/* Describes the exit that world_run() just came back with. */
void exit_decode(struct world *world, struct vm_exit *exit);

#endif
