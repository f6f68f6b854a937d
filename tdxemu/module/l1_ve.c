#include "module/l1_ve.h"

#include "abi/x86.h"

void l1_inject_ve(struct td *td, const struct vm_exit *exit)
{
    if (td->ve.valid) {
        world_exception_error(&td->l1, VECTOR_DF, 0);
        return;
    }
    td->ve = (struct ve_info){true,      exit->reason, exit->qualification, exit->gla,
                              exit->gpa, exit->length, exit->info};
    world_exception(&td->l1, VECTOR_VE);
}
