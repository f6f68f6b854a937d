"""One line a test, `ok NAME` or `not ok NAME`, and what a failed one found."""
import traceback

_failed = []


def verdict(good, name, detail=""):
    print("ok" if good else "not ok", name, flush=True)
    if not good:
        _failed.append(name)
        print("\n".join("#   " + line for line in str(detail).splitlines()), flush=True)


def attempt(name, function, *arguments):
    """Runs a part of the tests; an exception out of it is a failed test."""
    try:
        function(*arguments)
    except Exception:
        verdict(False, f"{name}: runs to its end", traceback.format_exc())


def failures():
    return len(_failed)
