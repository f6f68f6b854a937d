#include "svm/insn.h"

#define NO_INDEX     4U
#define NO_BASE      5U
#define MOD_REGISTER 3U
#define OPCODE_0F    0x0fU
#define OPCODE_CLTS  0x06U

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

static int64_t next_8(struct stream *s)
{
    uint8_t value = next(s);
    return value < 0x80 ? value : (int64_t)value - 0x100;
}

static int64_t next_32(struct stream *s)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value |= (uint32_t)next(s) << 8 * i;
    return (int32_t)value;
}

static bool is_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
                                       0x66, 0x67, 0xf0, 0xf2, 0xf3};
    for (unsigned i = 0; i < sizeof prefixes; i++)
        if (prefixes[i] == byte)
            return true;
    return false;
}

/* Up to the byte behind 0F; false when there is none. */
static bool opcode(struct stream *s, struct insn *insn)
{
    uint8_t byte = next(s);
    while (is_prefix(byte) && !s->truncated)
        byte = next(s);
    if (s->long_mode && (byte & 0xf0U) == 0x40) {
        s->rex = byte;
        byte = next(s);
    }
    insn->opcode = next(s);
    return byte == OPCODE_0F && !s->truncated;
}

static void sib(struct stream *s, struct insn *insn, unsigned mod)
{
    uint8_t byte = next(s);
    insn->scale = byte >> 6;
    insn->index = (uint8_t)((byte >> 3 & 7U) | (s->rex & 2U) << 2);
    insn->index_valid = insn->index != NO_INDEX;
    insn->base = (uint8_t)((byte & 7U) | (s->rex & 1U) << 3);
    insn->base_valid = (byte & 7U) != NO_BASE || mod != 0;
    if (!insn->base_valid)
        insn->displacement = next_32(s);
}

static void memory(struct stream *s, struct insn *insn, unsigned mod)
{
    insn->has_memory = true;
    if ((insn->rm & 7U) == NO_INDEX) {
        sib(s, insn, mod);
    } else if ((insn->rm & 7U) == NO_BASE && mod == 0) {
        insn->rip_relative = s->long_mode;
        insn->displacement = next_32(s);
    } else {
        insn->base = insn->rm;
        insn->base_valid = true;
    }
    if (mod == 1)
        insn->displacement = next_8(s);
    else if (mod == 2)
        insn->displacement = next_32(s);
}

/* MOV CR and MOV DR take mod as 11, whatever it says. */
static void modrm(struct stream *s, struct insn *insn)
{
    uint8_t byte = next(s);
    unsigned mod = byte >> 6;
    insn->reg = (uint8_t)((byte >> 3 & 7U) | (s->rex & 4U) << 1);
    insn->rm = (uint8_t)((byte & 7U) | (s->rex & 1U) << 3);
    if (mod != MOD_REGISTER && insn->opcode < 0x20)
        memory(s, insn, mod);
}

bool insn_decode(const uint8_t *bytes, unsigned count, bool long_mode, struct insn *insn)
{
    struct stream s = {bytes, count < INSN_MAX ? count : INSN_MAX, 0, long_mode, false, 0};
    struct insn result = {0};
    if (!opcode(&s, &result))
        return false;
    bool known = result.opcode <= 0x01 || (result.opcode >= 0x20 && result.opcode <= 0x23);
    if (known)
        modrm(&s, &result);
    else if (result.opcode != OPCODE_CLTS)
        return false;
    if (s.truncated)
        return false;
    result.length = (uint8_t)s.at;
    *insn = result;
    return true;
}

uint64_t insn_address(const struct insn *insn, const uint64_t gpr[16], uint64_t rip)
{
    uint64_t address = (uint64_t)insn->displacement;
    if (insn->base_valid)
        address += gpr[insn->base];
    if (insn->index_valid)
        address += gpr[insn->index] << insn->scale;
    if (insn->rip_relative)
        address += rip + insn->length;
    return address;
}
