/* L2 for unit tests of the exit handlers: what they did to it. */
#ifndef SVSM_FAKE_L2_H
#define SVSM_FAKE_L2_H

#include <stdint.h>

#include "vcpu/vcpu.h"

struct fake_l2 {
    uint64_t shared_from, shared_size; /* of the last conversion */
    uint64_t accepted;                 /* page last accepted */
    unsigned mapped;                   /* MapGPAs that went to the host */
    bool mapped_shared;
    uint64_t cr4;
};

extern struct fake_l2 fake_l2;

/* A vCPU at an exit by a TDCALL at CPL 0. */
void fake_l2_reset(struct vcpu *vcpu);

#endif
