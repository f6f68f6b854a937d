/* Writes TD images with TDVF metadata, right or wrong ones, for the tests of host/tdvf.h. */
#ifndef TESTS_TDXEMU_TDVF_WRITER_H
#define TESTS_TDXEMU_TDVF_WRITER_H

#include <stdint.h>

#include "abi/tdvf.h"

#define TDVF_IMAGE    0x10000U
#define TDVF_METADATA 0x800U /* of the descriptor, from the image's end */

/* An image of TDVF_IMAGE bytes whose byte at n is a hash of n, but for its metadata. */
struct tdvf_image {
    unsigned char bytes[TDVF_IMAGE];
    uint32_t offset; /* that the table tells */
    struct tdvf_descriptor descriptor;
    struct tdvf_section sections[17];
};

/*
 * A good one: the image itself as BFV, 64 KiB of TempMem at 8 MiB, a TD HOB at 9 MiB, a page of
 * PermMem at 10 MiB that is to be accepted later.
 */
void tdvf_image_make(struct tdvf_image *image);

/* Appends a section and keeps the descriptor's counts in step. */
void tdvf_image_add(struct tdvf_image *image, uint32_t type, uint64_t gpa, uint64_t size);

/* Puts table and metadata into the bytes; offsets at or behind the image's size are not followed.
 */
void tdvf_image_write(struct tdvf_image *image);

/* Where in the bytes the table's footer and its entry for the metadata end. */
#define TDVF_FOOTER_END (TDVF_IMAGE - TDVF_TABLE_END)
#define TDVF_ENTRY_END  (TDVF_FOOTER_END - 18)

#endif
