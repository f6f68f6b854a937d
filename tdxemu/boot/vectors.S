/*
 * One stub an interrupt vector, 16 bytes apart; and VMRUN with the guest's registers.
 *
 * tdxemu runs with IF = 0; a physical interrupt ends VMRUN or comes in where boot/cpu.h says. An
 * exception of tdxemu itself is fatal, so its error code needs no unstacking.
 */
    .text
    .balign 16
    .globl interrupt_stubs
interrupt_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    pushq $vector
    jmp interrupt_common
    .set vector, vector + 1
    .endr

    .balign 16
interrupt_common:
    cld
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    movq 72(%rsp), %rdi
    leaq 80(%rsp), %rsi
    call interrupt_received
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    addq $8, %rsp
    iretq

    .section .note.GNU-stack, "", @progbits
