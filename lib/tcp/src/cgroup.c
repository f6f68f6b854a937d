/* Path of a cgroup: the names of its kernfs nodes up to the root (fs/kernfs/dir.c). */
#include "base/bytes.h"
#include "walk.h"

enum {
    DEPTH_MAX = 32,
    NAME_SIZE = 128
};

struct path {
    char text[SOCKET_CGROUP_SIZE];
    size_t start; /* the path is built from its end */
};

static bool prepend(struct path *path, const char *name)
{
    size_t length = text_length(name, NAME_SIZE);
    if (length + 1 > path->start)
        return false;
    path->start -= length;
    bytes_copy(path->text + path->start, name, length);
    path->text[--path->start] = '/';
    return true;
}

/* Prepends the node's name, unless it is the root, and moves to its parent. */
static enum status climb(struct tcp_walk *walk, struct gva *node, struct path *path)
{
    const struct kernel_members *m = &walk->layout->members;
    struct gva parent;
    struct gva at;
    char name[NAME_SIZE];
    enum status status = walk_pointer(walk, gva_add(*node, m->kernfs_parent), &parent);
    if (status == STATUS_OK && parent.v != 0) {
        status = walk_pointer(walk, gva_add(*node, m->kernfs_name), &at);
        if (status == STATUS_OK)
            status = paging_read_text(&walk->layout->space, walk->budget, at, name, sizeof name);
        if (status == STATUS_OK && !prepend(path, name))
            status = STATUS_FULL;
    }
    if (status == STATUS_OK)
        *node = parent;
    return status;
}

static enum status build(struct tcp_walk *walk, struct gva cgroup, struct path *path)
{
    struct gva node;
    path->start = sizeof path->text - 1;
    path->text[path->start] = '\0';
    enum status status =
        walk_pointer(walk, gva_add(cgroup, walk->layout->members.cgroup_kn), &node);
    for (unsigned depth = 0; status == STATUS_OK && node.v != 0; depth++)
        status = depth == DEPTH_MAX ? STATUS_MALFORMED : climb(walk, &node, path);
    if (status == STATUS_OK && path->text[path->start] == '\0')
        status = prepend(path, "") ? STATUS_OK : STATUS_FULL;
    return status;
}

static bool supported(const struct kernel_members *m)
{
    return m->cgroup_kn != KERNEL_ABSENT && m->kernfs_name != KERNEL_ABSENT &&
           m->kernfs_parent != KERNEL_ABSENT;
}

enum status cgroup_name(struct tcp_walk *walk, struct socket_record *record)
{
    uint64_t key = record->cgroup.v;
    struct tcp_cgroup *cached = &walk->workspace->cgroups[key >> 10 & (TCP_CGROUP_CACHE - 1)];
    record->cgroup_path[0] = '\0';
    if (!supported(&walk->layout->members))
        return STATUS_OK;
    if (cached->cgroup.v != key) {
        struct path path;
        enum status status = build(walk, record->cgroup, &path);
        if (status != STATUS_OK)
            return status;
        cached->cgroup = record->cgroup;
        bytes_copy(cached->path, path.text + path.start, sizeof path.text - path.start);
    }
    bytes_copy(record->cgroup_path, cached->path, sizeof record->cgroup_path);
    return STATUS_OK;
}
