#include "community_id.h"

#include <openssl/evp.h>
#include <string.h>

enum {
    SHA1_SIZE = 20,
    /* seed, two addresses, protocol, padding, two ports */
    INPUT_MAX = 2 + 2 * 16 + 1 + 1 + 2 * 2
};

struct input {
    unsigned char bytes[INPUT_MAX];
    size_t length;
};

static void put(struct input *input, const unsigned char *bytes, size_t length)
{
    memcpy(input->bytes + input->length, bytes, length);
    input->length += length;
}

static void put_u16(struct input *input, uint16_t value)
{
    const unsigned char bytes[] = {(unsigned char)(value >> 8), (unsigned char)value};
    put(input, bytes, sizeof bytes);
}

bool community_id(const struct socket_tuple *tuple, uint8_t protocol, char id[COMMUNITY_ID_SIZE])
{
    const unsigned char protocol_and_padding[] = {protocol, 0};
    size_t length = tuple->ip_version == 4 ? 4 : 16;
    int order = memcmp(tuple->local, tuple->remote, length);
    bool local_first = order < 0 || (order == 0 && tuple->local_port < tuple->remote_port);
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct input input = {.length = 0};

    put_u16(&input, 0);
    put(&input, local_first ? tuple->local : tuple->remote, length);
    put(&input, local_first ? tuple->remote : tuple->local, length);
    put(&input, protocol_and_padding, sizeof protocol_and_padding);
    put_u16(&input, local_first ? tuple->local_port : tuple->remote_port);
    put_u16(&input, local_first ? tuple->remote_port : tuple->local_port);

    id[0] = '\0';
    if (EVP_Digest(input.bytes, input.length, digest, NULL, EVP_sha1(), NULL) != 1)
        return false;
    memcpy(id, "1:", 2);
    EVP_EncodeBlock((unsigned char *)id + 2, digest, SHA1_SIZE);
    return true;
}
