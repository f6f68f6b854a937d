/*
 * From the reset vector to boot_main() in long mode.
 *
 * Real mode, CS base 0xFFFF0000 (SDM 3A, 9.1.4); the machine's RAM at 0x7E000000 is there from the
 * start. One GiB pages map the first 512 GiB; boot/memory.c maps the rest.
 */
#define CR0_LONG_MODE 0x80010033 /* PG WP NE ET MP PE */
#define CR4_LONG_MODE 0x000406f0 /* OSXSAVE OSXMMEXCPT OSFXSR PGE MCE PAE PSE */
#define MSR_EFER      0xc0000080
#define EFER_BITS     0x00001901 /* SVME NXE LME SCE */
#define CODE32        0x08
#define DATA          0x10
#define CODE64        0x18

    .section .reset.vector, "ax"
    .code16
    .globl reset_vector
reset_vector:
    jmp reset16

    .section .reset.text, "ax"
    .code16
reset16:
    cli
    lgdtl %cs:(reset_gdt_pointer - 0xffff0000)
    movl $0x11, %eax
    movl %eax, %cr0
    ljmpl $CODE32, $reset32

    .code32
reset32:
    movw $DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    cld
    movl $ROM_BASE, %esi
    movl $image_start, %edi
    movl $image_end, %ecx
    subl %edi, %ecx
    rep movsb
    movl $bss_end, %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    rep stosb

    movl $boot_pdpt + 7, boot_pml4
    movl $boot_pdpt, %edi
    movl $0x183, %eax /* global, 1 GiB, writable, present */
    xorl %edx, %edx
    movl $512, %ecx
1:  movl %eax, (%edi)
    movl %edx, 4(%edi)
    addl $0x40000000, %eax
    adcl $0, %edx
    addl $8, %edi
    loop 1b

    movl $CR4_LONG_MODE, %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_BITS, %eax
    xorl %edx, %edx
    wrmsr
    movl $CR0_LONG_MODE, %eax
    movl %eax, %cr0
    ljmpl $CODE64, $start64

    .balign 8
reset_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
    .quad 0x00af9b000000ffff
reset_gdt_pointer:
    .word 31
    .long reset_gdt

    .text
    .code64
start64:
    lgdt gdt_pointer(%rip)
    movl $boot_stack_end, %esp
    xorl %ebp, %ebp
    call boot_main
1:  cli
    hlt
    jmp 1b

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0
    .quad 0x00cf93000000ffff
    .quad 0x00af9b000000ffff
gdt_pointer:
    .word 31
    .quad gdt

    .bss
    .balign 4096
    .globl boot_pml4
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 4096
    .skip 32768
boot_stack_end:

    .section .note.GNU-stack, "", @progbits
