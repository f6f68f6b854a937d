/* First 64-bit code: segments that stay when the image is no longer mapped, a stack, and into C. */
    .section .text.entry, "ax", @progbits
    .globl svsm_entry
svsm_entry:
    lgdt gdt_pointer
    mov $0x10, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $boot_stack_end, %esp
    xor %ebp, %ebp
    call svsm_main
    ud2

    .section .rodata
    .balign 8
gdt:                                /* "accessed" is set: the processor has nothing to write */
    .quad 0
    .quad 0x00af9b000000ffff
    .quad 0x00cf93000000ffff
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .quad gdt

    .section .bss.boot, "aw", @nobits
    .balign 4096
    .globl boot_pml4, boot_pdpt, boot_pd
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 4096
boot_pd:
    .skip 4 * 4096
    .skip 4096                      /* left unmapped later: a stack that overflows faults here */
    .globl boot_stack_guard
    .set boot_stack_guard, . - 4096
    .skip 32768
    .globl boot_stack_end
boot_stack_end:

    .section .note.GNU-stack, "", @progbits
