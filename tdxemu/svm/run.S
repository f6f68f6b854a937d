/*
 * void svm_run(uint64_t vmcb_hpa, uint64_t gpr[16], uint64_t shadow);
 *
 * GIF = 0 keeps physical interrupts off until the guest runs; IF = 1 lets them end it
 * (V_INTR_MASKING). RAX and RSP travel in the VMCB. Order of `gpr`: that of instruction encoding.
 *
 * QEMU 7.2 does not load the VMCB's interrupt shadow, but carries that of an STI right before VMRUN
 * into the guest: so that is done when the guest is in a shadow (`shadow` not 0), and only then.
 */
    .text
    .globl svm_run
svm_run:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rsi
    movq %rdi, %rax
    testq %rdx, %rdx
    movq 8(%rsi), %rcx
    movq 16(%rsi), %rdx
    movq 24(%rsi), %rbx
    movq 40(%rsi), %rbp
    movq 56(%rsi), %rdi
    movq 64(%rsi), %r8
    movq 72(%rsi), %r9
    movq 80(%rsi), %r10
    movq 88(%rsi), %r11
    movq 96(%rsi), %r12
    movq 104(%rsi), %r13
    movq 112(%rsi), %r14
    movq 120(%rsi), %r15
    movq 48(%rsi), %rsi
    clgi
    jnz 1f
    sti
    nop
    vmrun %rax
    jmp 2f
1:  sti
    vmrun %rax
2:  cli
    stgi
    pushq %rsi
    movq 8(%rsp), %rsi
    popq 48(%rsi)
    movq %rcx, 8(%rsi)
    movq %rdx, 16(%rsi)
    movq %rbx, 24(%rsi)
    movq %rbp, 40(%rsi)
    movq %rdi, 56(%rsi)
    movq %r8, 64(%rsi)
    movq %r9, 72(%rsi)
    movq %r10, 80(%rsi)
    movq %r11, 88(%rsi)
    movq %r12, 96(%rsi)
    movq %r13, 104(%rsi)
    movq %r14, 112(%rsi)
    movq %r15, 120(%rsi)
    popq %rsi
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    cld
    ret

    .section .note.GNU-stack, "", @progbits
