/* base/cursor.h: any sequence of operations over any bytes. */
#include "base/cursor.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    return 0;
}

static bool numbers(struct cursor *c, unsigned operation)
{
    uint16_t half;
    uint32_t word;
    uint64_t wide;
    switch (operation) {
    case 0:
        return cursor_le16(c, &half);
    case 1:
        return cursor_le32(c, &word);
    default:
        return cursor_le64(c, &wide);
    }
}

static bool borrow(struct cursor *c, uint64_t number)
{
    const unsigned char *bytes = NULL;
    if (!cursor_bytes(c, (size_t)number, &bytes))
        return false;
    FUZZ_CHECK(bytes + number == c->bytes + c->at);
    return true;
}

static bool text(struct cursor *c, char stop)
{
    const char *line;
    size_t length;
    uint64_t value = 7;
    int64_t decimal = 7;
    if (!cursor_text(c, stop, &line, &length))
        return false;
    FUZZ_CHECK(line + length <= (const char *)c->bytes + c->size);
    FUZZ_CHECK(memchr(line, stop, length) == NULL);
    bool parsed = text_to_u64(line, length, 16, 1000, &value);
    FUZZ_CHECK(parsed ? value <= 1000 : value == 7);
    parsed = text_to_i64(line, length, &decimal);
    FUZZ_CHECK(parsed || decimal == 7);
    return true;
}

static bool operate(struct cursor *c, unsigned operation, uint64_t number)
{
    switch (operation % 7) {
    case 3:
        return cursor_seek(c, number);
    case 4:
        return cursor_skip(c, number);
    case 5:
        return borrow(c, number);
    case 6:
        return text(c, (char)number);
    default:
        return numbers(c, operation % 7);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t split = size / 2;
    struct cursor c = cursor_over(data, split);
    for (size_t i = split; i + 1 < size; i += 2) {
        size_t before = c.at;
        /* Small numbers mostly; some at the very end of the range. */
        uint64_t number = data[i + 1] < 250 ? data[i + 1] : (uint64_t)0 - data[i + 1];
        bool moved = operate(&c, data[i], number);
        FUZZ_CHECK(c.at <= c.size && c.size == split);
        FUZZ_CHECK(moved || c.at == before);
        FUZZ_CHECK(cursor_left(&c) == c.size - c.at);
    }
    return 0;
}
