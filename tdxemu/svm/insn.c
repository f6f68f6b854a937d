#include "svm/insn.h"

#include "svm/vmcb.h"

#define RSP_ENCODING 4U
#define RSI_ENCODING 6U
#define RDI_ENCODING 7U

struct stream {
    const uint8_t *bytes;
    unsigned count, at;
    bool long_mode, truncated;
    uint8_t rex;
};

static uint8_t next(struct stream *s)
{
    if (s->at >= s->count) {
        s->truncated = true;
        return 0;
    }
    return s->bytes[s->at++];
}

static int64_t next_signed(struct stream *s, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)next(s) << 8 * i;
    if (size == 1)
        return (int8_t)value;
    return size == 4 ? (int32_t)value : (int64_t)value;
}

static bool prefix(uint8_t byte, struct insn *insn)
{
    switch (byte) {
    case 0x66:
        insn->operand_size = true;
        return true;
    case 0xf0:
        insn->lock = true;
        return true;
    case 0xf2:
        insn->repeat_ne = true;
        return true;
    case 0xf3:
        insn->repeat = true;
        return true;
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
        insn->segment = (uint8_t)(SEGMENT_ES + (byte >> 3 & 3U));
        return true;
    case 0x64:
    case 0x65:
        insn->segment = (uint8_t)(SEGMENT_FS + (byte & 1U));
        return true;
    default:
        return false;
    }
}

static void sib(struct stream *s, struct insn *insn)
{
    uint8_t byte = next(s);
    insn->scale = byte >> 6;
    insn->index = (uint8_t)((byte >> 3 & 7U) | (s->rex & 2U) << 2);
    insn->index_valid = insn->index != RSP_ENCODING;
    insn->base = (uint8_t)((byte & 7U) | (s->rex & 1U) << 3);
    insn->base_valid = !((byte & 7U) == 5 && insn->mod == 0);
    if (!insn->base_valid)
        insn->displacement = next_signed(s, 4);
}

static void modrm(struct stream *s, struct insn *insn)
{
    uint8_t byte = next(s);
    insn->has_modrm = true;
    insn->mod = byte >> 6;
    insn->reg = (uint8_t)((byte >> 3 & 7U) | (s->rex & 4U) << 1);
    insn->rm = (uint8_t)((byte & 7U) | (s->rex & 1U) << 3);
    insn->has_memory = insn->mod != 3;
    if (!insn->has_memory)
        return;
    if ((byte & 7U) == 4) {
        sib(s, insn);
    } else if ((byte & 7U) == 5 && insn->mod == 0) {
        insn->rip_relative = s->long_mode;
        insn->displacement = next_signed(s, 4);
    } else {
        insn->base = insn->rm;
        insn->base_valid = true;
    }
    if (insn->mod == 1)
        insn->displacement = next_signed(s, 1);
    else if (insn->mod == 2)
        insn->displacement = next_signed(s, 4);
}

static unsigned immediate_full(const struct insn *insn)
{
    return insn->operand_size ? 2 : 4;
}

static unsigned immediate(const struct insn *insn)
{
    if (insn->two_byte)
        return insn->opcode == 0xba ? 1 : 0;
    switch (insn->opcode) {
    case 0x80:
    case 0x83:
    case 0xc0:
    case 0xc1:
    case 0xc6:
    case 0x6b:
        return 1;
    case 0x81:
    case 0xc7:
    case 0x69:
        return immediate_full(insn);
    case 0xf6:
        return (insn->reg & 7U) < 2 ? 1 : 0;
    case 0xf7:
        return (insn->reg & 7U) < 2 ? immediate_full(insn) : 0;
    default:
        return 0;
    }
}

static bool with_modrm(const struct insn *insn)
{
    uint8_t op = insn->opcode;
    if (insn->two_byte)
        return op < 0x04 || (op >= 0x20 && op <= 0x23) || op == 0x18 || op == 0x0d ||
               (op >= 0x40 && op <= 0x4f) || (op >= 0x90 && op <= 0x9f) || op == 0xa3 ||
               op == 0xab || op == 0xae || op == 0xaf || (op >= 0xb0 && op <= 0xc7);
    return (op < 0x40 && (op & 7U) < 4) || op == 0x63 || op == 0x69 || op == 0x6b ||
           (op >= 0x80 && op <= 0x8f) || op == 0xc0 || op == 0xc1 || op == 0xc6 || op == 0xc7 ||
           (op >= 0xd0 && op <= 0xd3) || op == 0xf6 || op == 0xf7 || op == 0xfe || op == 0xff;
}

static bool without_modrm(struct stream *s, struct insn *insn)
{
    uint8_t op = insn->opcode;
    if (insn->two_byte)
        return op == 0x06; /* CLTS */
    if (op >= 0xa0 && op <= 0xa3) {
        insn->has_memory = true;
        insn->displacement = next_signed(s, s->long_mode ? 8 : 4);
        return true;
    }
    insn->string = (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf);
    insn->has_memory = insn->string;
    return insn->string;
}

static void opcode(struct stream *s, struct insn *insn)
{
    uint8_t byte = next(s);
    while (s->at < INSN_MAX && !s->truncated && prefix(byte, insn))
        byte = next(s);
    if (s->long_mode && (byte & 0xf0U) == 0x40) {
        s->rex = byte;
        insn->rex_w = byte & 8U;
        byte = next(s);
    }
    insn->two_byte = byte == 0x0f;
    insn->opcode = insn->two_byte ? next(s) : byte;
}

bool insn_decode(const uint8_t *bytes, unsigned count, bool long_mode, struct insn *insn)
{
    struct stream s = {bytes, count < INSN_MAX ? count : INSN_MAX, 0, long_mode, false, 0};
    struct insn result = {.segment = INSN_NO_SEGMENT};
    opcode(&s, &result);
    if (with_modrm(&result)) {
        modrm(&s, &result);
        s.at += immediate(&result);
    } else if (!without_modrm(&s, &result)) {
        return false;
    }
    if (s.truncated || s.at > s.count)
        return false;
    result.length = (uint8_t)s.at;
    *insn = result;
    return true;
}

uint64_t insn_address(const struct insn *insn, const uint64_t gpr[16], uint64_t rip, bool write)
{
    if (insn->string)
        return gpr[write || insn->opcode >= 0xaa ? RDI_ENCODING : RSI_ENCODING];
    uint64_t address = (uint64_t)insn->displacement;
    if (insn->base_valid)
        address += gpr[insn->base];
    if (insn->index_valid)
        address += gpr[insn->index] << insn->scale;
    if (insn->rip_relative)
        address += rip + insn->length;
    return address;
}
