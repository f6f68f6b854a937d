"""One line a test, as scripts/check reads them."""
import unittest


class Tap(unittest.TextTestResult):
    """`ok NAME` or `not ok NAME`."""

    def stopTest(self, test):
        bad = {id(case) for case, _ in self.failures + self.errors}
        bad |= {id(case.test_case) for case, _ in self.failures + self.errors
                if hasattr(case, "test_case")}
        print("not ok" if id(test) in bad else "ok", test.id().split(".", 1)[1], flush=True)
        super().stopTest(test)
