/* The code bytes of the hash functions and the resource tree; used by kernel_writer.c. */
#ifndef IMAGE_SYSTEM_WRITER_H
#define IMAGE_SYSTEM_WRITER_H

#include "kernel_writer.h"

/*
 * inet_ehashfn and inet6_ehashfn: other instructions, and among them loads relative to the
 * instruction pointer - of the secrets, and of something else.
 */
void system_write_code(struct guest_kernel *kernel);

/* iomem_resource with "System RAM" over the guest's RAM and, when not 0, from 4 GiB to `above`. */
void system_write_resources(struct guest_kernel *kernel, uint64_t above);

#endif
