#include "module_suite.h"

#include <stdlib.h>
#include <string.h>

#include "boot/memory.h"

#define SIZE_2M 0x200000U

void *memory_2m(uint64_t bytes)
{
    uint64_t size = (bytes + SIZE_2M - 1) / SIZE_2M * SIZE_2M;
    void *at = aligned_alloc(SIZE_2M, size);
    ck_assert_ptr_nonnull(at);
    return memset(at, 0, size);
}

void *memory_take(uint64_t bytes)
{
    void *at = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    ck_assert_ptr_nonnull(at);
    return memset(at, 0, bytes);
}

void memory_give(uint64_t from, uint64_t to)
{
    ck_assert_uint_le(from, to);
}

int main(void)
{
    SRunner *runner = srunner_create(module_suite());

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
