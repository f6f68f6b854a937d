/*
 * TDVF metadata of the image (abi/tdvf.h): what the host adds before the TD starts, and measures.
 */
#include "abi/tdvf.h"

    .section .metadata, "a", @progbits
    .balign 16
    .byte 0xf3, 0xf9, 0xea, 0xe9, 0x8e, 0x16, 0xd5, 0x44 /* e9eaf9f3-168e-44d5-a8eb-7f4d8738f6ae */
    .byte 0xa8, 0xeb, 0x7f, 0x4d, 0x87, 0x38, 0xf6, 0xae
    .globl tdvf_descriptor
tdvf_descriptor:
    .long TDVF_SIGNATURE
    .long descriptor_end - tdvf_descriptor
    .long TDVF_VERSION
    .long 2
    /* The image itself, measured. */
    .long 0
    .long image_size
    .quad image_start
    .quad image_size
    .long TDVF_SECTION_BFV
    .long TDVF_ATTRIBUTE_MR_EXTEND
    /* Where it runs: zero pages. */
    .long 0
    .long 0
    .quad svsm_start
    .quad svsm_size
    .long TDVF_SECTION_TEMPMEM
    .long 0
descriptor_end:

    /* The GUIDed table, read downwards from its footer, 32 bytes before the end of the image. */
    .section .guid_table, "a", @progbits
table:
    .long metadata_offset           /* of the descriptor, from the end of the image */
    .word entry_end - table
    .byte 0x35, 0x65, 0x7a, 0xe4, 0x4a, 0x98, 0x98, 0x47 /* e47a6535-984a-4798-865e-4685a7bf8ec2 */
    .byte 0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2
entry_end:
    .word table_end - table
    .byte 0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45 /* 96b582de-1fb2-45f7-baea-a366c55a082d */
    .byte 0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d
table_end:

    .section .note.GNU-stack, "", @progbits
