#include "module/l2_vmcs.h"

void l2_vmcs_fetch(struct td *td, uint64_t field)
{
    (void)td;
    (void)field;
}

void l2_vmcs_written(struct td *td, uint64_t field)
{
    (void)td;
    (void)field;
}
