/* A bzImage in the smallest form that the loader takes, for tests to spoil. */
#ifndef TESTS_SVSM_KERNEL_IMAGE_H
#define TESTS_SVSM_KERNEL_IMAGE_H

#include <stdint.h>

enum {
    KERNEL_SETUP = 2048, /* three sectors after the first */
    KERNEL_SIZE = 100000,
    KERNEL_SYSSIZE = 99984, /* what the header tells: whole paragraphs, then some padding */
    KERNEL_INIT = 0x800000
};

struct kernel_image {
    unsigned char setup[KERNEL_SETUP];
    unsigned char kernel[KERNEL_SIZE];
    uint32_t setup_size;
    uint32_t kernel_size;
    uint32_t initrd_size;
    uint32_t cmdline_size;
};

void kernel_image_make(struct kernel_image *image);
void kernel_image_put(struct kernel_image *image, unsigned offset, uint64_t value, unsigned size);

#endif
