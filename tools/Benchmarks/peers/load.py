"""What other processes did to the cores while engines were timed."""

import os
import time


def _busy_seconds():
    """Of all cores since the machine started, or None where the system does not tell."""
    try:
        with open("/proc/stat") as file:
            fields = [int(word) for word in file.readline().split()[1:9]]
    except OSError:
        return None
    # All but the fourth and fifth, which are idle time.
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def _seconds_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        # Behind the name, which may hold spaces; user and system time of all threads.
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class ForeignLoad:
    """How many cores others kept busy within a `with`, on average; None where unknown."""

    def __init__(self, pids):
        self._pids = pids
        self.cores = None

    def _foreign(self):
        busy = _busy_seconds()
        return None if busy is None else busy - sum(map(_seconds_of, self._pids))

    def __enter__(self):
        self._start, self._before = time.monotonic(), self._foreign()
        return self

    def __exit__(self, kind, *_):
        if kind is None and self._before is not None:
            elapsed = time.monotonic() - self._start
            self.cores = max(0.0, self._foreign() - self._before) / elapsed
