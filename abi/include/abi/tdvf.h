/*
 * TDVF metadata: how a TD image tells the host what to add where, and in which order.
 *
 * Source: edk2 OvmfPkg/ResetVector (OvmfPkg/ResetVector/X64/OvmfSevMetadata and IntelTdxMetadata),
 * QEMU hw/i386/tdvf.c; Intel, TDX Virtual Firmware Design Guide. The GUIDed table ends 32 bytes
 * before the end of the image, which is mapped to end at 4 GiB.
 */
#ifndef ABI_TDVF_H
#define ABI_TDVF_H

#define TDVF_SIGNATURE 0x46564454 /* "TDVF" */
#define TDVF_VERSION   1

#define TDVF_SECTION_BFV     0
#define TDVF_SECTION_CFV     1
#define TDVF_SECTION_TD_HOB  2
#define TDVF_SECTION_TEMPMEM 3
#define TDVF_SECTION_PERMMEM 4

#define TDVF_ATTRIBUTE_MR_EXTEND 1
#define TDVF_ATTRIBUTE_PAGE_AUG  2

/* The table's footer is { u16 length of the table, GUID } and ends here before the image's end. */
#define TDVF_TABLE_END 32

#ifndef __ASSEMBLER__
#include <stdint.h>

/* 96b582de-1fb2-45f7-baea-a366c55a082d, e47a6535-984a-4798-865e-4685a7bf8ec2,
 * e9eaf9f3-168e-44d5-a8eb-7f4d8738f6ae, in the byte order of a GUID in memory. */
#define TDVF_GUID_FOOTER                                                                           \
    {                                                                                              \
        0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45, 0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08,  \
            0x2d                                                                                   \
    }
#define TDVF_GUID_METADATA_OFFSET                                                                  \
    {                                                                                              \
        0x35, 0x65, 0x7a, 0xe4, 0x4a, 0x98, 0x98, 0x47, 0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e,  \
            0xc2                                                                                   \
    }
#define TDVF_GUID_METADATA                                                                         \
    {                                                                                              \
        0xf3, 0xf9, 0xea, 0xe9, 0x8e, 0x16, 0xd5, 0x44, 0xa8, 0xeb, 0x7f, 0x4d, 0x87, 0x38, 0xf6,  \
            0xae                                                                                   \
    }

struct tdvf_descriptor {
    uint32_t signature;
    uint32_t length; /* of this and the sections */
    uint32_t version;
    uint32_t sections;
};

struct tdvf_section {
    uint32_t data_offset; /* in the image */
    uint32_t data_size;
    uint64_t gpa;
    uint64_t memory_size; /* at least data_size; the rest is zero */
    uint32_t type;
    uint32_t attributes;
};

_Static_assert(sizeof(struct tdvf_descriptor) == 16, "QEMU hw/i386/tdvf.c");
_Static_assert(sizeof(struct tdvf_section) == 32, "QEMU hw/i386/tdvf.c");
#endif

#endif
