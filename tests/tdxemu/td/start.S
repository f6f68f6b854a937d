/*
 * The start of a small TD: reset vector, TDVF metadata, the way to 64-bit mode, TDCALL.
 */
#include "abi/tdvf.h"

#define TEMPMEM_BASE 0x800000
#define TEMPMEM_SIZE 0x80000

    .section .reset.vector, "ax"
    .code32
    .globl reset_vector
reset_vector:
    jmp reset32

    .section .reset.metadata, "a"
    .byte 0xf3, 0xf9, 0xea, 0xe9, 0x8e, 0x16, 0xd5, 0x44, 0xa8, 0xeb, 0x7f, 0x4d, 0x87, 0x38, 0xf6, 0xae
descriptor:
    .long TDVF_SIGNATURE, 16 + 2 * 32, TDVF_VERSION, 2
    .long 0, 0x10000
    .quad 0xffff0000, 0x10000
    .long TDVF_SECTION_BFV, TDVF_ATTRIBUTE_MR_EXTEND
    .long 0, 0
    .quad TEMPMEM_BASE, TEMPMEM_SIZE
    .long TDVF_SECTION_TEMPMEM, 0
    .org 0xe0 - 18 - 22
    .long 0x100 - (descriptor - metadata_start)
    .word 22
    .byte 0x35, 0x65, 0x7a, 0xe4, 0x4a, 0x98, 0x98, 0x47, 0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2
    .word 18 + 22
    .byte 0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45, 0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d
    .set metadata_start, descriptor - 16

    .section .reset.text, "ax"
    .code32
reset32:
    cli
    lgdt reset_gdt_pointer
    ljmp $0x08, $1f
1:  movw $0x10, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    cld
    movl $ROM_BASE, %esi
    movl $image_start, %edi
    movl $image_end, %ecx
    subl %edi, %ecx
    rep movsb
    movl $pdpt + 3, pml4
    movl $pd + 3, pdpt
    movl $pd, %edi
    movl $0x83, %eax
    movl $512, %ecx
2:  movl %eax, (%edi)
    movl $0, 4(%edi)
    addl $0x200000, %eax
    addl $8, %edi
    loop 2b
    movl $pd3 + 3, pdpt + 3 * 8
    movl $pd3, %edi
    movl $0xc0000083, %eax
    movl $512, %ecx
3:  movl %eax, (%edi)
    movl $0, 4(%edi)
    addl $0x200000, %eax
    addl $8, %edi
    loop 3b
    /* linear 512 GiB + x: shared GPA x, for x below 4 GiB */
    movl $pdpt2 + 3, pml4 + 8
    movl $pdpt2, %edi
    xorl %eax, %eax
    movl $4, %ecx
4:  movl %eax, %edx
    orl $0x83, %edx
    movl %edx, (%edi)
    movl $0x8000, 4(%edi)
    addl $0x40000000, %eax
    addl $8, %edi
    loop 4b
    movl $0x668, %eax /* OSXMMEXCPT OSFXSR MCE PAE DE */
    movl %eax, %cr4
    movl $pml4, %eax
    movl %eax, %cr3
    movl $0x80010033, %eax
    movl %eax, %cr0
    ljmp $0x18, $start64

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
    movq $stack_end, %rsp
    call td_main
1:  jmp 1b

/* void tdcall(uint64_t gpr[16]): all registers but RSP in and out, in the order of encoding. */
    .globl tdcall
tdcall:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rdi
    movq 0(%rdi), %rax
    movq 8(%rdi), %rcx
    movq 16(%rdi), %rdx
    movq 24(%rdi), %rbx
    movq 40(%rdi), %rbp
    movq 48(%rdi), %rsi
    movq 64(%rdi), %r8
    movq 72(%rdi), %r9
    movq 80(%rdi), %r10
    movq 88(%rdi), %r11
    movq 96(%rdi), %r12
    movq 104(%rdi), %r13
    movq 112(%rdi), %r14
    movq 120(%rdi), %r15
    movq 56(%rdi), %rdi
    .byte 0x66, 0x0f, 0x01, 0xcc
    pushq %rdi
    movq 8(%rsp), %rdi
    popq 56(%rdi)
    movq %rax, 0(%rdi)
    movq %rcx, 8(%rdi)
    movq %rdx, 16(%rdi)
    movq %rbx, 24(%rdi)
    movq %rbp, 40(%rdi)
    movq %rsi, 48(%rdi)
    movq %r8, 64(%rdi)
    movq %r9, 72(%rdi)
    movq %r10, 80(%rdi)
    movq %r11, 88(%rdi)
    movq %r12, 96(%rdi)
    movq %r13, 104(%rdi)
    movq %r14, 112(%rdi)
    movq %r15, 120(%rdi)
    popq %rdi
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

/* One stub a vector, 16 bytes apart; an error code is dropped. */
    .balign 16
    .globl stubs
stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if (vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17)
    addq $8, %rsp
    .endif
    pushq $vector
    jmp common
    .set vector, vector + 1
    .endr
common:
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rbx
    pushq %rbp
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    movq 88(%rsp), %rdi
    leaq 96(%rsp), %rsi
    cld
    call interrupt
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rbp
    popq %rbx
    popq %rdx
    popq %rcx
    popq %rax
    addq $8, %rsp
    iretq

    .bss
    .balign 4096
    .globl pml4
pml4: .skip 4096
pdpt: .skip 4096
pdpt2: .skip 4096
pd: .skip 4096
pd3: .skip 4096
    .skip 32768
stack_end:

    .section .note.GNU-stack, "", @progbits
