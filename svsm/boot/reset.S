/*
 * The first instructions of the TD: from the reset state of a TD vCPU (32-bit protected mode, flat,
 * paging off, EFER.LME set; abi/tdx_tdcall.h) to 64-bit code at the address svsm is linked for.
 *
 * The image is measured where it ends at 4 GiB; it is copied once into the temporary memory that
 * the metadata asks for, because 64-bit code there reaches its data with 32-bit displacements.
 */
#include "abi/x86.h"
#include "abi/x86_paging.h"

#define CODE64 0x08
#define DATA   0x10

    .section .reset, "ax", @progbits
    .code32
reset:
    test %esi, %esi                 /* RSI: index of the vCPU; one is used */
    jnz park
    cld
    mov $image_start, %esi
    mov $svsm_start, %edi
    mov $image_bytes, %ecx
    rep movsb
    mov $1f, %ebp                   /* return address: there is no stack yet */
    jmp map_identity
1:
    mov %cr4, %eax
    or $(X86_CR4_PAE), %eax
    mov %eax, %cr4
    mov $boot_pml4, %eax
    mov %eax, %cr3
    lgdt gdt_pointer
    mov %cr0, %eax
    or $(X86_CR0_PG | X86_CR0_WP), %eax
    mov %eax, %cr0
    ljmp $CODE64, $svsm_entry

/* 4 GiB in leaves of 2 MiB; good until paging_start has built what stays. */
map_identity:
    movl $(boot_pdpt + 3), boot_pml4
    mov $(boot_pd + 3), %eax
    mov $boot_pdpt, %edi
    mov $4, %ecx
1:  mov %eax, (%edi)
    add $X86_PAGE_SIZE, %eax
    add $8, %edi
    loop 1b
    mov $0x83, %eax
    mov $boot_pd, %edi
    mov $(4 * X86_TABLE_ENTRIES), %ecx
2:  mov %eax, (%edi)
    add $0x200000, %eax
    add $8, %edi
    loop 2b
    jmp *%ebp

park:
    pause
    jmp park

    .balign 8
gdt:
    .quad 0
    .quad 0x00af9b000000ffff
    .quad 0x00cf93000000ffff
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt

    .section .reset_vector, "ax", @progbits
    .code32
    jmp reset
    .balign 16, 0x90

    .section .note.GNU-stack, "", @progbits
