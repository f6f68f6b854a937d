#include "workspace.h"

#include <stdlib.h>

#include "policy.h"

bool workspace_init(struct workspace *workspace)
{
    *workspace = (struct workspace){
        .tcp = {.namespace_room = TCP_NAMESPACES_MAX, .chain_room = POLICY_CHAIN}};
    workspace->kernel = malloc(kernel_workspace_size());
    workspace->tcp.namespaces = calloc(TCP_NAMESPACES_MAX, sizeof *workspace->tcp.namespaces);
    workspace->tcp.chain = calloc(POLICY_CHAIN, sizeof *workspace->tcp.chain);
    return workspace->kernel != NULL && workspace->tcp.namespaces != NULL &&
           workspace->tcp.chain != NULL;
}

void workspace_free(struct workspace *workspace)
{
    free(workspace->kernel);
    free(workspace->tcp.namespaces);
    free(workspace->tcp.chain);
    free(workspace->owners.entries);
}

enum status workspace_index_owners(struct workspace *workspace, const struct kernel_layout *layout,
                                   uint64_t units)
{
    struct tcp_owners *owners = &workspace->owners;
    enum status status = STATUS_FULL;

    for (size_t room = POLICY_OWNERS_FIRST; status == STATUS_FULL && room <= POLICY_OWNERS_LAST;
         room *= 2) {
        struct budget budget = budget_of(units);

        free(owners->entries);
        *owners =
            (struct tcp_owners){.entries = malloc(room * sizeof *owners->entries), .room = room};
        if (owners->entries == NULL)
            break;
        status = tcp_owners_build(layout, &budget, owners);
    }
    return status;
}
