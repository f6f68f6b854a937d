/* What L2 runs, in 64-bit mode with L1's page tables and IDT. */
    .text
    .globl l2_instructions, l2_spin, l2_touch, l2_count, l2_msrs, l2_open
l2_instructions:
    movl $0x1234, %eax
    movl $0x5678, %ecx
    cpuid
    hlt
    movb $0x41, %al
    outb %al, $0x80
    .byte 0x66, 0x0f, 0x01, 0xcc
    wbinvd
    xorl %ecx, %ecx
    xorl %edx, %edx
    movl $1, %eax
    xsetbv
    xsetbv
    movl $0x1b, %ecx
    rdmsr
    vmcall
    movq %cr0, %rax
    movq %rax, %cr0
    hlt

l2_spin:
    incq l2_count(%rip)
    jmp l2_spin

l2_touch: /* RDI: where, RSI: what */
    movq %rsi, 8(%rdi)
    movq 8(%rdi), %rax
    hlt

l2_open: /* interrupts come in after STI */
    sti
    nop
    nop
    hlt

l2_msrs:
    movl $0xc0000082, %ecx /* LSTAR: shared with L1, no exit once L1 lets it through */
    movl $0x11223344, %eax
    xorl %edx, %edx
    wrmsr
    movl $0xc0000080, %ecx
    rdmsr
    hlt

    .data
    .balign 8
l2_count:
    .quad 0

    .section .note.GNU-stack, "", @progbits
