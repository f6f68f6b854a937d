#include "svm/linear_address.h"

#include "svm/instruction.h"

enum {
    RSP = 4,
    RBP = 5,
    RSI = 6,
    RDI = 7,
    RM_SIB = 4,     /* ModRM.rm: a SIB byte follows */
    RM_NO_BASE = 5, /* ModRM.rm or SIB.base with mod 0: a 32-bit displacement instead */
    SIB_NO_INDEX = 4,
    MOD_REGISTER = 3,
};

struct place {
    enum sreg segment;
    uint64_t offset; /* to be cut to the address size */
};

/* In bytes, of an instruction that is not one of bytes. */
static unsigned operand_bytes(const struct instruction *in)
{
    return (in->rex & REX_W) != 0 ? 8 : in->operand_size ? 2 : 4;
}

static bool skip_immediate(struct instruction *in)
{
    unsigned z = operand_bytes(in) == 2 ? 2 : 4;
    const unsigned sizes[] = {[IMMEDIATE_NONE] = 0, [IMMEDIATE_8] = 1, [IMMEDIATE_Z] = z};
    return cursor_skip(&in->cursor, sizes[in->form.immediate]);
}

/* A sign-extended displacement of 0, 1 or 4 bytes. */
static bool read_displacement(struct instruction *in, unsigned size, uint64_t *value)
{
    unsigned byte;
    uint32_t word;
    switch (size) {
    case 0:
        *value = 0;
        return true;
    case 1:
        if (!instruction_byte(in, &byte))
            return false;
        *value = (uint64_t)(int8_t)byte;
        return true;
    default:
        if (!cursor_le32(&in->cursor, &word))
            return false;
        *value = (uint64_t)(int32_t)word;
        return true;
    }
}

/* A register number of three bits, extended by a bit of REX. */
static unsigned extended(const struct instruction *in, unsigned number, unsigned rex_bit)
{
    return (number & 7) | ((in->rex & rex_bit) != 0 ? 8 : 0);
}

/* POP has moved RSP already when its operand's address is formed (SDM volume 2, POP). */
static uint64_t base_register(const struct instruction *in, unsigned number)
{
    uint64_t value = in->context->registers[number];
    if (number != RSP || in->form.kind != OPERAND_MODRM_POP)
        return value;
    return value + (operand_bytes(in) == 2 ? 2 : in->context->code_64 ? 8 : 4);
}

/* SIB: the low three bits of the base's number, and the index times its scale. */
static bool read_sib(struct instruction *in, unsigned *base, uint64_t *scaled)
{
    unsigned sib;
    if (!instruction_byte(in, &sib))
        return false;
    unsigned index = extended(in, sib >> 3, REX_X);
    *base = sib & 7;
    *scaled = index == SIB_NO_INDEX ? 0 : in->context->registers[index] << (sib >> 6);
    return true;
}

/* An operand without a base: relative to the next instruction when `relative`. */
static bool absolute_place(struct instruction *in, bool relative, struct place *place)
{
    uint64_t displacement;
    if (!read_displacement(in, 4, &displacement) || !skip_immediate(in))
        return false;
    place->offset += displacement + (relative ? in->context->rip + in->cursor.at : 0);
    place->segment = SREG_DS;
    return true;
}

/* The memory operand that `modrm` and what follows it name. */
static bool read_place(struct instruction *in, unsigned modrm, struct place *place)
{
    static const unsigned char sizes[MOD_REGISTER] = {0, 1, 4};
    unsigned mod = modrm >> 6;
    unsigned base = modrm & 7;
    bool sib = base == RM_SIB;
    uint64_t displacement;
    place->offset = 0;
    if (mod == MOD_REGISTER || (sib && !read_sib(in, &base, &place->offset)))
        return false;
    if (mod == 0 && base == RM_NO_BASE)
        return absolute_place(in, !sib && in->context->code_64, place);
    if (!read_displacement(in, sizes[mod], &displacement) || !skip_immediate(in))
        return false;
    base = extended(in, base, REX_B);
    place->segment = base == RSP || base == RBP ? SREG_SS : SREG_DS;
    place->offset += base_register(in, base) + displacement;
    return true;
}

static bool modrm_place(struct instruction *in, struct place *place)
{
    unsigned modrm;
    return instruction_byte(in, &modrm) && read_place(in, modrm, place);
}

static bool modrm_read_place(struct instruction *in, struct place *place)
{
    return !in->context->write && modrm_place(in, place);
}

static bool modrm_pop_place(struct instruction *in, struct place *place)
{
    return in->context->write && modrm_place(in, place);
}

/* The register is a signed number of bits; the operand that holds that bit is accessed. */
static bool modrm_bit_place(struct instruction *in, struct place *place)
{
    unsigned modrm;
    if (!instruction_byte(in, &modrm) || !read_place(in, modrm, place))
        return false;
    unsigned size = operand_bytes(in);
    uint64_t bits = in->context->registers[extended(in, modrm >> 3, REX_R)];
    int64_t signed_bits = size == 8   ? (int64_t)bits
                          : size == 4 ? (int64_t)(int32_t)bits
                                      : (int64_t)(int16_t)bits;
    place->offset += (uint64_t)(signed_bits >> 3) & ~(uint64_t)(size - 1);
    return true;
}

static bool moffs_place(struct instruction *in, struct place *place)
{
    uint32_t word;
    place->segment = SREG_DS;
    if (in->context->code_64 && !in->address_size)
        return cursor_le64(&in->cursor, &place->offset);
    if (!cursor_le32(&in->cursor, &word))
        return false;
    place->offset = word;
    return true;
}

static bool source_place(struct instruction *in, struct place *place)
{
    *place = (struct place){SREG_DS, in->context->registers[RSI]};
    return true;
}

/* ES:RDI, which no prefix overrides. */
static bool destination_place(struct instruction *in, struct place *place)
{
    *place = (struct place){SREG_ES, in->context->registers[RDI]};
    in->override = SREGS;
    return true;
}

static bool move_place(struct instruction *in, struct place *place)
{
    return in->context->write ? destination_place(in, place) : source_place(in, place);
}

static bool (*const places[OPERANDS])(struct instruction *in, struct place *place) = {
    [OPERAND_MODRM] = modrm_place,
    [OPERAND_MODRM_READ] = modrm_read_place,
    [OPERAND_MODRM_POP] = modrm_pop_place,
    [OPERAND_MODRM_BIT] = modrm_bit_place,
    [OPERAND_MOFFS] = moffs_place,
    [OPERAND_SOURCE] = source_place,
    [OPERAND_DESTINATION] = destination_place,
    [OPERAND_MOVE] = move_place,
};

static uint64_t linear_address(const struct instruction *in, struct place place)
{
    bool code_64 = in->context->code_64;
    enum sreg segment = in->override != SREGS ? in->override : place.segment;
    uint64_t base = !code_64 || segment >= SREG_FS ? in->context->bases[segment] : 0;
    uint64_t offset = code_64 && !in->address_size ? place.offset : (uint32_t)place.offset;
    return code_64 ? base + offset : (uint32_t)(base + offset);
}

bool linear_address_of_operand(const struct instruction_context *context, uint64_t *address)
{
    struct instruction in;
    struct place place;
    if (!instruction_open(&in, context) || !places[in.form.kind](&in, &place))
        return false;
    if (!context->code_64 && in.address_size) /* 16-bit addresses */
        return false;
    *address = linear_address(&in, place);
    return true;
}
