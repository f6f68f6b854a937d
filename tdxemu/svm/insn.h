/*
 * The system instructions that exit and whose operands VMX reports: MOV CR, MOV DR, CLTS, LMSW,
 * SMSW, INVLPG, and those of the descriptor tables (0F 00, 0F 01).
 *
 * For 32-bit and 64-bit code. Pure: bytes in, structure out. Source: Intel SDM volume 2, chapter 2
 * and appendix A.
 */
#ifndef SVM_INSN_H
#define SVM_INSN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define INSN_MAX 15U

struct insn {
    uint8_t opcode; /* behind 0F */
    uint8_t reg;    /* fields of ModRM, with their REX bits */
    uint8_t rm;
    bool has_memory; /* rm is a memory operand */
    bool base_valid, index_valid, rip_relative;
    uint8_t base, index, scale;
    int64_t displacement;
    uint8_t length;
};

/* Decodes `count` bytes as they lie at RIP; false: not one of these, or too short. */
MUST_CHECK bool insn_decode(const uint8_t *bytes, unsigned count, bool long_mode,
                            struct insn *insn);

/* Effective address of the memory operand, without segment base; `rip` is the instruction's. */
uint64_t insn_address(const struct insn *insn, const uint64_t gpr[16], uint64_t rip);

#endif
