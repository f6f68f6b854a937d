#include "arch/fatal.h"

#include "arch/print.h"
#include "tdx/ghci.h"

_Noreturn void fatal(const char *format, ...)
{
    char text[200];
    va_list arguments;

    va_start(arguments, format);
    format_text(text, sizeof text, format, arguments);
    va_end(arguments);
    print("svsm: error: %s\n", text);
    ghci_report_fatal_error(text);
    for (;;)
        ghci_hlt(true);
}
