/*
 * bool copy_guarded(void *to, const void *from, size_t length)
 *
 * .fixups pairs the address of an instruction that may fault with the place to go on; trap() in
 * idt.c looks there before it gives up.
 */
    .text
    .globl copy_guarded
copy_guarded:
    mov %rdx, %rcx
    mov %edx, %r8d
    shr $3, %rcx
    and $7, %r8d
1:  rep movsq
    mov %r8d, %ecx
2:  rep movsb
    mov $1, %eax
    ret
3:  xor %eax, %eax
    ret

    .section .fixups, "a", @progbits
    .quad 1b, 3b
    .quad 2b, 3b

    .section .note.GNU-stack, "", @progbits
