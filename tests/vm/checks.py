# SPDX-License-Identifier: Apache-2.0
"""Named claims: each prints `ok NAME` or `not ok NAME: why`; the scenario's status says whether all held."""
import contextlib, time

from patience import patience


class Checks:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def ok(self, name, holds, why=""):
        """why: what is said when it does not hold; a function, if it takes the guest's time to say."""
        if holds:
            self.passed += 1
            print(f"ok {name}", flush=True)
        else:
            self.failed += 1
            print(f"not ok {name}: {str(why() if callable(why) else why).strip()[-1500:]}", flush=True)
        return bool(holds)

    def equal(self, name, got, expected, why=""):
        return self.ok(name, got == expected, f"{got!r}, expected {expected!r} {why}")

    @contextlib.contextmanager
    def part(self, name):
        """A part of a scenario: what breaks in it is one failed claim and the next part goes on."""
        start = time.monotonic()
        try:
            yield
        except Exception as e:  # noqa: BLE001: a broken harness step must not hide the parts after it
            self.ok(name, False, f"{type(e).__name__}: {e}")
        print(f"# {name}: {time.monotonic() - start:.0f} s", flush=True)

    def status(self):
        return 1 if self.failed or not self.passed else 0


def eventually(test, timeout=10, step=0.2):
    """Repeats test() until it is true; its last value."""
    end = time.monotonic() + patience(timeout)
    while True:
        v = test()
        if v or time.monotonic() > end:
            return v
        time.sleep(step)
