#include "cgroups.h"

#include "heads.h"

struct flow_cgroup {
    uint32_t flows; /* in it; 0: not in use */
    uint32_t next;  /* in its chain, or of those not in use: index + 1, 0: the last */
    char path[SOCKET_CGROUP_SIZE];
};

size_t cgroups_bytes(uint32_t room)
{
    return room * sizeof(struct flow_cgroup) + heads_bytes(room);
}

void cgroups_init(struct flow_cgroups *cgroups, void *memory, uint32_t room, uint64_t seed)
{
    struct flow_cgroup *entries = memory;
    *cgroups = (struct flow_cgroups){.entries = entries,
                                     .heads = (uint32_t *)(void *)(entries + room),
                                     .room = room,
                                     .head_mask = heads_for(room) - 1,
                                     .seed = seed};
    bytes_zero(cgroups->heads, heads_bytes(room));
}

/* The finalizer of MurmurHash3 (64 bits), chained over the bytes of the path. */
static uint32_t hash_of(const struct flow_cgroups *cgroups, const char *path, size_t length)
{
    uint64_t hash = cgroups->seed;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)path[i]) * 0xff51afd7ed558ccdULL;
        hash ^= hash >> 33;
    }
    hash *= 0xc4ceb9fe1a85ec53ULL;
    return (uint32_t)(hash >> 32);
}

static bool is_path(const struct flow_cgroup *cgroup, const char *path, size_t length)
{
    return bytes_equal(cgroup->path, path, length) && cgroup->path[length] == '\0';
}

/* An entry that is not in use; 0: there is none. */
static uint32_t vacant(struct flow_cgroups *cgroups)
{
    uint32_t number = cgroups->free;
    if (number != 0)
        cgroups->free = cgroups->entries[number - 1].next;
    else if (cgroups->used < cgroups->room)
        number = ++cgroups->used;
    return number;
}

uint16_t cgroups_take(struct flow_cgroups *cgroups, const char path[SOCKET_CGROUP_SIZE])
{
    size_t length = text_length(path, SOCKET_CGROUP_SIZE - 1);
    uint32_t *head = &cgroups->heads[hash_of(cgroups, path, length) & cgroups->head_mask];
    unsigned passed = 0;
    for (uint32_t at = *head; at != 0; at = cgroups->entries[at - 1].next, passed++) {
        if (!is_path(&cgroups->entries[at - 1], path, length))
            continue;
        cgroups->entries[at - 1].flows++;
        return (uint16_t)at;
    }
    uint32_t number = passed < FLOW_CHAIN_MAX ? vacant(cgroups) : 0;
    if (number == 0)
        return 0;
    struct flow_cgroup *cgroup = &cgroups->entries[number - 1];
    cgroup->flows = 1;
    cgroup->next = *head;
    bytes_copy(cgroup->path, path, length);
    cgroup->path[length] = '\0';
    *head = number;
    return (uint16_t)number;
}

void cgroups_release(struct flow_cgroups *cgroups, uint16_t number)
{
    if (number == 0 || --cgroups->entries[number - 1].flows > 0)
        return;
    struct flow_cgroup *cgroup = &cgroups->entries[number - 1];
    size_t length = text_length(cgroup->path, SOCKET_CGROUP_SIZE - 1);
    uint32_t *cell = &cgroups->heads[hash_of(cgroups, cgroup->path, length) & cgroups->head_mask];
    while (*cell != number)
        cell = &cgroups->entries[*cell - 1].next;
    *cell = cgroup->next;
    cgroup->next = cgroups->free;
    cgroups->free = number;
}

const char *cgroups_path(const struct flow_cgroups *cgroups, uint16_t number)
{
    return number == 0 ? "" : cgroups->entries[number - 1].path;
}
