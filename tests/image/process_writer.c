#include "process_writer.h"

#include <string.h>

static void fill_task(struct guest_kernel *kernel, uint64_t task, uint32_t pid, const char *comm)
{
    const struct kernel_members *m = &kernel->types->at;
    guest_put_u32(kernel->image, task + m->task_tgid, pid);
    guest_put(kernel->image, task + m->task_comm, comm, strlen(comm) + 1);
}

void process_write_init(struct guest_kernel *kernel)
{
    kernel->init_task = kernel_variable(kernel, "init_task", kernel->types->task_size);
    uint64_t node = kernel->init_task + kernel->types->at.task_tasks;
    guest_put_u64(kernel->image, node, node);
    guest_put_u64(kernel->image, node + 8, node);
    fill_task(kernel, kernel->init_task, 0, "swapper/0");
}

uint64_t process_write_thread(struct guest_kernel *kernel, uint32_t pid, const char *comm)
{
    struct guest_image *image = kernel->image;
    uint32_t tasks = kernel->types->at.task_tasks;
    uint64_t head = kernel->init_task + tasks;
    uint64_t task = guest_heap(image, kernel->types->task_size, 64);
    uint64_t last = guest_get_u64(image, head + 8);
    guest_put_u64(image, task + tasks, head);
    guest_put_u64(image, task + tasks + 8, last);
    guest_put_u64(image, last, task + tasks);
    guest_put_u64(image, head + 8, task + tasks);
    fill_task(kernel, task, pid, comm);
    return task;
}

uint64_t process_write(struct guest_kernel *kernel, uint32_t pid, const char *comm)
{
    const struct kernel_members *m = &kernel->types->at;
    struct guest_image *image = kernel->image;
    uint64_t task = process_write_thread(kernel, pid, comm);
    uint64_t files = guest_heap(image, kernel->types->files_size, 64);
    uint64_t table = guest_heap(image, kernel->types->fdtable_size, 64);
    uint64_t array = guest_heap(image, (uint64_t)8 * GUEST_FDS, 64);
    guest_put_u64(image, task + m->task_files, files);
    guest_put_u64(image, files + m->files_fdt, table);
    guest_put_u32(image, table + m->fdtable_max_fds, GUEST_FDS);
    guest_put_u64(image, table + m->fdtable_fd, array);
    return task;
}

uint64_t process_file(struct guest_kernel *kernel)
{
    return guest_heap(kernel->image, 232, 8);
}

uint64_t process_fdtable(const struct guest_kernel *kernel, uint64_t task)
{
    const struct kernel_members *m = &kernel->types->at;
    uint64_t files = guest_get_u64(kernel->image, task + m->task_files);
    return guest_get_u64(kernel->image, files + m->files_fdt);
}

void process_open(struct guest_kernel *kernel, uint64_t task, uint32_t fd, uint64_t file)
{
    uint64_t table = process_fdtable(kernel, task);
    uint64_t array = guest_get_u64(kernel->image, table + kernel->types->at.fdtable_fd);
    guest_put_u64(kernel->image, array + (uint64_t)8 * fd, file);
}

uint64_t process_cgroup(struct guest_kernel *kernel, uint64_t parent, const char *name)
{
    const struct kernel_members *m = &kernel->types->at;
    struct guest_image *image = kernel->image;
    uint64_t cgroup = guest_heap(image, kernel->types->cgroup_size, 64);
    uint64_t node = guest_heap(image, kernel->types->kernfs_size, 8);
    guest_put_u64(image, cgroup + m->cgroup_kn, node);
    guest_put_u64(image, node + m->kernfs_name, kernel_text(kernel, name));
    if (parent != 0)
        guest_put_u64(image, node + m->kernfs_parent, guest_get_u64(image, parent + m->cgroup_kn));
    return cgroup;
}
