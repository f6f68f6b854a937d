#include "arch/print.h"

#include "tdx/ghci.h"

enum {
    LINE_SIZE = 256
};

void print_bytes(const char *bytes, size_t length)
{
    /* A host that refuses its debug port loses the text; there is nowhere else to say so. */
    for (size_t i = 0; i < length; i++)
        if (!ghci_io_write(DEBUG_PORT, 1, (unsigned char)bytes[i]))
            return;
}

void print(const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    size_t length = format_text(line, sizeof line, format, arguments);
    va_end(arguments);
    print_bytes(line, length);
}
