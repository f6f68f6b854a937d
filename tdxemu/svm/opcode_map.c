#include "svm/opcode_map.h"

#include <stddef.h>

/* A letter of the maps below. */
struct letter {
    char name;
    struct operand_form form;
};

static const struct letter letters[] = {
    {'m', {OPERAND_MODRM, IMMEDIATE_NONE}},       {'b', {OPERAND_MODRM, IMMEDIATE_8}},
    {'z', {OPERAND_MODRM, IMMEDIATE_Z}},          {'r', {OPERAND_MODRM_READ, IMMEDIATE_NONE}},
    {'p', {OPERAND_MODRM_POP, IMMEDIATE_NONE}},   {'t', {OPERAND_MODRM_BIT, IMMEDIATE_NONE}},
    {'o', {OPERAND_MOFFS, IMMEDIATE_NONE}},       {'s', {OPERAND_SOURCE, IMMEDIATE_NONE}},
    {'d', {OPERAND_DESTINATION, IMMEDIATE_NONE}}, {'v', {OPERAND_MOVE, IMMEDIATE_NONE}},
};

/* Opcodes that bits 5:3 of ModRM extend; a digit of the maps below counts in this table. */
static const char groups[][8 + 1] = {
    "p.......", /* 8F: POP */
    "b.......", /* C6: MOV */
    "z.......", /* C7: MOV */
    "bbmmmmmm", /* F6: TEST, NOT, NEG, MUL, IMUL, DIV, IDIV */
    "zzmmmmmm", /* F7: the same */
    "mm......", /* FE: INC, DEC */
    "mmrrmmr.", /* FF: INC, DEC, CALL, far CALL, JMP, far JMP, PUSH */
    "....bbbb", /* 0F BA: BT, BTS, BTR, BTC by an immediate */
    ".m......", /* 0F C7: CMPXCHG8B, CMPXCHG16B */
};

static const char maps[MAPS][16][16 + 1] = {
    [MAP_ONE_BYTE] =
        {
            "mmmm....mmmm....", /* 00 */
            "mmmm....mmmm....", /* 10 */
            "mmmm....mmmm....", /* 20 */
            "mmmm....mmmm....", /* 30 */
            "................", /* 40 */
            "................", /* 50 */
            "..mm.....z.b....", /* 60 */
            "................", /* 70 */
            "bzbbmmmmmmmmm.m0", /* 80 */
            "................", /* 90 */
            "oooovvss..ddssdd", /* a0 */
            "................", /* b0 */
            "bb..mm12........", /* c0 */
            "mmmm....mmmmmmmm", /* d0 */
            "................", /* e0 */
            "......34......56", /* f0 */
        },
    [MAP_0F] =
        {
            "................", /* 00 */
            "mmmmmmmm........", /* 10 */
            "........mmmmmmmm", /* 20 */
            "................", /* 30 */
            "mmmmmmmmmmmmmmmm", /* 40 */
            ".mmmmmmmmmmmmmmm", /* 50 */
            "mmmmmmmmmmmmmmmm", /* 60 */
            "b...mmm.....mmmm", /* 70 */
            "................", /* 80 */
            "mmmmmmmmmmmmmmmm", /* 90 */
            "...tbm.....tbmmm", /* a0 */
            "mmmtmmmmm.7tmmmm", /* b0 */
            "mmbmb.b8........", /* c0 */
            "mmmmmmm.mmmmmmmm", /* d0 */
            "mmmmmmmmmmmmmmmm", /* e0 */
            "mmmmmmm.mmmmmmm.", /* f0 */
        },
    [MAP_0F38] =
        {
            "mmmmmmmmmmmmmmmm", /* 00 */
            "mmmmmmmmmmmmmmmm", /* 10 */
            "mmmmmmmmmmmmmmmm", /* 20 */
            "mmmmmmmmmmmmmmmm", /* 30 */
            "mm...mmm........", /* 40 */
            "........mmm.....", /* 50 */
            "................", /* 60 */
            "........mm......", /* 70 */
            "............m.m.", /* 80 */
            "......mmmmmmmmmm", /* 90 */
            "......mmmmmmmmmm", /* a0 */
            "......mmmmmmmmmm", /* b0 */
            "........mmmmmm.m", /* c0 */
            "...........mmmmm", /* d0 */
            "................", /* e0 */
            "mmmmmmmm........", /* f0 */
        },
    [MAP_0F3A] =
        {
            "bbbbbbbbbbbbbbbb", /* 00 */
            "bbbbbbbbbbbbbbbb", /* 10 */
            "bbb.............", /* 20 */
            "........bbbbbbbb", /* 30 */
            "bbbbbbb...bbb...", /* 40 */
            "................", /* 50 */
            "bbbb............", /* 60 */
            "................", /* 70 */
            "................", /* 80 */
            "................", /* 90 */
            "................", /* a0 */
            "................", /* b0 */
            "............bbbb", /* c0 */
            "bbbbbbbbbbbbbbbb", /* d0 */
            "................", /* e0 */
            "b...............", /* f0 */
        },
};

struct operand_form opcode_map_find(enum opcode_map map, unsigned char opcode, unsigned char modrm)
{
    char name = maps[map][opcode >> 4][opcode & 0xf];
    if (name >= '0' && name <= '9')
        name = groups[name - '0'][modrm >> 3 & 7];
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].name == name)
            return letters[i].form;
    return (struct operand_form){OPERAND_NONE, IMMEDIATE_NONE};
}
