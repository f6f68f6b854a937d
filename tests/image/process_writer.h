/* Writes processes with their descriptor tables, and control groups, into a synthetic kernel. */
#ifndef IMAGE_PROCESS_WRITER_H
#define IMAGE_PROCESS_WRITER_H

#include "kernel_writer.h"

enum {
    GUEST_FDS = 64
};

/* init_task: pid 0, alone in the ring of tasks. */
void process_write_init(struct guest_kernel *kernel);

/* One more process at the end of the ring; address of its task_struct. comm: up to 15 bytes. */
uint64_t process_write(struct guest_kernel *kernel, uint32_t pid, const char *comm);

/* A kernel thread: a task without files. */
uint64_t process_write_thread(struct guest_kernel *kernel, uint32_t pid, const char *comm);

/* An open file; `process_open` makes it descriptor `fd` (below GUEST_FDS) of a process. */
uint64_t process_file(struct guest_kernel *kernel);
void process_open(struct guest_kernel *kernel, uint64_t task, uint32_t fd, uint64_t file);

/* struct fdtable of a process. */
uint64_t process_fdtable(const struct guest_kernel *kernel, uint64_t task);

/* A control group under `parent` (0: the root, which has no name); address of struct cgroup. */
uint64_t process_cgroup(struct guest_kernel *kernel, uint64_t parent, const char *name);

#endif
