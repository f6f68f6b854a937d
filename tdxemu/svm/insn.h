/*
 * As much of an x86 instruction as exits need: its opcode, operands' registers and memory operand.
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

#define INSN_NO_SEGMENT 0xffU

struct insn {
    uint8_t opcode;
    bool two_byte; /* 0F opcode */
    bool rex_w, operand_size, lock, repeat, repeat_ne;
    uint8_t segment;      /* enum vmcb_segment_index of an override, or INSN_NO_SEGMENT */
    uint8_t mod, reg, rm; /* reg and rm with their REX bits */
    bool has_modrm, has_memory;
    bool base_valid, index_valid, rip_relative;
    uint8_t base, index, scale;
    int64_t displacement; /* or the address of MOV moffs */
    bool string;
    uint8_t length; /* with immediate */
};

/* Decodes `count` bytes as they lie at RIP; false: not among what is understood, or too short. */
MUST_CHECK bool insn_decode(const uint8_t *bytes, unsigned count, bool long_mode,
                            struct insn *insn);

/*
 * Effective address of the memory operand, without segment base. `write`: of a string move, its
 * destination. `gpr` in the order of encoding; `rip`: of the instruction.
 */
uint64_t insn_address(const struct insn *insn, const uint64_t gpr[16], uint64_t rip, bool write);

#endif
