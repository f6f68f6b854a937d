#include "loader/hosted.h"

#include <stddef.h>

#include "arch/fatal.h"

static struct {
    unsigned char unused[0x28];
    uint64_t canary;
} fs_block;

_Static_assert(offsetof(__typeof__(fs_block), canary) == 0x28, "psABI of glibc");

/* The compiler's names. NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void __stack_chk_fail(void);
void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

const void *hosted_fs_block(uint64_t random)
{
    fs_block.canary = random & ~0xffULL; /* a zero byte stops copies of text */
    return &fs_block;
}

void __stack_chk_fail(void)
{
    fatal("a stack overflow in libbearssl");
}

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
    if (length > room)
        fatal("a buffer overflow in libbearssl");
    return __builtin_memcpy(to, from, length);
}
