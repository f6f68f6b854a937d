#include "host/fatal.h"

#include "base/bytes.h"
#include "boot/print.h"
#include "host/counters.h"

#define EXIT_TD_ERROR 1U /* QEMU ends with status 3 */

_Noreturn void host_fatal_error(uint64_t code, const uint64_t text[GHCI_FATAL_TEXT / 8])
{
    char line[GHCI_FATAL_TEXT + 1];

    bytes_copy(line, text, GHCI_FATAL_TEXT);
    line[GHCI_FATAL_TEXT] = '\0';
    for (char *c = line; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
    print("tdxemu: td error: %s", line);
    if (code != 0)
        print(" (code 0x%lx)", code);
    print("\n");
    counters_dump();
    machine_exit(EXIT_TD_ERROR);
}
