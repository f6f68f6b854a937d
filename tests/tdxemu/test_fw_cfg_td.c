#include "suite.h"

Suite *tdxemu_suite(void)
{
    return suite_create("x");
}
