/*
 * What Debian's libbearssl, which is hosted code, needs of its surroundings.
 *
 * It reads a stack canary at FS:0x28 (System V psABI for x86-64 as glibc uses it), calls
 * __stack_chk_fail and __memcpy_chk, and uses SSE: CR4.OSFXSR must be set. svsm calls it before
 * L2 first runs, so that L2's extended state is never in the registers then.
 */
#ifndef SVSM_LOADER_HOSTED_H
#define SVSM_LOADER_HOSTED_H

#include <stdint.h>

/* The block that FS base must point to; its canary is made of `random`. */
const void *hosted_fs_block(uint64_t random);

#endif
