#include "svm/linear_address.h"

#include "base/cursor.h"
#include "svm/opcode_map.h"

enum {
    REX_W = 8,
    REX_R = 4,
    REX_X = 2,
    REX_B = 1,
    RSP = 4,
    RBP = 5,
    RSI = 6,
    RDI = 7,
    RM_SIB = 4,     /* ModRM.rm: a SIB byte follows */
    RM_NO_BASE = 5, /* ModRM.rm or SIB.base with mod 0: a 32-bit displacement instead */
    SIB_NO_INDEX = 4,
    MOD_REGISTER = 3,
};

/* What has been read of an instruction. */
struct instruction {
    const struct instruction_context *context;
    struct cursor cursor;
    struct operand_form form;
    enum segment override; /* SEGMENTS: none */
    bool operand_size;     /* prefix 66 */
    bool address_size;     /* prefix 67 */
    unsigned rex;          /* W R X B, of REX or VEX */
};

struct place {
    enum segment segment;
    uint64_t offset; /* to be cut to the address size */
};

static bool read_byte(struct instruction *in, unsigned *byte)
{
    const unsigned char *p;
    if (!cursor_bytes(&in->cursor, 1, &p))
        return false;
    *byte = *p;
    return true;
}

/* A segment override; in 64-bit code those of ES, CS, SS and DS are ignored. */
static bool note_segment(struct instruction *in, unsigned byte)
{
    static const unsigned char prefixes[SEGMENTS] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    for (enum segment segment = SEGMENT_ES; segment < SEGMENTS; segment++) {
        if (byte != prefixes[segment])
            continue;
        if (!in->context->code_64 || segment >= SEGMENT_FS)
            in->override = segment;
        return true;
    }
    return false;
}

static bool note_prefix(struct instruction *in, unsigned byte)
{
    switch (byte) {
    case 0x66:
        in->operand_size = true;
        return true;
    case 0x67:
        in->address_size = true;
        return true;
    case 0xf0: /* LOCK */
    case 0xf2:
    case 0xf3:
        return true;
    default:
        return note_segment(in, byte);
    }
}

/* Reads prefixes and the byte behind them. A REX that another prefix follows has no effect. */
static bool read_prefixes(struct instruction *in, unsigned *opcode)
{
    for (;;) {
        unsigned byte;
        if (!read_byte(in, &byte))
            return false;
        if (in->context->code_64 && (byte & 0xf0) == 0x40) {
            in->rex = byte & 0xf;
        } else if (note_prefix(in, byte)) {
            in->rex = 0;
        } else {
            *opcode = byte;
            return true;
        }
    }
}

/* The rest of a VEX prefix, whose R, X and B are inverted, and the opcode. */
static bool read_vex(struct instruction *in, unsigned first, enum opcode_map *map, unsigned *opcode)
{
    unsigned second, third;
    if (!read_byte(in, &second))
        return false;
    in->rex = 0;
    *map = MAP_0F;
    if (first == 0xc4) {
        if (!read_byte(in, &third))
            return false;
        in->rex = (~second >> 5 & (REX_R | REX_X | REX_B)) | (third >> 7 ? REX_W : 0);
        *map = second & 0x1f;
    }
    return *map != MAP_ONE_BYTE && *map < MAPS && read_byte(in, opcode);
}

static bool read_escape(struct instruction *in, enum opcode_map *map, unsigned *opcode)
{
    if (!read_byte(in, opcode))
        return false;
    *map = *opcode == 0x38 ? MAP_0F38 : *opcode == 0x3a ? MAP_0F3A : MAP_0F;
    return *map == MAP_0F || read_byte(in, opcode);
}

/* What ModRM would be is looked at, but not read yet. */
static bool find_form(struct instruction *in, enum opcode_map map, unsigned opcode)
{
    struct cursor ahead = in->cursor;
    const unsigned char *next;
    unsigned char modrm = cursor_bytes(&ahead, 1, &next) ? *next : 0;
    in->form = opcode_map_find(map, (unsigned char)opcode, modrm);
    return in->form.kind != OPERAND_NONE;
}

static bool read_opcode(struct instruction *in)
{
    enum opcode_map map = MAP_ONE_BYTE;
    unsigned opcode;
    if (!read_prefixes(in, &opcode))
        return false;
    bool code_64 = in->context->code_64;
    if (code_64 && opcode == 0x62) /* EVEX */
        return false;
    if (code_64 && (opcode == 0xc4 || opcode == 0xc5)) {
        if (!read_vex(in, opcode, &map, &opcode))
            return false;
    } else if (opcode == 0x0f && !read_escape(in, &map, &opcode)) {
        return false;
    }
    return find_form(in, map, opcode);
}

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
        if (!read_byte(in, &byte))
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
    if (!read_byte(in, &sib))
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
    place->segment = SEGMENT_DS;
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
    place->segment = base == RSP || base == RBP ? SEGMENT_SS : SEGMENT_DS;
    place->offset += base_register(in, base) + displacement;
    return true;
}

static bool modrm_place(struct instruction *in, struct place *place)
{
    unsigned modrm;
    return read_byte(in, &modrm) && read_place(in, modrm, place);
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
    if (!read_byte(in, &modrm) || !read_place(in, modrm, place))
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
    place->segment = SEGMENT_DS;
    if (in->context->code_64 && !in->address_size)
        return cursor_le64(&in->cursor, &place->offset);
    if (!cursor_le32(&in->cursor, &word))
        return false;
    place->offset = word;
    return true;
}

static bool source_place(struct instruction *in, struct place *place)
{
    *place = (struct place){SEGMENT_DS, in->context->registers[RSI]};
    return true;
}

/* ES:RDI, which no prefix overrides. */
static bool destination_place(struct instruction *in, struct place *place)
{
    *place = (struct place){SEGMENT_ES, in->context->registers[RDI]};
    in->override = SEGMENTS;
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
    enum segment segment = in->override != SEGMENTS ? in->override : place.segment;
    uint64_t base = !code_64 || segment >= SEGMENT_FS ? in->context->bases[segment] : 0;
    uint64_t offset = code_64 && !in->address_size ? place.offset : (uint32_t)place.offset;
    return code_64 ? base + offset : (uint32_t)(base + offset);
}

bool linear_address_of_operand(const struct instruction_context *context, uint64_t *address)
{
    struct instruction in = {.context = context, .override = SEGMENTS};
    struct place place;
    if (context->length > INSTRUCTION_BYTES)
        return false;
    in.cursor = cursor_over(context->bytes, context->length);
    if (!read_opcode(&in) || !places[in.form.kind](&in, &place))
        return false;
    if (!context->code_64 && in.address_size) /* 16-bit addresses */
        return false;
    *address = linear_address(&in, place);
    return true;
}
