/* What the parts of the small test TD share. */
#ifndef TEST_TD_H
#define TEST_TD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/tdx_enter.h"

#define SHARED_AT 0x8000000000ULL /* linear address of shared GPA 0 */

/* start.S */
void tdcall(uint64_t gpr[L2_REGISTERS]);
extern const char stubs[];

/* Test protocol on the debug port: one line a check, "ok NAME" or "not ok NAME: value". */
void put(const char *text);
void check(const char *name, uint64_t value, uint64_t expected);

/* A leaf with up to RCX, RDX, R8, R9; all registers come back in `gpr`. Returns RAX. */
uint64_t leaf(uint64_t gpr[L2_REGISTERS], uint64_t number, uint64_t rcx, uint64_t rdx, uint64_t r8,
              uint64_t r9);
/* TDG.VP.VMCALL with R11 = function and R12 to R15; returns R10, registers in `gpr`. */
uint64_t vmcall(uint64_t gpr[L2_REGISTERS], uint64_t function, uint64_t r12, uint64_t r13,
                uint64_t r14, uint64_t r15);

void test_leaves(void);
void test_ve(void);
void test_timer(void);
void test_l2(void);

/* Vectors that came in since last asked. */
extern volatile uint64_t interrupts[256];

#endif
