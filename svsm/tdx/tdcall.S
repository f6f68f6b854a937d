/* tdcall.h says what these do. RBP is not kept by TDG.VP.ENTER, so no frame pointer is. */
#include "abi/tdx_tdcall.h"

#define TDCALL .byte 0x66, 0x0f, 0x01, 0xcc

.macro save
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
.endm

.macro restore
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
.endm

.macro registers name, shadow
    .text
    .globl \name
\name:
    save
    push %rdi
    mov %rdi, %rbp
    mov 0x00(%rbp), %rax
    mov 0x08(%rbp), %rcx
    mov 0x10(%rbp), %rdx
    mov 0x18(%rbp), %rbx
    mov 0x20(%rbp), %rsi
    mov 0x28(%rbp), %rdi
    mov 0x30(%rbp), %r8
    mov 0x38(%rbp), %r9
    mov 0x40(%rbp), %r10
    mov 0x48(%rbp), %r11
    mov 0x50(%rbp), %r12
    mov 0x58(%rbp), %r13
    mov 0x60(%rbp), %r14
    mov 0x68(%rbp), %r15
    \shadow
    TDCALL
    pop %rbp
    mov %rax, 0x00(%rbp)
    mov %rcx, 0x08(%rbp)
    mov %rdx, 0x10(%rbp)
    mov %rbx, 0x18(%rbp)
    mov %rsi, 0x20(%rbp)
    mov %rdi, 0x28(%rbp)
    mov %r8, 0x30(%rbp)
    mov %r9, 0x38(%rbp)
    mov %r10, 0x40(%rbp)
    mov %r11, 0x48(%rbp)
    mov %r12, 0x50(%rbp)
    mov %r13, 0x58(%rbp)
    mov %r14, 0x60(%rbp)
    mov %r15, 0x68(%rbp)
    restore
    ret
.endm

    registers tdcall,
    registers tdcall_sti, sti

    .globl tdcall_vp_enter
tdcall_vp_enter:
    save
    push %rdx
    mov %rdi, %rcx
    mov %rsi, %rdx
    mov $TDG_VP_ENTER, %eax
    TDCALL
    pop %rbp
    mov %rax, 0x00(%rbp)
    mov %rcx, 0x08(%rbp)
    mov %rdx, 0x10(%rbp)
    mov %rsi, 0x18(%rbp)
    mov %rdi, 0x20(%rbp)
    mov %r8, 0x28(%rbp)
    mov %r9, 0x30(%rbp)
    mov %r10, 0x38(%rbp)
    mov %r11, 0x40(%rbp)
    mov %r12, 0x48(%rbp)
    mov %r13, 0x50(%rbp)
    restore
    ret

    .section .note.GNU-stack, "", @progbits
