/* kernel/src/vmcoreinfo.h: any page. */
#include "fuzz.h"
#include "vmcoreinfo.h"

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char page[VMCOREINFO_PAGE] = {0};
    struct vmcoreinfo info = {.stext = 7};
    struct evidence evidence = {NULL, 0};
    memcpy(page, data, size < sizeof page ? size : sizeof page);
    bool begins = vmcoreinfo_begins(page);
    enum status status = vmcoreinfo_parse(page, &info, &evidence);
    if (status == STATUS_OK) {
        FUZZ_CHECK(begins && evidence.what == NULL);
        FUZZ_CHECK(memchr(info.release, 0, sizeof info.release) != NULL);
    } else {
        FUZZ_CHECK(info.stext == 7 && evidence.what != NULL);
    }
    return 0;
}
