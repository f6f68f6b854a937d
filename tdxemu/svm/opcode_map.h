/*
 * Which x86 opcodes have a memory operand, and how they name it.
 *
 * An encoding that raises #UD accesses no memory, so the maps need not tell those apart: they serve
 * 64-bit and 32-bit code, all mandatory prefixes, legacy and VEX encodings alike. Not in them:
 * instructions that access only the stack, system instructions, XLAT, INS and OUTS, MOVDIR64B,
 * masked moves to RDI, gathers by a vector index.
 *
 * Source: Intel SDM volume 2, appendix A.
 */
#ifndef SVM_OPCODE_MAP_H
#define SVM_OPCODE_MAP_H

/* Numbered as VEX.mmmmm numbers them. */
enum opcode_map {
    MAP_ONE_BYTE,
    MAP_0F,
    MAP_0F38,
    MAP_0F3A,
    MAPS
};

enum operand_kind {
    OPERAND_NONE,
    OPERAND_MODRM,
    OPERAND_MODRM_READ, /* read, while the stack is written: PUSH, CALL */
    OPERAND_MODRM_POP,  /* written, while the stack is read; RSP has moved when it is the base */
    OPERAND_MODRM_BIT,  /* a register counts bits from there: BT, BTS, BTR, BTC */
    OPERAND_MOFFS,
    OPERAND_SOURCE,
    OPERAND_DESTINATION,
    OPERAND_MOVE, /* both of the above */
    OPERANDS
};

enum immediate {
    IMMEDIATE_NONE,
    IMMEDIATE_8,
    IMMEDIATE_Z, /* 16 bits at an operand size of 16 bits, otherwise 32 */
};

struct operand_form {
    enum operand_kind kind;
    enum immediate immediate; /* only with ModRM */
};

/*
 * The form of `opcode` of `map`, with bits 5:3 of the byte `modrm` behind it where they extend the
 * opcode; OPERAND_NONE when no memory operand is known.
 */
struct operand_form opcode_map_find(enum opcode_map map, unsigned char opcode, unsigned char modrm);

#endif
