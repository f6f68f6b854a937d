#include "suite.h"

#include <stdlib.h>

void refuses(void (*function)(void), const char *words)
{
    size_t before = strlen(fake_log());
    unsigned status = 0;

    ck_assert_msg(fake_ends(function, &status), "not refused: %s", words);
    const char *line = fake_log() + before;
    ck_assert_uint_eq(status, 2);
    ck_assert_msg(strncmp(line, "tdxemu: error: ", 15) == 0, "%s", line);
    ck_assert_msg(strchr(line, '\n') == line + strlen(line) - 1, "%s", line);
    ck_assert_msg(strstr(line, words) != NULL, "%s instead of %s", line, words);
}

int main(void)
{
    SRunner *runner = srunner_create(tdxemu_suite());

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
