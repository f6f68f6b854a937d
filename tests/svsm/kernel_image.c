#include "kernel_image.h"

#include <string.h>

#include "loader/boot_params.h"

void kernel_image_put(struct kernel_image *image, unsigned offset, uint64_t value, unsigned size)
{
    memcpy(image->setup + offset, &value, size);
}

void kernel_image_make(struct kernel_image *image)
{
    memset(image, 0, sizeof *image);
    memset(image->setup, 0xc3, sizeof image->setup); /* what must not be used shows */
    for (unsigned i = 0; i < KERNEL_SIZE; i++)
        image->kernel[i] = (unsigned char)(i * 11 + i / 253);
    image->setup_size = KERNEL_SETUP;
    image->kernel_size = KERNEL_SIZE;
    kernel_image_put(image, BP_SETUP_SECTS, 3, 1);
    kernel_image_put(image, BP_SYSSIZE, KERNEL_SYSSIZE / 16, 4);
    kernel_image_put(image, BP_BOOT_FLAG, BP_BOOT_FLAG_VALUE, 2);
    kernel_image_put(image, BP_JUMP_LENGTH, 0x6a, 1);
    kernel_image_put(image, BP_HEADER_MAGIC, BP_MAGIC_VALUE, 4);
    kernel_image_put(image, BP_VERSION, 0x20f, 2);
    kernel_image_put(image, BP_LOADFLAGS, BP_LOADED_HIGH | BP_CAN_USE_HEAP, 1);
    kernel_image_put(image, BP_INITRD_ADDR_MAX, 0x7fffffff, 4);
    kernel_image_put(image, BP_KERNEL_ALIGNMENT, 0x200000, 4);
    kernel_image_put(image, BP_RELOCATABLE_KERNEL, 1, 1);
    kernel_image_put(image, BP_XLOADFLAGS, 0x7f, 2);
    kernel_image_put(image, BP_CMDLINE_SIZE, 2047, 4);
    kernel_image_put(image, BP_SETUP_DATA, 0x123456, 8);
    kernel_image_put(image, BP_PREF_ADDRESS, 0x1000000, 8);
    kernel_image_put(image, BP_INIT_SIZE, KERNEL_INIT, 4);
}
