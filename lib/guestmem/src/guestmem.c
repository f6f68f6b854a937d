#include "guestmem/guestmem.h"

enum status guestmem_read(const struct guestmem *memory, struct gpa from, void *to, size_t length)
{
    return memory->read(memory->context, from, to, length) ? STATUS_OK : STATUS_OUTSIDE;
}
