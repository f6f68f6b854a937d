/*
 * The TDVF metadata of a TD image: which pages to add, with what in them.
 *
 * Source: abi/tdvf.h. Every field is checked before anything is made of it; an image that breaks a
 * rule is refused in one line (boot/print.h).
 */
#ifndef HOST_TDVF_H
#define HOST_TDVF_H

#include "abi/tdvf.h"
#include "host/fw_cfg.h"

#define TDVF_SECTIONS_MAX 16U

/*
 * Each section is of a known type; its memory is whole pages, without overlap; its data lies in the
 * image and is not larger than its memory; BFV and CFV have data, the others none. At most one
 * section is a TD HOB, one BFV holds the reset vector.
 */
struct tdvf {
    unsigned count;
    struct tdvf_section sections[TDVF_SECTIONS_MAX];
};

/* Reads the metadata of the image in that fw_cfg file. Refuses, and does not return, on any fault.
 */
void tdvf_read(const struct fw_cfg_item *image, struct tdvf *tdvf);

#endif
