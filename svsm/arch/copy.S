/*
 * bool copy_guarded(void *to, const void *from, size_t length)
 * bool cpuid_guarded(uint32_t leaf, uint32_t subleaf, struct cpuid *out)
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

    .globl cpuid_guarded
cpuid_guarded:
    push %rbx
    mov %rdx, %r8
    mov %edi, %eax
    mov %esi, %ecx
4:  cpuid
    mov %eax, 0(%r8)
    mov %ebx, 4(%r8)
    mov %ecx, 8(%r8)
    mov %edx, 12(%r8)
    mov $1, %eax
    pop %rbx
    ret
5:  xor %eax, %eax
    pop %rbx
    ret

    .section .fixups, "a", @progbits
    .quad 1b, 3b
    .quad 2b, 3b
    .quad 4b, 5b

    .section .note.GNU-stack, "", @progbits
