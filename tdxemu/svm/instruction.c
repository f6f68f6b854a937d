#include "svm/instruction.h"

bool instruction_byte(struct instruction *in, unsigned *byte)
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
    static const unsigned char prefixes[SREGS] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    for (enum sreg segment = SREG_ES; segment < SREGS; segment++) {
        if (byte != prefixes[segment])
            continue;
        if (!in->context->code_64 || segment >= SREG_FS)
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
        if (!instruction_byte(in, &byte))
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
    if (!instruction_byte(in, &second))
        return false;
    in->rex = 0;
    *map = MAP_0F;
    if (first == 0xc4) {
        if (!instruction_byte(in, &third))
            return false;
        in->rex = (~second >> 5 & (REX_R | REX_X | REX_B)) | (third >> 7 ? REX_W : 0);
        *map = second & 0x1f;
    }
    return *map != MAP_ONE_BYTE && *map < MAPS && instruction_byte(in, opcode);
}

static bool read_escape(struct instruction *in, enum opcode_map *map, unsigned *opcode)
{
    if (!instruction_byte(in, opcode))
        return false;
    *map = *opcode == 0x38 ? MAP_0F38 : *opcode == 0x3a ? MAP_0F3A : MAP_0F;
    return *map == MAP_0F || instruction_byte(in, opcode);
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

bool instruction_open(struct instruction *in, const struct instruction_context *context)
{
    struct instruction opened = {.context = context, .override = SREGS};
    if (context->length > INSTRUCTION_BYTES)
        return false;
    opened.cursor = cursor_over(context->bytes, context->length);
    if (!read_opcode(&opened))
        return false;
    *in = opened;
    return true;
}
