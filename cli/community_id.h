/* Community ID, version 1, seed 0: one name for a flow in the records of every tool. */
#ifndef CLI_COMMUNITY_ID_H
#define CLI_COMMUNITY_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/record/socket.h"
#include "base/status.h"

enum {
    COMMUNITY_ID_SIZE = 32, /* "1:", 28 characters of base64, NUL */
    COMMUNITY_ID_TCP = 6
};

/* False, and `id` is empty, when the cryptographic library refuses SHA-1. */
MUST_CHECK bool community_id(const struct socket_tuple *tuple, uint8_t protocol,
                             char id[COMMUNITY_ID_SIZE]);

#endif
