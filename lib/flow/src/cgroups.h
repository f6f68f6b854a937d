/* Paths of cgroups, kept once for all flows in them and for as long as there are any. */
#ifndef FLOW_CGROUPS_H
#define FLOW_CGROUPS_H

#include "flow/table.h"

/* Bytes for `room` paths, a multiple of 8. */
size_t cgroups_bytes(uint32_t room);

/* None yet, in `memory`: cgroups_bytes of it, aligned to 8. */
void cgroups_init(struct flow_cgroups *cgroups, void *memory, uint32_t room, uint64_t seed);

/* The number of a path, for one flow more; 0: no room. A path ends at its NUL or its room. */
MUST_CHECK uint16_t cgroups_take(struct flow_cgroups *cgroups, const char path[SOCKET_CGROUP_SIZE]);

/* One flow less; of 0, nothing. */
void cgroups_release(struct flow_cgroups *cgroups, uint16_t number);

/* The path, NUL-terminated; of 0, "". */
const char *cgroups_path(const struct flow_cgroups *cgroups, uint16_t number);

#endif
