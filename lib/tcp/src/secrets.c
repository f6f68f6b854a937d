/* The hash secrets: where the code loads them from, and which of them confirm a live entry. */
#include "base/bytes.h"
#include "hash.h"
#include "node.h"

/*
 * Instructions that load or add 32 bits at [RIP + disp32]: an opcode, a ModRM byte with mod 00 and
 * r/m 101, four bytes of displacement from the end (Intel SDM volume 2, sections 2.1.3, 2.2.1.6).
 */
enum {
    CODE_SIZE = 512, /* longer than either function; what follows adds places that never confirm */
    OPCODE_MOV = 0x8b,
    OPCODE_ADD = 0x03,
    MODRM_MASK = 0xc7,
    MODRM_RIP = 0x05,
    LOAD_SIZE = 6
};

static bool inside_image(const struct kernel_layout *layout, uint64_t at)
{
    return at >= layout->symbols.text.v && at < layout->symbols.end.v && at % 4 == 0;
}

static void add_place(const struct kernel_layout *layout, struct tcp_secrets *secrets, uint64_t at)
{
    if (!inside_image(layout, at) || secrets->count == TCP_SECRETS_MAX)
        return;
    for (size_t i = 0; i < secrets->count; i++)
        if (secrets->places[i].v == at)
            return;
    secrets->places[secrets->count++] = gva(at);
}

static enum status search_code(const struct kernel_layout *layout, struct budget *budget,
                               struct gva function, struct tcp_secrets *secrets)
{
    unsigned char code[CODE_SIZE];
    if (function.v == 0)
        return STATUS_OK;
    enum status status = paging_read(&layout->space, budget, function, code, sizeof code);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i + LOAD_SIZE <= sizeof code; i++) {
        bool loads = code[i] == OPCODE_MOV || code[i] == OPCODE_ADD;
        if (!loads || (code[i + 1] & MODRM_MASK) != MODRM_RIP)
            continue;
        int64_t displacement = (int32_t)load_le32(code + i + 2);
        add_place(layout, secrets, function.v + i + LOAD_SIZE + (uint64_t)displacement);
    }
    return STATUS_OK;
}

enum status tcp_find_secrets(const struct kernel_layout *layout, struct budget *budget,
                             struct tcp_secrets *secrets)
{
    struct tcp_secrets found;
    bytes_zero(&found, sizeof found);
    enum status status = search_code(layout, budget, layout->symbols.ehashfn, &found);
    if (status == STATUS_OK)
        status = search_code(layout, budget, layout->symbols.ehashfn6, &found);
    if (status == STATUS_OK && found.count == 0)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        *secrets = found;
    return status;
}

/* The kernel draws a secret at its first use, so places are read anew until they confirm. */
static bool load_values(struct tcp_walk *walk)
{
    struct tcp_secrets *secrets = walk->secrets;
    for (size_t i = 0; i < secrets->count; i++)
        if (walk_u32(walk, secrets->places[i], &secrets->values[i]) != STATUS_OK)
            return false;
    return true;
}

static bool learn_v4(struct tcp_walk *walk, const struct socket_record *record, uint32_t hash_mix)
{
    struct tcp_secrets *secrets = walk->secrets;
    for (size_t i = 0; i < secrets->count; i++) {
        if (hash_v4(&record->tuple, secrets->values[i] + hash_mix) != record->hash)
            continue;
        secrets->v4 = secrets->values[i];
        secrets->v4_known = true;
        return true;
    }
    return false;
}

static bool learn_v6(struct tcp_walk *walk, const struct socket_record *record, uint32_t hash_mix)
{
    struct tcp_secrets *secrets = walk->secrets;
    size_t pairs = secrets->count * secrets->count;
    for (size_t i = 0; i < pairs * HASH_V6_KINDS; i++) {
        uint32_t key = secrets->values[i % pairs / secrets->count];
        uint32_t address = secrets->values[i % secrets->count];
        unsigned kind = (unsigned)(i / pairs);
        if (hash_v6(&record->tuple, key + hash_mix, address, kind) != record->hash)
            continue;
        secrets->v6 = key;
        secrets->v6_address = address;
        secrets->v6_kind = kind;
        secrets->v6_known = true;
        return true;
    }
    return false;
}

bool node_keyed(struct tcp_walk *walk, struct socket_record *record, uint32_t hash_mix)
{
    struct tcp_secrets *secrets = walk->secrets;
    bool v4 = record->tuple.ip_version == 4;
    record->check = SOCKET_KEYED;
    if (v4 && secrets->v4_known)
        return hash_v4(&record->tuple, secrets->v4 + hash_mix) == record->hash;
    if (!v4 && secrets->v6_known)
        return hash_v6(&record->tuple, secrets->v6 + hash_mix, secrets->v6_address,
                       secrets->v6_kind) == record->hash;
    if (load_values(walk) &&
        (v4 ? learn_v4(walk, record, hash_mix) : learn_v6(walk, record, hash_mix)))
        return true;
    record->check = SOCKET_BUCKET_ONLY;
    return true;
}
