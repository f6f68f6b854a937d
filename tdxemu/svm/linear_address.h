/*
 * The guest linear address of an instruction's memory operand.
 *
 * A nested page fault of AMD SVM names the guest-physical address only, while the TDX module
 * reports the linear address of an EPT violation as well (GLA, exit qualification bit 7). It is
 * found here by decoding the faulting instruction. Pure: reads nothing but its argument.
 *
 * Source: Intel SDM volume 2, chapter 2 and appendix A (opcode maps); AMD APM volume 3, chapter 1.
 */
#ifndef SVM_LINEAR_ADDRESS_H
#define SVM_LINEAR_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum {
    INSTRUCTION_BYTES = 15, /* the longest instruction */
    INSTRUCTION_REGISTERS = 16,
};

/* Segment registers in encoding order. */
enum sreg {
    SREG_ES,
    SREG_CS,
    SREG_SS,
    SREG_DS,
    SREG_FS,
    SREG_GS,
    SREGS
};

/* The state in which the instruction faulted; none of it is trusted. */
struct instruction_context {
    unsigned char bytes[INSTRUCTION_BYTES]; /* a copy of what stands at RIP */
    unsigned length;                        /* of `bytes`; more than the instruction has is fine */
    bool code_64;                           /* 64-bit code, otherwise 32-bit code */
    bool write;                             /* the access that faulted was a write */
    uint64_t rip;                           /* offset in CS */
    uint64_t registers[INSTRUCTION_REGISTERS]; /* RAX RCX RDX RBX RSP RBP RSI RDI R8 .. R15 */
    uint64_t bases[SREGS]; /* in 64-bit code only those of FS and GS count, as in hardware */
};

/*
 * Sets `address` to the first byte of the memory operand of the instruction in `context`.
 *
 * False, with `address` untouched, when the bytes end before the instruction does or are more than
 * INSTRUCTION_BYTES, or when its memory operand is not known: see svm/opcode_map.h for the opcodes;
 * further EVEX, XOP and 16-bit addressing. LEA, NOP and PREFETCH access none.
 *
 * A string instruction with two operands gives the destination for a write, the source for a read.
 * CMPS reads both and gives the source, though it may have been the destination that faulted: so
 * bits 11:0 are to be compared with those of the guest-physical address. PUSH, CALL and POP of a
 * memory operand are known when by `write` it was that operand that faulted, not the stack.
 */
MUST_CHECK bool linear_address_of_operand(const struct instruction_context *context,
                                          uint64_t *address);

#endif
