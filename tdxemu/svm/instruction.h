/*
 * The first part of an x86 instruction: prefixes and opcode, up to ModRM.
 *
 * Source: Intel SDM volume 2, sections 2.1 to 2.3.
 */
#ifndef SVM_INSTRUCTION_H
#define SVM_INSTRUCTION_H

#include <stdbool.h>

#include "base/cursor.h"
#include "svm/linear_address.h"
#include "svm/opcode_map.h"

enum {
    REX_W = 8,
    REX_R = 4,
    REX_X = 2,
    REX_B = 1,
};

/* What has been read of an instruction. */
struct instruction {
    const struct instruction_context *context;
    struct cursor cursor;
    struct operand_form form;
    enum sreg override; /* SREGS: none */
    bool operand_size;  /* prefix 66 */
    bool address_size;  /* prefix 67 */
    unsigned rex;       /* W R X B, of REX or VEX */
};

/*
 * Reads prefixes and opcode of `context`, which must outlive `in`; the cursor then stands at ModRM
 * or what else follows. False when the bytes end before, or no memory operand of it is known.
 */
MUST_CHECK bool instruction_open(struct instruction *in, const struct instruction_context *context);

/* Reads the next byte; false at the end of the bytes. */
MUST_CHECK bool instruction_byte(struct instruction *in, unsigned *byte);

#endif
